"""Stories of patients, kept as documents: they stand beside the numbers (002 concerns, PCN-056)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import DOCUMENT_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource

PATIENT_STORY: Final = "patient-story"


def read_patient_story(document: Resource, event: Event) -> Iterable[Fact]:
    """One story; what it tells stays in the document."""
    if code_of(DOCUMENT_KIND, document.get("type")) == PATIENT_STORY and document.get("status") == "current":
        yield Fact("patient-story", given_day(document.get("date")), organisation=event.author)
