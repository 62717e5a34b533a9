"""Numbers that records give (http://hl7.org/fhir/R4/datatypes.html#decimal)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

LARGEST: Final = 10**15
"""Nothing that is counted in care is so large. FHIR sets a decimal no bound, and `1e400` is no float any more."""


def number_given(value: Any) -> float | None:
    """The number that stands in a record; None without one, and for one of 10^15 and more, above nought or below."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value) if -LARGEST < value < LARGEST else None
