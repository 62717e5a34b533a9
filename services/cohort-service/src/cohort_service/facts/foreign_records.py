"""Records of other services whose facts count here; they come as events, one version after the other."""

from __future__ import annotations

from cohort_service.domain.facts.extract import facts_of
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.stale_people import mark_stale
from tandem.events.event import Event
from tandem.service import Work


async def take_foreign_record(event: Event, work: Work) -> None:
    """Write the facts of this version, and have the person evaluated by the follower's next turn."""
    facts = facts_of(event.data) if event.data is not None else []
    record = RecordFacts(f"{event.type}/{event.resource_id}", event.patient, facts)
    touched = await write_facts(work.connection, concepts_of(work.connection), [record])
    await mark_stale(work.connection, touched)
