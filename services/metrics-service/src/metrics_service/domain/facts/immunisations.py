"""Immunisations that were given (http://hl7.org/fhir/R4/immunization.html)."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource


def read_immunisation(immunisation: Resource, event: Event) -> Iterable[Fact]:
    """One that was completed."""
    if immunisation.get("status") == "completed":
        codings = coding_texts(immunisation.get("vaccineCode"))
        yield Fact("immunisation", given_day(immunisation.get("occurrenceDateTime")), codings=codings)
