"""The gateway at work: its routes, and the runner of its jobs on its own database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from tandem.clock import Clock
from tandem.database.connection import Database
from tandem.fhir.job_limits import JobLimits
from tandem.fhir.job_requests import answer_job
from tandem.fhir.jobs import JobRunner
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backend, Backends, HttpBackend
from tandem.gateway.ingest import INGEST_JOB, Ingest
from tandem.gateway.ingest_job import IngestJob
from tandem.gateway.routes import GatewayRoutes
from tandem.gateway.service import GATEWAY
from tandem.gateway.service import service as gateway_service
from tandem.identity.rotated_secret import Secret
from tandem.ids import IdSource
from tandem.service import Service
from tandem.sign_in.ended_sessions import EndedSessions
from tandem.telemetry.state_reader import StateReader


class _Surroundings(Protocol):
    @property
    def base(self) -> str: ...
    @property
    def page_secret(self) -> Secret: ...
    @property
    def ids(self) -> IdSource: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def job_limits(self) -> JobLimits: ...


class GatewayRuntime:
    """The gateway with its loop. `start` after the migrations, `stop` before the database is closed."""

    def __init__(
        self, database: Database, backends: Mapping[str, Backend], surroundings: _Surroundings,
        services: Sequence[Service],
    ) -> None:  # fmt: skip
        self._database = database
        self._backends = backends
        job = IngestJob(Backends(backends), surroundings.base, database)
        self.jobs = JobRunner(database, {INGEST_JOB: job.run}, GATEWAY)
        self.state = StateReader(gateway_service, database, surroundings.clock, surroundings.ids, loops=self._loops)
        self.routes = GatewayRoutes(
            services, backends, surroundings.base, surroundings.page_secret,
            ingest=Ingest(database, surroundings.ids, self.jobs.wake, surroundings.job_limits).answer, job=self._job,
            state=self.state.state,
        )  # fmt: skip
        self.ended_sessions = EndedSessions(database)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run jobs in the background, beginning with those that an earlier process left."""
        self._task = asyncio.create_task(self.jobs.run(), name="gateway jobs")

    async def stop(self) -> None:
        """Give running jobs back, and close what leads to the services."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for backend in self._backends.values():
            if isinstance(backend, HttpBackend):
                await backend.close()

    def _loops(self) -> dict[str, bool]:
        return {} if self._task is None else {"jobs": not self._task.done()}

    async def _job(self, request: FhirRequest) -> FhirResponse:
        return await answer_job(self._database, request)
