"""The order of a person's timeline: by clinical date, over all services alike.

The person comes first, what has no date last. Records of one moment stand by type and id, so the order is total.
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.clinical_dates import clinical_date
from tandem.fhir.search.dates import date_range

Place = tuple[int, int, str, str]
"""Sorts before another when it stands before it. A signed page link holds one."""
_PERSON, _DATED, _UNDATED = 0, 1, 2
_VOID = "entered-in-error"


def place_of(resource: Resource, *, oldest_first: bool) -> Place:
    """Where the record stands."""
    kind, name = str(resource["resourceType"]), str(resource["id"])
    if kind == "Patient":
        return _PERSON, 0, kind, name
    when = clinical_date(resource)
    if when is None:
        return _UNDATED, 0, kind, name
    low = date_range(when)[0]
    return _DATED, low if oldest_first else -low, kind, name


def within(resource: Resource, start: int | None, end: int | None) -> bool:
    """Whether the record's date meets the span `[start, end)`, microseconds; a date is as wide as it is written.

    An open span holds everything; any other, nothing without a date. The person is in every span.
    """
    if (start is None and end is None) or resource["resourceType"] == "Patient":
        return True
    when = clinical_date(resource)
    if when is None:
        return False
    low, high = date_range(when)
    return (start is None or high > start) and (end is None or low < end)


def entered_in_error(resource: Resource) -> bool:
    """Whether the record says of itself that it should never have been made: then nothing happened."""
    verified: Any = resource.get("verificationStatus")
    codings = verified.get("coding") or () if isinstance(verified, dict) else ()
    return resource.get("status") == _VOID or any(coding.get("code") == _VOID for coding in codings)
