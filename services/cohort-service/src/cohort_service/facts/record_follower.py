"""The follower of cohort-service's own records: facts are brought in step with what the records say now, and then the
lists of whoever they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort_service.domain.facts.days import day_at
from cohort_service.domain.facts.extract import OWN_TYPES, facts_of, person_of
from cohort_service.domain.facts.fact import Person
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.current_records import CurrentRecord, current_records
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_people
from cohort_service.facts.stale_people import PERSON, StalePeople
from cohort_service.facts.stay_rows import write_stays
from cohort_service.lists.evaluation import evaluate_people
from tandem.database.connection import Connection
from tandem.events.follower_cursor import restart
from tandem.service import Changed, Follower, Work

NAME = "facts"
_PATIENT = "Patient"


async def follow_records(changed: Sequence[Changed], work: Work) -> None:
    """Bring facts and lists in step for these records, and the lists for people who were marked."""
    people = {int(each.id) for each in changed if each.type == PERSON}
    records = await current_records(
        work.connection, ((each.type, each.id) for each in changed if each.type != PERSON)
    )
    people |= await write_records(work.connection, records)
    await evaluate_people(work, people)


async def write_records(connection: Connection, records: Mapping[str, CurrentRecord]) -> set[int]:
    """Write people, facts and stays by these records (by reference); answers the numbers of the people touched."""
    concepts = concepts_of(connection)
    patients = {
        each.patient: _person(each)
        for reference, each in records.items()
        if reference.startswith(f"{_PATIENT}/") and each.patient is not None
    }
    touched = set((await write_people(connection, patients)).values()) if patients else set()
    said = [
        RecordFacts(reference, each.patient, facts_of(each.body) if each.body is not None else [])
        for reference, each in records.items()
        if not reference.startswith(f"{_PATIENT}/")
    ]
    if said:
        touched |= await write_facts(connection, concepts, said)
    return touched | await write_stays(connection, concepts, records)


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
    NAME, tuple(f"fhir.{name}.*" for name in (_PATIENT, *OWN_TYPES)), follow_records, backlog=StalePeople()
)
