"""What the facts of measures listen to."""

from __future__ import annotations

from metrics_service.domain.facts.told import TOLD_KINDS, told_by
from metrics_service.facts.fold import fold
from metrics_service.facts.organisations_named import settle_facts
from metrics_service.facts.people import keep_person
from metrics_service.facts.reported_figures import keep_reported_figures
from tandem.events.event import Event
from tandem.service import Listener, Work
from tandem.service_part import Part


async def keep_facts(event: Event, work: Work) -> None:
    """Take in what the event says."""
    told = told_by(event)
    if told is not None:
        await fold(work.connection, [told])


PART = Part(
    reactions={"MeasureReport": (keep_reported_figures,)},
    listeners=(
        Listener("keep-facts", TOLD_KINDS, keep_facts),
        Listener("keep-people", ("fhir.Patient.*",), keep_person),
        Listener("settle-facts", ("fhir.Organization.*",), settle_facts),
    ),
)
