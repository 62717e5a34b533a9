"""Long work: taken from table `job` under a lease, renewed while it runs, resumed from its checkpoint after a crash.

A handler may run more than once for one job (a process dies, a lease runs out), each time from the last checkpoint that
was saved; what it does between two checkpoints must be the same when it is done again.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from tandem.database.connection import Database, DatabaseUnavailable, SerializationConflict, StatementTimedOut
from tandem.database.pool_lanes import Asker, asker
from tandem.events.realtime import SECOND, Now, backoff, now_micros
from tandem.events.wakeup import Waker
from tandem.fhir import job_table
from tandem.fhir.body import encode
from tandem.fhir.job_table import Job, State
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.identity.caller import Caller

_log = logging.getLogger(__name__)
_KEEP = 7 * 24 * 3600 * SECOND
"""How long the result of an ended job can be fetched."""

_TIMED_OUT_TRIES = 5
"""So often a job whose statement the database ends as too long is tried, without coming further between."""
_TOO_LONG = "The database took longer for a part of this than it may, again and again: ask for less at once, or later"


class JobCancelled(Exception):
    """Whoever started the job does not want it any more."""


class JobLost(Exception):
    """Another process holds the job now."""


class JobResult(msgspec.Struct):
    """What `$job` answers once the job has ended."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = {}


JobHandler = Callable[["JobRun"], Awaitable[JobResult]]
_caller_decoder = msgspec.json.Decoder(Caller)


def pack_caller(caller: Caller) -> bytes:
    """The caller as it is kept with a job: without its token."""
    return msgspec.json.encode(replace(caller, token=""))


def unpack_caller(raw: bytes) -> Caller:
    """The caller of a job, or of a part of a load. Raises msgspec.MsgspecError for bytes that are none."""
    return _caller_decoder.decode(raw)


def pack_result(result: JobResult) -> bytes:
    return msgspec.msgpack.encode(result)


def unpack_result(raw: bytes) -> JobResult:
    return msgspec.msgpack.decode(raw, type=JobResult)


@dataclass(slots=True)
class JobRun:
    """One attempt at a job, as its handler sees it."""

    id: str
    request: bytes
    caller: Caller
    checkpoint: bytes | None
    _runner: JobRunner = field(repr=False)
    cancelled: bool = False
    """Whether the job was cancelled; known within a third of the lease, or at the next `save`."""

    async def save(self, checkpoint: bytes | None, done: int, total: int | None = None) -> None:
        """Keep how far the work has come. Raises JobCancelled, and JobLost when another process has taken over."""
        further = checkpoint != self.checkpoint
        self._heed(await self._runner.saved(self.id, checkpoint, done, total, further=further))
        self.checkpoint = checkpoint
        if self.cancelled:
            raise JobCancelled(self.id)

    def _heed(self, cancelled: bool | None) -> None:
        if cancelled is None:
            raise JobLost(self.id)
        self.cancelled = self.cancelled or cancelled


