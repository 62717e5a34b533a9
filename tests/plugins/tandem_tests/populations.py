"""Whole populations in the tables of facts, as records give them: synthetic ones and Synthea's bundles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install_shipped
from cohort_service.domain.definition_language.parse import with_parameters
from cohort_service.domain.facts.extract import FOREIGN_TYPES, OWN_TYPES, facts_of
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.current_records import CurrentRecord
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.record_follower import write_records
from cohort_service.selection.selection import Selection, Variant
from cohort_service.service import service
from tandem.database.connection import Connection, open_database
from tandem.database.migrate import migrate
from tandem.fhir.body import Resource, decode
from tandem.synth.organisations import build_network
from tandem.synth.population import AS_OF as SYNTHETIC_AS_OF
from tandem.synth.population import records
from tandem.synth.protagonist import people
from tandem.synth.workforce import staff
from tandem_tests.small_work import SmallWork

PRACTICES = ("A00001", "A00002", "A00003")
PHASES = date(2023, 4, 1)
"""A day on which every shipped definition is in force."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OnePerson:
    """A Patient's id with everything recorded of the person, the Patient itself included."""

    patient: str
    records: tuple[Resource, ...]


def synthetic(patients: int, seed: int = 7) -> Iterator[OnePerson]:
    """The people of `tandem synth`."""
    network = build_network(patients=patients, practices=2, seed=seed, as_of=SYNTHETIC_AS_OF)
    # who works there is decided with their records, and people's records name them
    list(staff(network, patients=patients))
    for person in people(network, patients=patients):
        found = tuple(records(person, network))
        yield OnePerson(str(found[0]["id"]), found)


def synthea(folder: Path) -> Iterator[OnePerson]:
    """The people of transaction bundles, one a file."""
    for file in sorted(folder.rglob("*.json")):
        entries: list[Any] = decode(file.read_bytes())["entry"]
        found = tuple(entry["resource"] for entry in entries)
        patient = next(str(each["id"]) for each in found if each["resourceType"] == "Patient")
        yield OnePerson(patient, found)


async def settle(url: str, everybody: Iterable[OnePerson]) -> Selection:
    """Migrate, install the shipped catalogue, and write the facts of everybody. Answers what is in force.

    People are registered with three practices in turn. Optional cohorts are switched on at the first two, and the
    second judges by other numbers, so that practices matter.
    """
    await migrate(service, url)
    database = await open_database(url, pool_size=2)
    try:
        async with database.transaction() as connection:
            await install_shipped(SmallWork(service, connection))
            source = iter(everybody)
            while batch := list(islice(source, _AT_ONCE)):
                await _write(connection, batch)
        async with database.read() as connection:
            return _with_choices(await current_selection(connection, PHASES))
    finally:
        await database.close()


async def _write(connection: Connection, batch: list[OnePerson]) -> None:
    own: dict[str, CurrentRecord] = {}
    foreign: list[RecordFacts] = []
    places = []
    for each in batch:
        places.append((each.patient, PRACTICES[sum(each.patient.encode()) % len(PRACTICES)]))
        for record in each.records:
            kind, reference = record["resourceType"], f"{record['resourceType']}/{record['id']}"
            if kind == "Patient" or kind in OWN_TYPES:
                own[reference] = CurrentRecord(each.patient, 0, record)
            elif kind in FOREIGN_TYPES:
                foreign.append(RecordFacts(reference, each.patient, facts_of(record)))
    await connection.copy_rows("patient", ("id", "practice"), places)
    await write_records(connection, own)
    await write_facts(connection, concepts_of(connection), foreign)


def _with_choices(selection: Selection) -> Selection:
    optional = [each.id for each in selection.definitions.values() if each.status == "optional"]
    other = with_parameters(selection.definitions["multimorbidity"], {"conditions": 3})
    return replace(
        selection, switched_on=dict.fromkeys(optional, PRACTICES[:2]),
        variants=(Variant("multimorbidity", other, PRACTICES[1:2]),),
    )  # fmt: skip
