"""What is asked of a person's timeline: `$everything` by its standard parameters, `$timeline` by its own.

http://hl7.org/fhir/R4/patient-operation-everything.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.fhir.clinical_dates import CLINICAL_DATE
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.search.control import DEFAULT_COUNT, LARGEST_COUNT
from tandem.fhir.search.dates import date_range

EVERYTHING, TIMELINE = "$everything", "$timeline"
_NAMES = {
    EVERYTHING: {"start": "start", "end": "end", "_type": "types", "_since": "since", "_count": "count"},
    TIMELINE: {
        "from": "start", "to": "end", "type": "types", "_type": "types", "_count": "count", "_sort": "sort",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """`start`, `end` (not included) and `since` in microseconds; `types` None are all types; `used` are the pairs."""

    name: str
    start: int | None
    end: int | None
    types: frozenset[str] | None
    since: int | None
    count: int
    oldest_first: bool
    used: tuple[tuple[str, str], ...]


def timeline_query(name: str, pairs: Sequence[tuple[str, str]]) -> TimelineQuery:
    """The query of decoded pairs without a page link.

    Raises FhirError 400 for what is unknown, given twice, or cannot be read.
    """
    known = _NAMES[name]
    given: dict[str, str] = {}
    for each, text in pairs:
        if each not in known:
            listed = ", ".join(known)
            raise FhirError(Kind.UNSUPPORTED_PARAMETER, f"{name} takes {listed}", expression=each[:64])
        if known[each] in given:
            raise _refused(f"{each} may be given once", each)
        given[known[each]] = text
    return TimelineQuery(
        name, _moment(given, "start", 0), _moment(given, "end", 1), _types(given, name), _moment(given, "since", 0),
        _count(given), _oldest_first(given), tuple(pairs),
    )  # fmt: skip


def _moment(given: dict[str, str], name: str, side: int) -> int | None:
    if name not in given:
        return None
    try:
        # A plus sign that was not encoded reads as a space.
        return date_range(given[name].replace(" ", "+"))[side]
    except ValueError:
        raise _refused("A bound of the timeline is a date or a dateTime", name) from None


def _types(given: dict[str, str], name: str) -> frozenset[str] | None:
    if "types" not in given:
        return None
    known = {*CLINICAL_DATE, "Patient"} if name == EVERYTHING else set(CLINICAL_DATE)
    asked = frozenset(given["types"].split(","))
    if not asked <= known:
        raise _refused(f"The types of a person's record are {', '.join(sorted(known))}", "_type")
    return asked


def _count(given: dict[str, str]) -> int:
    text = given.get("count", str(DEFAULT_COUNT))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= LARGEST_COUNT):
        raise _refused(f"_count is a whole number from 1 to {LARGEST_COUNT}", "_count")
    return int(text)


def _oldest_first(given: dict[str, str]) -> bool:
    asked = given.get("sort", "-date")
    if asked not in ("date", "-date"):
        raise _refused("_sort is date (oldest first) or -date (newest first)", "_sort")
    return asked == "date"


def _refused(text: str, expression: str) -> FhirError:
    return FhirError(Kind.BAD_REQUEST, issues=[Issue(text, expression)])
