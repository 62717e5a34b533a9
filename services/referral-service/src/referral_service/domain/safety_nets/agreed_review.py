"""When a net without referral is reviewed: a time agreed with the person, or when the person says so (ECD-030).

`occurrence[x]` is the agreed time, `asNeeded[x]` leaves it to the person: http://hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from referral_service.domain.safety_nets.codes import TRIGGERS
from tandem.canonical import SAFETY_NET_TRIGGER
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import london_date

LAST_YEAR: Final = 9990
"""Of an agreed review, as of every day that operations take."""


@dataclass(frozen=True, slots=True)
class AgreedReview:
    """The last day of each agreed review, in order, and what lets the person start one: codes of `TRIGGERS`."""

    days: tuple[date, ...]
    triggers: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Neither a time nor a trigger."""
        return not self.days and not self.triggers


def agreed_review(request: Resource) -> AgreedReview:
    """What the request says. A time that cannot be read is none."""
    return AgreedReview(tuple(sorted(set(_days(request)))), _triggers(request))


def has_unreadable_time(request: Resource) -> bool:
    """Whether it says a time of review that cannot be followed."""
    return any(_last_day(text) is None for text in _texts(request))


def _days(request: Resource) -> list[date]:
    return [day for day in map(_last_day, _texts(request)) if day is not None]


def _texts(request: Resource) -> list[Any]:
    period, timing = request.get("occurrencePeriod") or {}, request.get("occurrenceTiming") or {}
    repeat = (timing.get("repeat") or {}).get("boundsPeriod") or {}
    texts: list[Any] = [request.get("occurrenceDateTime"), period.get("end") or period.get("start")]
    texts += timing.get("event") or [repeat.get("end") or repeat.get("start")]
    return [text for text in texts if text is not None]


def _last_day(text: Any) -> date | None:
    try:
        first, after = bounds(str(text))
    except (ValueError, OverflowError):
        return None
    day = london_date(from_micros(max(first, after - 1)))
    # What is due is late after it: the calendar goes on for a while behind every day that is kept.
    return day if day.year <= LAST_YEAR else None


def _triggers(request: Resource) -> tuple[str, ...]:
    if request.get("asNeededBoolean") is True:
        return TRIGGERS
    concept = request.get("asNeededCodeableConcept")
    if not isinstance(concept, dict):
        return ()
    codings = concept.get("coding") or ()
    named = [each.get("code") for each in codings if each.get("system") == SAFETY_NET_TRIGGER]
    known = tuple(code for code in TRIGGERS if code in named)
    # Words alone leave it to the person whatever they mean by it.
    return known or (TRIGGERS if concept.get("text") or codings else ())
