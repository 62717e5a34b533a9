"""Which ServiceRequests are bound by the rules of suspected cancer referrals, and on which day they were made.

A request claims them by a category of the kinds `urgent-suspected-cancer` or `rapid-diagnostic-centre`. One that is
known by a SNOMED CT code alone is a record, as other systems keep it: it is followed and has its safety net, and no
rule of referring refuses it. So are those made before April 2020: the requirements begin then (000 §6.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from referral_service.domain.referral_loop import asks_now
from tandem.canonical import SUSPECTED_CANCER_SYMPTOM
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import london_date
from tandem.nhs.referral_kind import claims_by_category

URGENT: Final = "urgent-suspected-cancer"
RAPID_DIAGNOSTIC_CENTRE: Final = "rapid-diagnostic-centre"
KINDS: Final = (URGENT, RAPID_DIAGNOSTIC_CENTRE)
FIRST_DAY: Final = date(2020, 4, 1)
"""Requirements on early cancer diagnosis hold from this day (000 §6.2, 2020/21)."""


def made_on(request: Resource, now: datetime) -> date:
    """The day in London on which the request was made: by `authoredOn`, today at the latest."""
    today = london_date(now)
    try:
        return min(london_date(from_micros(bounds(str(request["authoredOn"]))[0])), today)
    except (KeyError, ValueError, OverflowError):
        return today


def is_bound(request: Resource | None, kind: str | None, now: datetime) -> bool:
    """Whether the rules of referring hold for a request of this kind: it claims them, is active, asks for something to
    be done, and was made since April 2020."""
    if request is None or kind not in KINDS or not claims_by_category(request, *KINDS):
        return False
    return asks_now(request) and made_on(request, now) >= FIRST_DAY


def symptoms_of(request: Resource) -> frozenset[str]:
    """The coded symptoms among its reasons."""
    found = (each for each in _codings(request.get("reasonCode")) if each.get("system") == SUSPECTED_CANCER_SYMPTOM)
    return frozenset(str(each.get("code")) for each in found)


def _codings(concepts: Any) -> Iterator[dict[str, Any]]:
    for concept in concepts or ():
        yield from concept.get("coding") or ()
