"""Jobs: taken once, resumed from the checkpoint, cancelled, and shown to nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tandem.database.connection import Database, DatabaseUnavailable, StatementTimedOut
from tandem.fhir.body import decode
from tandem.fhir.job_limits import JobLimits
from tandem.fhir.job_requests import accept_job, answer_job
from tandem.fhir.job_table import find_job
from tandem.fhir.jobs import JobCancelled, JobLost, JobResult, JobRun, JobRunner
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.ids import CountingIds, RandomIds

CALLER = Caller("A81001", scopes={"*": ALL_LETTERS}, user="Practitioner/1", token="secret-token")
BASE = "http://localhost/fhir"


class Time:
    """Real time that a test moves, in microseconds."""

    def __init__(self) -> None:
        self.micros = 1_000_000_000

    def __call__(self) -> int:
        return self.micros

    def pass_seconds(self, seconds: float) -> None:
        self.micros += int(seconds * 1_000_000)


def request(method: str = "GET", query: str = "", caller: Caller = CALLER) -> FhirRequest:
    return FhirRequest(method, "$job", query, {}, b"", BASE, "request", "correlation", caller)


async def started(
    database: Database, content: bytes = b"work", woken: list[str] | None = None
) -> tuple[str, FhirResponse]:
    wakes = woken if woken is not None else []
    answer = await accept_job(
        database, CountingIds(), "cohort-service", "count", request("POST"), content, lambda: wakes.append("woken")
    )
    return answer.headers["Content-Location"].partition("id=")[2], answer


def runner(database: Database, handler, *, now=None, holder: str = "one", lease: float = 30.0) -> JobRunner:
    return JobRunner(database, {"count": handler}, "cohort-service", holder=holder, lease=lease, now=now or Time())


async def test_a_job_is_accepted_run_and_answered(database: Database) -> None:
    woken: list[str] = []
    job_id, accepted = await started(database, b"seven", woken)
    assert accepted.status == 202
    assert accepted.headers["Content-Location"] == f"{BASE}/$job?id={job_id}"
    assert job_id.startswith("cohort-service.")
    assert woken == ["woken"]

    waiting = await answer_job(database, request(query=f"id={job_id}"))
    assert (waiting.status, waiting.headers["X-Progress"], waiting.headers["Retry-After"]) == (202, "queued", "1")

    async def handler(run: JobRun) -> JobResult:
        assert run.caller == replace(CALLER, token="")
        return JobResult(201, b"done with " + run.request, "text/plain", {"ETag": 'W/"1"'})

    assert await runner(database, handler).run_one()
    done = await answer_job(database, request(query=f"id={job_id}"))
    assert done == FhirResponse(201, b"done with seven", {"ETag": 'W/"1"'}, "text/plain")
    assert not await runner(database, handler).run_one()


async def test_neither_the_token_nor_after_the_end_what_was_sent_is_kept(database: Database) -> None:
    job_id, _ = await started(database, b"somebody's record")
    async with database.read() as connection:
        before = await find_job(connection, job_id)
    assert before is not None
    assert b"secret-token" not in before.caller

    async def handler(run: JobRun) -> JobResult:
        await run.save(run.request, 1)
        return JobResult(200, b"{}")

    await runner(database, handler).run_one()
    async with database.read() as connection:
        after = await find_job(connection, job_id)
    assert after is not None
    assert (after.request, after.checkpoint) == (b"", None)


async def test_a_job_of_a_dead_process_is_resumed_from_its_checkpoint(database: Database) -> None:
    job_id, _ = await started(database)
    time = Time()
    died = asyncio.Event()

    async def dies(run: JobRun) -> JobResult:
        await run.save(b"two of three", 2, 3)
        died.set()
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def resumes(run: JobRun) -> JobResult:
        assert run.checkpoint == b"two of three"
        await run.save(b"three of three", 3, 3)
        return JobResult(200, b"all three")

    first = asyncio.create_task(runner(database, dies, now=time, holder="dead").run_one())
    await died.wait()
    second = runner(database, resumes, now=time, holder="alive")
    progress = await answer_job(database, request(query=f"id={job_id}"))
    assert progress.headers["X-Progress"] == "2 of 3"
    assert not await second.run_one(), "its lease still holds"
    time.pass_seconds(31)
    assert await second.run_one()
    assert (await answer_job(database, request(query=f"id={job_id}"))).body == b"all three"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await answer_job(database, request(query=f"id={job_id}"))).body == b"all three"


async def test_a_holder_whose_lease_ran_out_cannot_save(database: Database) -> None:
    await started(database)
    time = Time()
    lost: list[bool] = []

    async def slow(run: JobRun) -> JobResult:
        time.pass_seconds(31)

        async def quick(other: JobRun) -> JobResult:
            return JobResult(200, b"quick")

        assert await runner(database, quick, now=time, holder="other").run_one()
        try:
            await run.save(b"late", 1)
        except JobLost:
            lost.append(True)
            raise
        return JobResult(200, b"slow")

    await runner(database, slow, now=time).run_one()
    assert lost == [True]


async def test_a_stopped_process_gives_its_job_back_at_once(database: Database) -> None:
    job_id, _ = await started(database)
    time = Time()
    working = asyncio.Event()

    async def endless(run: JobRun) -> JobResult:
        await run.save(b"so far", 5)
        working.set()
        await asyncio.Event().wait()
        raise AssertionError("never")

    loop = asyncio.create_task(runner(database, endless, now=time).run())
    await working.wait()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)

    async def ends(run: JobRun) -> JobResult:
        assert run.checkpoint == b"so far"
        return JobResult(200, b"ended")

    assert await runner(database, ends, now=time, holder="next").run_one()
    assert (await answer_job(database, request(query=f"id={job_id}"))).body == b"ended"


async def test_the_loop_runs_what_is_queued_while_it_waits(database: Database) -> None:
    done = asyncio.Event()

    async def handler(run: JobRun) -> JobResult:
        done.set()
        return JobResult(200, b"")

    own = JobRunner(database, {"count": handler}, "cohort-service", poll=3600)
    loop = asyncio.create_task(own.run())
    await asyncio.sleep(0)
    await accept_job(database, CountingIds(), "cohort-service", "count", request("POST"), b"", own.wake)
    await asyncio.wait_for(done.wait(), 30)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_refused_job_answers_its_outcome(database: Database) -> None:
    job_id, _ = await started(database)

    async def refuses(run: JobRun) -> JobResult:
        raise FhirError(Kind.UNPROCESSABLE, "There are no such people")

    await runner(database, refuses).run_one()
    answer = await answer_job(database, request(query=f"id={job_id}"))
    assert answer.status == 422
    assert decode(answer.body)["issue"][0]["details"]["text"] == "There are no such people"


async def test_a_broken_handler_fails_the_job_without_telling_its_message(database: Database, caplog) -> None:
    job_id, _ = await started(database)

    async def breaks(run: JobRun) -> JobResult:
        raise RuntimeError("Mrs Example, 943 476 5919")

    await runner(database, breaks).run_one()
    answer = await answer_job(database, request(query=f"id={job_id}"))
    assert answer.status == 500
    assert b"Example" not in answer.body
    assert "Example" not in caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("error", [FhirError(Kind.UNAVAILABLE), DatabaseUnavailable("gone")])
async def test_what_is_only_unavailable_is_tried_again_later(database: Database, error: Exception) -> None:
    job_id, _ = await started(database)
    time = Time()
    attempts: list[int] = []

    async def sometimes(run: JobRun) -> JobResult:
        attempts.append(1)
        if len(attempts) == 1:
            raise error
        return JobResult(200, b"at last")

    own = runner(database, sometimes, now=time)
    assert await own.run_one()
    assert not await own.run_one(), "not at once"
    time.pass_seconds(2)
    assert await own.run_one()
    assert (await answer_job(database, request(query=f"id={job_id}"))).body == b"at last"


async def test_a_job_whose_statements_are_always_too_long_fails_in_the_end(database: Database) -> None:
    job_id, _ = await started(database)
    time = Time()
    attempts: list[bytes | None] = []

    async def endless(run: JobRun) -> JobResult:
        attempts.append(run.checkpoint)
        if len(attempts) == 2:
            await run.save(b"further", 1)
        elif run.checkpoint is not None:
            await run.save(run.checkpoint, 1)
        raise StatementTimedOut("too long")

    own = runner(database, endless, now=time)
    while await own.run_one():
        time.pass_seconds(120)
    assert attempts == [None, None, *[b"further"] * 4], "five times from where it came to"
    answer = await answer_job(database, request(query=f"id={job_id}"))
    assert (answer.status, decode(answer.body)["issue"][0]["code"]) == (400, "too-costly")


async def test_cancelling_a_queued_job(database: Database) -> None:
    job_id, _ = await started(database)
    assert (await answer_job(database, request("DELETE", f"id={job_id}"))).status == 202
    with pytest.raises(FhirError) as refused:
        await answer_job(database, request(query=f"id={job_id}"))
    assert refused.value.kind is Kind.NOT_FOUND

    async def handler(run: JobRun) -> JobResult:
        raise AssertionError("a cancelled job does not run")

    assert not await runner(database, handler).run_one()


async def test_cancelling_a_running_job_stops_it_at_its_next_save(database: Database) -> None:
    job_id, _ = await started(database)
    stopped: list[bool] = []

    async def handler(run: JobRun) -> JobResult:
        await run.save(b"1", 1)
        await answer_job(database, request("DELETE", f"id={job_id}"))
        try:
            await run.save(b"2", 2)
        except JobCancelled:
            stopped.append(run.cancelled)
            raise
        return JobResult(200, b"")

    await runner(database, handler).run_one()
    assert stopped == [True]
    async with database.read() as connection:
        job = await find_job(connection, job_id)
    assert job is not None
    assert job.state == "cancelled"


async def test_the_lease_is_renewed_while_the_job_runs(database: Database) -> None:
    await started(database)
    time = Time()
    renewed = asyncio.Event()

    async def handler(run: JobRun) -> JobResult:
        async with database.read() as connection:
            first = await connection.fetchval("SELECT until FROM job")
        time.pass_seconds(1)
        while True:
            await asyncio.sleep(0)
            async with database.read() as connection:
                if await connection.fetchval("SELECT until FROM job") > first:
                    renewed.set()
                    return JobResult(200, b"")

    await asyncio.wait_for(runner(database, handler, now=time, lease=0.03).run_one(), 30)
    assert renewed.is_set()


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (CALLER, True),
        (Caller("A81002", scopes={"*": ALL_LETTERS}), False),
        (Caller("X26", scopes={"*": ALL_LETTERS}, operator=True), True),
    ],
)
async def test_only_who_started_a_job_or_an_operator_sees_it(database: Database, caller: Caller, sees: bool) -> None:
    job_id, _ = await started(database)
    if sees:
        assert (await answer_job(database, request(query=f"id={job_id}", caller=caller))).status == 202
        return
    for method in ("GET", "DELETE"):
        with pytest.raises(FhirError) as refused:
            await answer_job(database, request(method, f"id={job_id}", caller))
        assert refused.value.kind is Kind.NOT_FOUND


@pytest.mark.parametrize(("method", "query", "kind"), [
    ("GET", "", Kind.BAD_REQUEST), ("GET", "id=a&id=b", Kind.BAD_REQUEST), ("POST", "id=a", Kind.METHOD_NOT_ALLOWED),
    ("GET", "id=cohort-service.unknown", Kind.NOT_FOUND),
])  # fmt: skip
async def test_requests_that_cannot_be_meant(database: Database, method: str, query: str, kind: Kind) -> None:
    with pytest.raises(FhirError) as refused:
        await answer_job(database, request(method, query))
    assert refused.value.kind is kind


async def test_a_queue_that_is_full_takes_no_more_and_says_when_to_come_back(database: Database) -> None:
    limits = JobLimits(every=3, each=2)

    async def ask(organisation: str) -> FhirResponse:
        asked = request("POST", caller=Caller(organisation))
        ids = RandomIds()
        return await accept_job(database, ids, "cohort-service", "count", asked, b"", lambda: None, limits)

    async def refused(organisation: str) -> None:
        with pytest.raises(FhirError) as caught:
            await ask(organisation)
        assert caught.value.kind is Kind.THROTTLED
        assert caught.value.headers == {"Retry-After": "30"}

    first = await ask("A81001")
    await ask("A81001")
    await refused("A81001")
    await ask("B82002")
    await refused("C83003")
    job_id = first.headers["Content-Location"].partition("id=")[2]
    await answer_job(database, request("DELETE", f"id={job_id}", Caller("A81001")))
    assert (await ask("C83003")).status == 202
