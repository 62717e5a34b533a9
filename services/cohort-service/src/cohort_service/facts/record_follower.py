"""The follower of cohort-service's own records: facts are brought in step with what the records say now, and then the
lists of whoever they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort_service.domain.facts.extract import OWN_TYPES, facts_of, person_of
from cohort_service.domain.facts.medications import referring_order
from cohort_service.domain.facts.person import Person
from cohort_service.facts.backlog import ORDER, StaleOrdersAndPeople
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.current_records import CurrentRecord, current_records
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.home_rows import ORGANIZATION, write_home_kinds
from cohort_service.facts.order_rows import (
    MEDICATION,
    PersonsOrder,
    facts_of_orders,
    keep_orders,
    mark_orders_of,
    orders_now,
)
from cohort_service.facts.person_rows import write_people
from cohort_service.facts.stale_people import PERSON, mark_stale
from cohort_service.facts.stay_rows import write_stays
from cohort_service.lists.evaluation import evaluate_people
from tandem.database.connection import Connection
from tandem.events.follower_cursor import restart
from tandem.london_days import day_at
from tandem.service import Changed, Follower, Work

NAME = "facts"
_PATIENT = "Patient"
_ORDER_TYPE = "MedicationRequest"
_FEW = 50


async def follow_records(changed: Sequence[Changed], work: Work) -> None:
    """Bring facts and lists in step for these records, for orders that were marked, and lists for people who were.

    When many records change at once, as in a load, further ones about the same people follow: then these are marked,
    and their lists brought in step when all that is there has been read.
    """
    connection = work.connection
    waiting = {int(each.id) for each in changed if each.type == PERSON}
    marked = [each.id for each in changed if each.type == ORDER]
    named = [(each.type, each.id) for each in changed if each.type not in (PERSON, ORDER)]
    people = await write_records(connection, await current_records(connection, named))
    if orders := await orders_now(connection, marked):
        people |= await write_facts(connection, concepts_of(connection), await facts_of_orders(connection, orders))
    if len(named) > _FEW:
        await mark_stale(connection, people)
        people = set()
    await evaluate_people(work, people | waiting)


async def write_records(connection: Connection, records: Mapping[str, CurrentRecord]) -> set[int]:
    """Write people, facts and stays by these records (by reference); answers the numbers of the people touched.

    Of a Medication, the orders that refer to it are marked, to be written in later batches: there may be thousands.
    """
    concepts = concepts_of(connection)
    patients = {
        each.patient: _person(each) for each in _of_type(records, _PATIENT).values() if each.patient is not None
    }
    touched = set((await write_people(connection, patients)).values()) if patients else set()
    await mark_orders_of(connection, [name.partition("/")[2] for name in _of_type(records, MEDICATION)])
    others = tuple(f"{name}/" for name in (_PATIENT, MEDICATION, ORGANIZATION))
    said = {name: each for name, each in records.items() if not name.startswith(others)}
    if said:
        touched |= await write_facts(connection, concepts, await _facts_of(connection, said))
    touched |= await write_stays(connection, concepts, records)
    return touched | await write_home_kinds(connection, concepts, records)


async def _facts_of(connection: Connection, said: Mapping[str, CurrentRecord]) -> list[RecordFacts]:
    """What each of these records says, in their order; orders by reference with their Medications as they are now."""
    orders = {name: _order(each) for name, each in _of_type(said, _ORDER_TYPE).items()}
    await keep_orders(connection, orders)
    referring = {name: order for name, order in orders.items() if order is not None}
    by_reference = {each.reference: each for each in await facts_of_orders(connection, referring)}
    return [
        by_reference.get(name)
        or RecordFacts(name, each.patient, facts_of(each.body) if each.body is not None else [])
        for name, each in said.items()
    ]


def _order(record: CurrentRecord) -> PersonsOrder | None:
    order = referring_order(record.body) if record.body is not None else None
    return PersonsOrder(record.patient, order) if order is not None and record.patient is not None else None


def _of_type(records: Mapping[str, CurrentRecord], name: str) -> dict[str, CurrentRecord]:
    return {reference: each for reference, each in records.items() if reference.startswith(f"{name}/")}


async def rebuild(connection: Connection) -> None:
    """Have all facts written again from the log's beginning, once this transaction has committed.

    Facts stand until their record's turn comes, so nobody leaves a list meanwhile; those of no known record are deleted
    at once. Facts by events of other services stay: their logs are not followed here.
    """
    for table in ("fact", "medicine"):
        await connection.execute(f"DELETE FROM {table} WHERE record NOT IN (SELECT number FROM record)")
    await connection.execute(
        "DELETE FROM residency_statement WHERE NOT EXISTS"
        " (SELECT 1 FROM resource r WHERE r.type || '/' || r.id = residency_statement.reference)"
    )
    await restart(connection, NAME)


def _person(record: CurrentRecord) -> Person:
    if record.body is not None:
        return person_of(record.body)
    return Person(born=None, sex=None, died=None, left=day_at(record.written))


RECORD_FOLLOWER = Follower(
    NAME, tuple(f"fhir.{name}.*" for name in (_PATIENT, MEDICATION, ORGANIZATION, *OWN_TYPES)), follow_records,
    backlog=StaleOrdersAndPeople(),
)  # fmt: skip
