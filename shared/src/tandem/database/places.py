"""Values of a statement and the places at which they stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def placed(params: list[Any], values: Sequence[Any]) -> str:
    """Add values to the parameters of a statement; their places, such as `$3, $4`, as they go into `IN (...)`."""
    params += values
    return ", ".join(f"${place}" for place in range(len(params) - len(values) + 1, len(params) + 1))
