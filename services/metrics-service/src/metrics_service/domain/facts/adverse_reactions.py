"""Adverse reactions to medicines: AllergyIntolerance (http://hl7.org/fhir/R4/allergyintolerance.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in

_NOT_HELD: Final = frozenset(("entered-in-error", "refuted", "unconfirmed"))


def read_adverse_reaction(allergy: Resource, event: Event) -> Iterable[Fact]:
    """A reaction to a medicine that somebody stands by; `first` is the day it showed, else the day it was recorded.

    `category` is allergy or intolerance, where the record says which.
    """
    if "medication" not in (allergy.get("category") or ()) or codes_in(allergy.get("verificationStatus")) & _NOT_HELD:
        return
    onsets = [allergy.get("onsetDateTime"), *(each.get("onset") for each in allergy.get("reaction") or ())]
    days = (given_day(each) for each in (*onsets, allergy.get("recordedDate")))
    yield Fact(
        "adverse-reaction", next((day for day in days if day is not None), None), category=allergy.get("type"),
        codings=coding_texts(allergy.get("code")),
    )  # fmt: skip
