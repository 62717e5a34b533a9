"""That COPY writes what the API would: the same records once through `$ingest`, and once through `copy_facts`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ingest import PRACTICE

from cohort_service.domain.facts.extract import FOREIGN_TYPES, OWN_TYPES, facts_of, person_of
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.fact_rows import RecordFacts, copy_facts
from cohort_service.service import service
from tandem.cli.load import http_client, send_files, wait_until_caught_up
from tandem.cli.load_client import LoadClient
from tandem.cli.load_pieces import files_below
from tandem.cli.load_summary import Summary
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem.fhir.body import decode
from tandem.fhir.compartments import patient_named
from tandem.synth.population import generate
from tandem_tests.running import EmbeddedTandem

_ROWS = {
    "facts": "SELECT p.patient, r.reference, c.system, c.code, f.starts, f.ends, f.value FROM fact f"
    " JOIN person p ON p.number = f.person JOIN record r ON r.number = f.record JOIN concept c ON c.number = f.concept"
    " WHERE c.code <> 'care-home-stay'",
    "medicines": "SELECT p.patient, r.reference, c.system, c.code, f.starts, f.ends, o.system, o.code FROM medicine f"
    " JOIN person p ON p.number = f.person JOIN record r ON r.number = f.record JOIN concept c ON c.number = f.concept"
    " JOIN concept o ON o.number = f.product",
    "people": "SELECT patient, born, sex, died, left_on IS NULL FROM person",
}
"""Stays in care homes follow from many records together, and are not what a single record says. Since when somebody has
left is dated by the version that says so, which a file does not have."""


async def same_by_api(folder: Path, people: int) -> dict[str, Any]:
    """How many rows were compared; raises RuntimeError when one is not the same."""
    records = folder / "synthetic"
    generate(people, 2, 1, records)
    loaded, copied = folder / "by-api", folder / "copied.sqlite"
    await _through_ingest(records, loaded)
    await _copy(records, copied)
    counts = {}
    for name, sql in _ROWS.items():
        mine, theirs = _rows(loaded / "cohort-service.sqlite", sql), _rows(copied, sql)
        if mine != theirs:
            raise RuntimeError(f"{name}: {len(mine)} by the API, {len(theirs)} by COPY, {len(mine & theirs)} in both")
        counts[name] = len(mine)
    return counts


async def _through_ingest(records: Path, data: Path) -> None:
    system = EmbeddedTandem(data)
    system.start()
    try:
        async with http_client(system.token("T0001", operator=True)) as http:
            client = LoadClient(http, f"{system.url}/fhir", PRACTICE)
            summary = Summary()
            await send_files(client, files_below([records]), summary, lambda _: None)
            await wait_until_caught_up(client)
        if summary.rejects:
            raise RuntimeError(f"{len(summary.rejects)} records were refused")
    finally:
        system.stop()


async def _copy(records: Path, file: Path) -> None:
    url = f"sqlite:///{file}"
    await migrate(service, url)
    people, said = {}, []
    for resource in _read(records):
        kind = resource["resourceType"]
        if kind == "Patient":
            people[str(resource["id"])] = person_of(resource)
        elif kind in OWN_TYPES or kind in FOREIGN_TYPES:
            named = patient_named(resource, "")
            said.append(RecordFacts(f"{kind}/{resource['id']}", named.id if named else None, facts_of(resource)))
    database = await open_database(url)
    try:
        async with database.transaction() as connection:
            await copy_facts(connection, concepts_of(connection), people, said)
    finally:
        await database.close()


def _read(folder: Path) -> Any:
    for file in sorted(folder.glob("*.ndjson")):
        for line in file.read_bytes().splitlines():
            yield decode(line)


def _rows(file: Path, sql: str) -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return set(connection.execute(sql))
