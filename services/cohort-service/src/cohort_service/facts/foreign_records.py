"""Records of other services whose facts count here; they come as events, one version after the other."""

from __future__ import annotations

from cohort_service.domain.facts.extract import facts_of
from cohort_service.domain.facts.medications import referring_order
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.order_rows import PersonsOrder, keep_orders, mark_order
from cohort_service.facts.stale_people import mark_stale
from tandem.events.event import Event
from tandem.service import Work

_ORDERS = "MedicationStatement"


async def take_foreign_record(event: Event, work: Work) -> None:
    """Write the facts of this version, and have the person evaluated by the follower's next turn.

    The facts of a statement that refers to a Medication are left to the follower: a Medication may change meanwhile,
    and only the follower sees all its changes.
    """
    connection = work.connection
    reference = f"{event.type}/{event.resource_id}"
    if event.type == _ORDERS:
        order = referring_order(event.data) if event.data is not None and event.patient is not None else None
        if order is not None and event.patient is not None:
            # Marked first: the follower, too, takes the mark before the row, so neither waits for the other in a ring.
            await mark_order(connection, reference)
            await keep_orders(connection, {reference: PersonsOrder(event.patient, order)})
            return
        await keep_orders(connection, {reference: None})
    facts = facts_of(event.data) if event.data is not None else []
    touched = await write_facts(connection, concepts_of(connection), [RecordFacts(reference, event.patient, facts)])
    await mark_stale(connection, touched)
