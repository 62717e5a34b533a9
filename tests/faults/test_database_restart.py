"""The PostgreSQL server goes down in the middle of an identification run: the run goes on behind the last people that
were committed, and nothing is lost, half-written, or told twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from cohort_service.domain.facts.person import Person
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, copy_facts
from cohort_service.runs.identify import CHUNK
from tandem.canonical import NHS_NUMBER, ODS_CODE, ORGANISATION_TYPE, SNOMED_CT
from tandem.clock import LONDON
from tandem.database.connection import Connection, open_database
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource, decode
from tandem.record_facts.days import day_of
from tandem.record_facts.fact import Fact
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.cohort_process import CohortProcess
from tandem_tests.list_story import check_lists
from tandem_tests.listed_people import LIVES_ALONE, MODERATE_FRAILTY
from tandem_tests.loopback import http_client
from tandem_tests.neighbourhood import free_nhs_number
from tandem_tests.private_postgresql import PrivatePostgresql

PRACTICE, SYSTEM = "A81001", "https://tandem.example/fhir/Id/fault-test"
PEOPLE = CHUNK + 1_500
SEVERE_FRAILTY = "925861000000102"
CODES = ((3, SEVERE_FRAILTY), (5, MODERATE_FRAILTY[0]), (2, LIVES_ALONE[0]))
"""Every so many people have a record with the code."""
WRITERS = 4


@pytest.fixture
async def cohorts(
    tmp_path: Path, private_postgresql: PrivatePostgresql, new_amqp_url: NewAmqpUrl
) -> AsyncIterator[CohortProcess]:
    process = CohortProcess(tmp_path / "cohorts", private_postgresql.create_database("cohorts"), new_amqp_url())
    process.start()
    yield process
    process.process.stop()


async def enter_practice(client: FhirClient) -> str:
    """A practice with one person: Patient.id."""
    await client.create({
        "resourceType": "Organization", "active": True, "name": "Practice",
        "identifier": [{"system": ODS_CODE, "value": PRACTICE}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "practice"}]}],
    })  # fmt: skip
    made = await client.create({
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": free_nhs_number()}],
        "name": [{"family": "Hartley"}], "birthDate": "1934-04-12",
        "generalPractitioner": [{"identifier": {"system": ODS_CODE, "value": PRACTICE}}],
    })  # fmt: skip
    return str(made["id"])


async def people_in_bulk(url: str) -> None:
    """People of the practice with records, by the row writer of facts; no list holds them yet."""
    everybody = {f"p{number}": Person(day_of("1938-02-01"), "female", None, None) for number in range(PEOPLE)}
    records = [
        RecordFacts(f"Condition/{patient}-{code}", patient, [Fact(SNOMED_CT, code, day_of("2020-01-01"))])
        for number, patient in enumerate(everybody)
        for every, code in CODES
        if number % every == 0
    ]
    async with connected(url) as connection:
        await connection.copy_rows("patient", ("id", "practice"), [(patient, PRACTICE) for patient in everybody])
        await copy_facts(connection, Concepts(), everybody, records)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    database = await open_database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            yield connection
    finally:
        await database.close()


async def until(look: Callable[[], Any]) -> Any:
    """What `look` answers once it is something."""
    async with asyncio.timeout(300):
        while not (found := await look()):
            await asyncio.sleep(0.02)
        return found


def figures(run: Resource) -> list[Any]:
    """Everything a run counted."""
    return [each for each in run["parameter"] if each["name"] in ("population", "people", "cohort", "stage")]


class Writers:
    """Clients that post Observations until told to end, and remember what each was answered."""

    def __init__(self, client: FhirClient, patient: str) -> None:
        self._client, self._patient = client, patient
        self._numbers = count()
        self._over = False
        self.answered: dict[str, int | None] = {}
        """Value of the identifier -> status; None where the connection broke or it is said that it may be written."""
        self._tasks = [asyncio.create_task(self._write()) for _ in range(WRITERS)]

    def so_far(self, status: int) -> int:
        return sum(1 for each in self.answered.values() if each == status)

    async def end(self) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)

    async def _write(self) -> None:
        while not self._over:
            name = str(next(self._numbers))
            try:
                answer = await self._client.request("POST", "Observation", {
                    "resourceType": "Observation", "status": "final", "effectiveDateTime": "2020-06-01",
                    "identifier": [{"system": SYSTEM, "value": name}],
                    "code": {"coding": [{"system": SYSTEM, "code": "written-meanwhile"}]},
                    "subject": {"reference": f"Patient/{self._patient}"},
                })  # fmt: skip
            except httpx.TransportError:
                self.answered[name] = None
                continue
            if _in_doubt(answer):
                self.answered[name] = None
                continue
            self.answered[name] = answer.status_code
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) > 0
                # It has been told to wait; this is where a client would.
                await asyncio.sleep(0)
            else:
                assert answer.status_code == 201, answer.text


def _in_doubt(answer: httpx.Response) -> bool:
    if answer.status_code != 503 or decode(answer.content)["issue"][0]["code"] != "no-store":
        return False
    assert "Retry-After" not in answer.headers, "nobody is asked to send it again as it is"
    return True


async def is_level(url: str) -> bool:
    """Whether the follower has taken everything."""
    async with connected(url) as connection:
        behind: int = await connection.fetchval(
            "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT MAX(position) FROM event_position)"
            " - (SELECT position FROM cursor WHERE name = 'follow:facts')"
        )
        return behind == 0


async def check_written(connection: Connection, writers: Writers) -> None:
    """What was acknowledged is there once, in every table that a write touches, and nothing else is in any."""
    rows = await connection.fetch(
        "SELECT r.key, r.id, l.body, (SELECT COUNT(*) FROM log v WHERE v.type = r.type AND v.resource_id = r.id) AS n,"
        " (SELECT COUNT(*) FROM event_position p WHERE p.log_id = r.log_id) AS positions,"
        " (SELECT COUNT(*) FROM search_token t WHERE t.key = r.key AND t.code = 'written-meanwhile') AS tokens,"
        " (SELECT COUNT(*) FROM fact f JOIN record c ON c.number = f.record"
        "  WHERE c.reference = 'Observation/' || r.id) AS facts"
        " FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = 'Observation'"
    )
    names = [decode(bytes(row["body"]))["identifier"][0]["value"] for row in rows]
    acknowledged = {name for name, status in writers.answered.items() if status == 201}
    broken = {name for name, status in writers.answered.items() if status is None}
    assert len(names) == len(set(names))
    assert acknowledged <= set(names) <= acknowledged | broken, "what was refused with 503 was not written"
    whole = {(row["n"], row["positions"], row["tokens"] > 0, row["facts"]) for row in rows}
    assert whole == {(1, 1, True, 1)}
    assert await connection.fetchval("SELECT COUNT(*) FROM log WHERE type = 'Observation'") == len(names)


async def test_a_run_survives_the_restart_of_its_database(
    cohorts: CohortProcess, private_postgresql: PrivatePostgresql
) -> None:
    async with http_client() as http:
        client = cohorts.client(http)
        patient = await enter_practice(client)
        await people_in_bulk(cohorts.database)
        await until(lambda: is_level(cohorts.database))
        asked = {"resourceType": "Parameters", "parameter": [{"name": "service", "valueString": "AC"}]}
        trial = {**asked, "parameter": [*asked["parameter"], {"name": "dryRun", "valueBoolean": True}]}
        undisturbed = await client.call("POST", "Group/$identify", trial)

        # Somebody of the second chunk is held, so that the run stands still there, its first chunk committed.
        holder = await asyncpg.connect(cohorts.database)
        await holder.execute("BEGIN")
        await holder.execute("SELECT 1 FROM person WHERE number = (SELECT MAX(number) FROM person) FOR UPDATE")
        accepted = await client.request("POST", "Group/$identify", asked, Prefer="respond-async")
        assert accepted.status_code == 202
        job = accepted.headers["Content-Location"].partition("/fhir/")[2]

        async def first_chunk_is_done() -> bool:
            answer = await client.request("GET", job)
            assert answer.status_code == 202, "the run has not ended"
            return answer.headers["X-Progress"].startswith(f"{CHUNK} of ")

        async def run_is_held() -> bool:
            waiting: int = await holder.fetchval(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return waiting > 0

        await until(first_chunk_is_done)
        await until(run_is_held)
        writers = Writers(client, patient)

        async def written() -> bool:
            return writers.so_far(201) >= 20

        async def refused() -> bool:
            return writers.so_far(503) >= 20

        await until(written)
        await asyncio.to_thread(private_postgresql.crash)
        await until(refused)
        await asyncio.to_thread(private_postgresql.start)
        before = writers.so_far(201)

        async def written_again() -> bool:
            return writers.so_far(201) >= before + 20

        async def ended() -> Resource | None:
            answer = await client.request("GET", job)
            found: Resource | None = decode(answer.content) if answer.status_code == 200 else None
            assert answer.status_code in (200, 202, 503), answer.text
            return found

        await until(written_again)
        await writers.end()
        result = await until(ended)
        assert figures(result) == figures(undisturbed)
        again = await client.call("POST", "Group/$identify", asked)
        assert figures(again) == figures(undisturbed)

    await until(lambda: is_level(cohorts.database))
    async with connected(cohorts.database) as connection:
        await check_written(connection, writers)
        assert await check_lists(connection, datetime.now(LONDON).date()) > PEOPLE // 3
        runs = await connection.fetchval("SELECT COUNT(*) FROM identification_run WHERE dry_run = 0")
        assert runs == 2, "the run that was interrupted, kept once, and the one after it"
