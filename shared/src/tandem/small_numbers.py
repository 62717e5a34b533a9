"""Small numbers: what somebody who cares for none of the people, such as a commissioner, is shown of a count.

The rule of NHS England's Hospital Episode Statistics since 2018: nothing stays nothing, one to seven is not shown, and
every other number is rounded to the nearest five. The rounding is also why no second figure has to be hidden beside the
first: a total less its parts no longer gives the part that is missing.
"""

from __future__ import annotations

from typing import Any, Final

LARGEST_SMALL: Final = 7
_ROUNDED_TO: Final = 5

MASKED: Final[dict[str, Any]] = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked",
}  # fmt: skip
"""Stands where a count would, when it is too small to be shown."""


def disclosed_number(number: int) -> int | None:
    """The number as it is shown, or None when it is not."""
    if 0 < number <= LARGEST_SMALL:
        return None
    return (number + _ROUNDED_TO // 2) // _ROUNDED_TO * _ROUNDED_TO
