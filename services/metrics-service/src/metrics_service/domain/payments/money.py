"""Pounds and pence, without a rounding that loses any."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

PENNY: Final = Decimal("0.01")
MOST: Final = Decimal("1000000000.00")
"""No sum of a network is as large: a larger one is a slip of the pen."""


def instalments(total: Decimal, count: int) -> list[Decimal]:
    """Equal parts in whole pence that add up to the total: the last one takes the rest."""
    each = (total / count).quantize(PENNY, ROUND_DOWN)
    return [each] * (count - 1) + [total - each * (count - 1)]


def pence(amount: Decimal) -> int:
    """The amount as it is kept."""
    return int(amount * 100)


def pounds(kept: int) -> Decimal:
    """The amount that was kept."""
    return Decimal(kept) * PENNY


def amount_of(value: Any) -> Decimal | None:
    """A sum of money: whole pence, more than nothing and less than a billion pounds. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(str(value))
        exact = found.quantize(PENNY)
    except ArithmeticError:
        return None
    return exact if found == exact and 0 < exact < MOST else None