class JobRunner:
    """Runs a service's jobs, `parallel` at a time. `wake` it after the commit that queued one.

    `lease` and `poll` are seconds of real time; `poll` bounds how long a job of a dead process waits for another.
    """

    def __init__(
        self, database: Database, kinds: Mapping[str, JobHandler], service_name: str, *, holder: str | None = None,
        parallel: int = 2, lease: float = 30.0, poll: float = 20.0, now: Now = now_micros,
    ) -> None:  # fmt: skip
        self._database = database
        self._kinds = dict(kinds)
        self._service = service_name
        self._holder = holder or str(uuid.uuid4())
        self._parallel = parallel
        self._lease = lease
        self._poll = poll
        self._now = now
        self._waker = Waker()
        self._failures: dict[str, int] = {}
        self._timed_out: dict[str, int] = {}
        self._running: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that a job was queued."""
        self._waker.wake()

    async def run(self) -> None:
        """Take and run jobs until cancelled; then what runs is given back, for another process to resume."""
        failures = 0
        try:
            while True:
                try:
                    while len(self._running) < self._parallel and (job := await self._take()) is not None:
                        self._start(job)
                    if not self._running:
                        await self._forget()
                    failures = 0
                except Exception as error:
                    failures += 1
                    _log.warning("the jobs of %s wait after %s", self._service, type(error).__name__)
                await self._waker.wait(self._poll if not failures else backoff(failures, first=0.5, longest=self._poll))
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def run_one(self) -> bool:
        """Take the next job and work on it until it has ended or is given back. False when there is none."""
        job = await self._take()
        if job is None:
            return False
        await self._work(job)
        return True

    async def saved(
        self, job_id: str, checkpoint: bytes | None, done: int, total: int | None, *, further: bool
    ) -> bool | None:
        """See JobRun.save. `further` says that the checkpoint is another one than before."""
        if further:
            self._timed_out.pop(job_id, None)
        now = self._now()
        async with self._database.transaction() as connection:
            return await job_table.save_checkpoint(
                connection, job_id, self._holder, checkpoint, done, total, now, now + int(self._lease * SECOND)
            )

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._work(job), name=f"{self._service} job")
        self._running.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.warning("a job of %s waits until its lease runs out: %s", self._service, type(error).__name__)
        self._waker.wake()

    async def _take(self) -> Job | None:
        if not self._kinds:
            return None
        now = self._now()
        async with self._database.transaction() as connection:
            return await job_table.take_job(
                connection, sorted(self._kinds), self._holder, now, now + int(self._lease * SECOND)
            )

    async def _forget(self) -> None:
        async with self._database.transaction() as connection:
            await job_table.forget_ended(connection, self._now() - _KEEP)

    async def _work(self, job: Job) -> None:
        run = JobRun(job.id, job.request, unpack_caller(job.caller), job.checkpoint, self, job.cancelled)
        if run.cancelled:
            return await self._end(job, "cancelled", None)
        work = asyncio.ensure_future(self._handled(job, run))
        renewal = asyncio.create_task(self._renew(run, work))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            if not work.done():
                # This process stops: the job goes back at once, so that another need not wait for the lease to run out.
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self._give_back(job, 0.0)
                raise
            _log.warning("a job of %s was taken over by another process", self._service)
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)

    async def _handled(self, job: Job, run: JobRun) -> None:
        asker.set(Asker.SERVICE)
        try:
            result = await self._kinds[job.kind](run)
        except JobCancelled:
            await self._end(job, "cancelled", None)
        except JobLost:
            _log.warning("a job of %s was taken over by another process", self._service)
        except StatementTimedOut as error:
            tries = self._timed_out[job.id] = self._timed_out.get(job.id, 0) + 1
            if tries < _TIMED_OUT_TRIES:
                await self._try_later(job, error)
            else:
                _log_fault(self._service, job, error)
                await self._end(job, "failed", _refused(FhirError(Kind.TOO_COSTLY, _TOO_LONG)))
        except (DatabaseUnavailable, SerializationConflict) as error:
            await self._try_later(job, error)
        except FhirError as error:
            if error.kind is Kind.UNAVAILABLE:
                await self._try_later(job, error)
            else:
                await self._end(job, "failed", _refused(error))
        except Exception as error:
            _log_fault(self._service, job, error)
            await self._end(job, "failed", _refused(FhirError(Kind.INTERNAL)))
        else:
            await self._end(job, "cancelled" if run.cancelled else "completed", None if run.cancelled else result)

    async def _end(self, job: Job, state: State, result: JobResult | None) -> None:
        self._failures.pop(job.id, None)
        self._timed_out.pop(job.id, None)
        packed = pack_result(result) if result is not None else None
        async with self._database.transaction() as connection:
            if not await job_table.end_job(connection, job.id, self._holder, state, packed, self._now()):
                _log.warning("a job of %s was taken over by another process", self._service)

    async def _try_later(self, job: Job, error: Exception) -> None:
        attempt = self._failures[job.id] = self._failures.get(job.id, 0) + 1
        wait = backoff(attempt, first=1.0, longest=60.0)
        _log.warning("a %s job of %s waits after %s", job.kind, self._service, type(error).__name__)
        await self._give_back(job, wait)
        asyncio.get_running_loop().call_later(wait, self._waker.wake)

    async def _give_back(self, job: Job, wait: float) -> None:
        try:
            async with self._database.transaction() as connection:
                due = self._now() + int(wait * SECOND) if wait else 0
                await job_table.give_back(connection, job.id, self._holder, due)
        except DatabaseUnavailable:
            _log.warning("a job of %s waits until its lease runs out", self._service)

    async def _renew(self, run: JobRun, work: asyncio.Future[None]) -> None:
        held_until = self._now() + int(self._lease * SECOND)
        while True:
            await asyncio.sleep(self._lease / 3)
            until = self._now() + int(self._lease * SECOND)
            try:
                async with self._database.transaction() as connection:
                    cancelled = await job_table.renew_job(connection, run.id, self._holder, until)
            except Exception as error:
                _log.warning("the lease of a job of %s was not renewed: %s", self._service, type(error).__name__)
                if self._now() < held_until:
                    continue
                cancelled = None
            if cancelled is None:
                # Whoever holds it now starts from the last checkpoint; going on here would do its work twice.
                work.cancel()
                return
            held_until = until
            run.cancelled = run.cancelled or cancelled


def _refused(error: FhirError) -> JobResult:
    return JobResult(error.kind.status, encode(outcome_of(error)))


def _log_fault(service: str, job: Job, error: BaseException) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.filename.rsplit('/src/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    # Never the message: it may quote patient data.
    _log.error("job %s of %s failed: %s at %s", job.id, service, type(error).__name__, places)
