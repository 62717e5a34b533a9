"""What the facts of measures listen to."""

from __future__ import annotations

from collections.abc import Sequence

from metrics_service.domain.facts.told import TOLD_KINDS, told_by
from metrics_service.facts.fold import fold
from metrics_service.facts.organisations_named import settle_facts
from metrics_service.facts.people import keep_person
from metrics_service.facts.products import LOADED, keep_products
from metrics_service.facts.reported_figures import keep_reported_figures
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.service import Listener, Work
from tandem.service_part import Part


async def keep_facts(event: Event, work: Work) -> None:
    """Take in what the event says."""
    await keep_facts_together([event], work.connection)


async def keep_facts_together(events: Sequence[Event], connection: Connection) -> None:
    """Take in what they say, in one go."""
    await fold(connection, (told for told in map(told_by, events) if told is not None))


PART = Part(
    reactions={"MeasureReport": (keep_reported_figures,)},
    listeners=(
        Listener("keep-facts", TOLD_KINDS, keep_facts, together=keep_facts_together),
        Listener("keep-people", ("fhir.Patient.*",), keep_person),
        Listener("keep-products", (LOADED,), keep_products),
        Listener("settle-facts", ("fhir.Organization.*",), settle_facts),
    ),
)
