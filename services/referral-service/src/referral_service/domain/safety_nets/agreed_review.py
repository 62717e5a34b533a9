"""When a net without referral is reviewed: a time agreed with the person, or when the person says so (ECD-030).

`occurrence[x]` is the agreed time, `asNeeded[x]` leaves it to the person: http://hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_service.domain.safety_nets.codes import TRIGGERS
from tandem.canonical import SAFETY_NET_TRIGGER
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import london_date


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


def _days(request: Resource) -> list[date]:
    period, timing = request.get("occurrencePeriod") or {}, request.get("occurrenceTiming") or {}
    repeat = (timing.get("repeat") or {}).get("boundsPeriod") or {}
    texts: list[Any] = [request.get("occurrenceDateTime"), period.get("end") or period.get("start")]
    texts += timing.get("event") or [repeat.get("end") or repeat.get("start")]
    return [day for day in map(_last_day, texts) if day is not None]


def _last_day(text: Any) -> date | None:
    try:
        first, after = bounds(str(text))
    except (ValueError, OverflowError):
        return None
    return london_date(from_micros(max(first, after - 1)))


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
