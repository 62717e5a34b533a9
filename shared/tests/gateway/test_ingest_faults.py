"""A load under faults: services that are away, processes that die between any two steps. Nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.events.realtime import now_micros
from tandem.fhir.job_requests import answer_job
from tandem.fhir.jobs import JobRunner
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway import intake_plan
from tandem.gateway.backends import Backends
from tandem.gateway.ingest import INGEST_JOB
from tandem.gateway.ingest_job import IngestJob
from tandem.identity.caller import Caller

OPERATOR = Caller("X26", operator=True)
HOUR = 3600 * 1_000_000


class Killed(BaseException):
    """The process is gone."""


class Faulty:
    """A service behind the faults that are listed, one a step: `away` before it is asked, `died` after it answered."""

    def __init__(self, backend: Any, faults: list[str]) -> None:
        self._backend = backend
        self._faults = faults

    async def send(self, request: FhirRequest) -> FhirResponse:
        fault = self._faults.pop(0) if self._faults else ""
        if fault == "away":
            raise FhirError(Kind.UNAVAILABLE)
        answer: FhirResponse = await self._backend.send(request)
        if fault == "died":
            raise Killed
        return answer


def content() -> bytes:
    records: list[dict[str, Any]] = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(8)]
    for number in range(8):
        subject = {"reference": f"Patient/p{number}"}
        records.append({"resourceType": "Condition", "id": f"c{number}", "subject": subject})
        records.append(
            {"resourceType": "Task", "id": f"t{number}", "status": "requested", "intent": "order", "for": subject}
        )
    records.append({"resourceType": "Condition", "id": "nobody", "subject": {"reference": "urn:uuid:nobody"}})
    records.append({"resourceType": "Claim", "id": "left-out"})
    return b"\n".join(json.dumps(one).encode() for one in records)


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["", "away", "died"]), max_size=25))
async def test_a_load_survives_whatever_happens_between_its_steps(fresh_system, faults) -> None:
    async with fresh_system() as system:
        await _survives(system, faults)


async def _survives(system: Any, faults: list[str]) -> None:
    accepted = await system.ask("POST", "$ingest", content(), headers={"content-type": "application/fhir+ndjson"})
    job_id = accepted.headers["Content-Location"].partition("id=")[2]
    database = system.databases[-1]
    left = list(faults)
    backends = Backends({name: Faulty(backend, left) for name, backend in system.backends.items()})
    for attempt in range(60):
        job = IngestJob(backends, "http://tandem.test/fhir", database, pause=no_pause)
        # Each process is a new holder, at a time when the lease of the one before has run out.
        at = now_micros() + attempt * HOUR
        runner = JobRunner(database, {INGEST_JOB: job.run}, "gateway", holder=str(attempt), now=lambda at=at: at)
        try:
            if not await runner.run_one():
                break
        except Killed:
            continue
    asked = FhirRequest("GET", "$job", f"id={job_id}", {}, b"", "", "", "", OPERATOR)
    report = json.loads((await answer_job(database, asked)).body)
    assert report["resources"] == 26
    assert report["unowned"] == {"Claim": 1}
    assert [one["id"] for one in report["rejects"]] == ["nobody"]
    for kind, service, count in (("Patient", "cohort", 8), ("Condition", "cohort", 8), ("Task", "mdt", 8)):
        counts = report["types"][kind]
        assert counts["created"] + counts["unchanged"] == count
        async with system.services[f"{service}-service"].database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM log WHERE type = $1", kind) == count


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_plan, "CHUNK", 3)


async def test_a_service_that_stays_away_leaves_the_job_waiting(system) -> None:
    accepted = await system.ask("POST", "$ingest", content(), headers={"content-type": "application/fhir+ndjson"})
    database = system.databases[-1]
    away = {**system.backends, "mdt-service": Faulty(None, ["away"] * 100)}
    job = IngestJob(Backends(away), "http://tandem.test/fhir", database, pause=no_pause)
    assert await JobRunner(database, {INGEST_JOB: job.run}, "gateway").run_one()
    waiting = await system.follow(accepted.headers["Content-Location"])
    assert waiting.status == 202
    later = now_micros() + HOUR
    job = IngestJob(Backends(system.backends), "http://tandem.test/fhir", database, pause=no_pause)
    assert await JobRunner(database, {INGEST_JOB: job.run}, "gateway", now=lambda: later).run_one()
    report = json.loads((await system.follow(accepted.headers["Content-Location"])).body)
    assert report["types"]["Task"]["created"] == 8


async def test_a_load_is_shown_to_who_started_it_only(system, practice) -> None:
    accepted = await system.ask("POST", "$ingest", content(), caller=practice)
    other = replace(practice, organisation="A81002")
    assert (await system.follow(accepted.headers["Content-Location"], other)).status == 404
    assert (await system.follow(accepted.headers["Content-Location"], practice)).status == 202
