"""Embedded mode: all five services and the gateway in one process, one SQLite file each, events in-process."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.routing import BaseRoute

from tandem.clock import Clock, SettableClock, SystemClock
from tandem.database.connection import Database, open_database
from tandem.database.migrate import migrate
from tandem.events.embedded import EmbeddedTransport
from tandem.fhir.asgi import FhirEndpoint
from tandem.fhir.capabilities import capabilities
from tandem.fhir.job_limits import JobLimits
from tandem.fhir.kernel import Kernel
from tandem.fhir.ownership import SERVICES
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.validation import validator
from tandem.gateway.backends import Backend, InProcessBackend
from tandem.gateway.runtime import GatewayRuntime
from tandem.gateway.service import OPERATIONS
from tandem.identity.rotated_file import RotatedFile
from tandem.identity.rotated_secret import FileSecrets, FixedSecrets, RotatedSecret
from tandem.identity.token_endpoint import TokenEndpoint
from tandem.identity.tokens import TokenVerifier
from tandem.ids import IdSource, RandomIds
from tandem.pages.surroundings import PageSurroundings
from tandem.runtime.clock_route import clock_route
from tandem.runtime.database_state import database_state
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER, local_issuer
from tandem.runtime.log_reading import LogReader
from tandem.runtime.lookup import BackendLookup
from tandem.runtime.overload import Overload
from tandem.runtime.service_runtime import ServiceRuntime, Surroundings, keeping
from tandem.runtime.services import GATEWAY, declared_service, declared_services, operation_names
from tandem.runtime.sign_in import local_sign_in
from tandem.runtime.web import Front, web_app
from tandem.settings import Settings
from tandem.sign_in.ended_sessions import EndedSessions
from tandem.subscriptions.hosts import HOSTS_FILE
from tandem.telemetry.state_reader import StateReader

_PAGING_FILE = "paging-key"


class EmbeddedSystem:
    """Everything in one process, in a data directory. `async with system.running():` around its use.

    `gateway.routes.answer` is the in-process entrance; `app` the same over HTTP.
    """

    def __init__(
        self, data: Path, settings: Settings, *, clock: Clock | None = None, ids: IdSource | None = None
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ids = ids or RandomIds()
        self.issuer = local_issuer(data)
        self.verifier = TokenVerifier(LOCAL_ISSUER, LOCAL_AUDIENCE, self.issuer.keys, services=True)
        self.services: dict[str, ServiceRuntime] = {}
        self.gateway: GatewayRuntime | None = None
        self.overload = Overload(settings)
        self._databases: list[Database] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Migrate, start, serve, stop."""
        try:
            await self._start()
            yield
        finally:
            await self._stop()

    def app(self) -> Front:
        """The web application of the whole system."""
        settings, services = self.settings, list(declared_services().values())

        async def answer(request: FhirRequest) -> FhirResponse:
            assert self.gateway is not None, "requests come only while the system runs"
            return await self.gateway.routes.answer(request)

        endpoint = FhirEndpoint(
            GATEWAY, answer, self.verifier.verify, self.ids, settings.base, max_body=settings.max_body,
            max_ingest=settings.max_ingest, operations=operation_names(), admission=self.overload,
        )  # fmt: skip
        routes: list[BaseRoute] = list(TokenEndpoint(self.issuer, self.data, settings.public_url).routes())
        routes += self._pages(routes)
        if isinstance(self.clock, SettableClock):
            routes.append(clock_route(self.clock, self.verifier.verify, self.fire_due))
        return web_app(
            "Tandem", endpoint, lambda: capabilities(services, settings.base, OPERATIONS), self._ready,
            self.running, self.states, routes, overload=self.overload,
        )  # fmt: skip

    async def fire_due(self) -> int:
        """Fire what the domain clock has passed in every service; answers how many timed events fired."""
        return sum([await runtime.due.fire_due() for runtime in self.services.values()])

    async def set_clock(self, moment: datetime) -> int:
        """Move a settable clock forward and fire what falls due. Raises ValueError for a time in the past."""
        if not isinstance(self.clock, SettableClock):
            raise ValueError("this system runs on the machine's clock")
        self.clock.set(moment)
        return await self.fire_due()

    def _pages(self, issuing: Sequence[BaseRoute]) -> list[BaseRoute]:
        """Sign-in at the local issuer, whose routes these are, and the pages of the services."""
        verify, secret = self.verifier.verify, page_secret(self.data, self.settings)
        sign_in = local_sign_in(
            self.issuer, issuing, verify, secret, self.settings.public_url, self._ended_sessions
        )
        routes: list[BaseRoute] = list(sign_in.routes())
        for name, service in declared_services().items():
            if service.pages is not None:
                routes += service.pages(PageSurroundings(partial(self._kernel, name), sign_in.caller))
        return routes

    def _ended_sessions(self) -> EndedSessions:
        assert self.gateway is not None, "requests come only while the system runs"
        return self.gateway.ended_sessions

    def _kernel(self, name: str) -> Kernel:
        return self.services[name].kernel

    async def _start(self) -> None:
        transport = EmbeddedTransport()
        surroundings = self._surroundings()
        backends: dict[str, Backend] = {}
        for name, service in declared_services().items():
            database = await self._database(name)
            lookup = None if name == "cohort-service" else BackendLookup(backends, name, self.ids)
            runtime = ServiceRuntime(
                service, database, transport, surroundings, LogReader(backends, name, self.ids), lookup=lookup,
                neighbours=backends,
            )  # fmt: skip
            self.services[name] = runtime
            backends[name] = InProcessBackend(runtime.routes)
        services = list(declared_services().values())
        self.gateway = GatewayRuntime(await self._database(GATEWAY), backends, surroundings, services)
        for runtime in self.services.values():
            await runtime.begin_consuming()
        for runtime in self.services.values():
            # Level means subscribed: what a relay then publishes reaches every inbox, or stays in the outbox.
            await runtime.consumer.level.wait()
        for runtime in self.services.values():
            runtime.begin_relaying()
        await self.gateway.start()

    async def _stop(self) -> None:
        if self.gateway is not None:
            await self.gateway.stop()
        for runtime in self.services.values():
            await runtime.stop()
        for database in self._databases:
            await database.close()
        self.services, self._databases, self.gateway = {}, [], None

    async def _database(self, name: str) -> Database:
        url = f"sqlite:///{self.data / name}.sqlite"
        await migrate(declared_service(name), url)
        database = await open_database(url)
        self._databases.append(database)
        return database

    def _surroundings(self) -> Surroundings:
        settings = self.settings
        return Surroundings(
            self.clock, self.ids, validator(settings.validator), settings.base, page_secret(self.data, settings),
            settings.max_body, settings.max_resource, settings.pseudonym_key.encode(),
            Path(settings.subscription_hosts) if settings.subscription_hosts else self.data / HOSTS_FILE,
            JobLimits(settings.max_jobs, settings.caller_jobs),
            keeping(settings),
        )  # fmt: skip

    def states(self) -> list[StateReader]:
        """Where each service and the gateway stand."""
        services = [runtime.state for runtime in self.services.values()]
        return services if self.gateway is None else [*services, self.gateway.state]

    async def _ready(self) -> dict[str, str]:
        if len(self.services) != len(SERVICES):
            return {"services": "starting"}
        return {name: await database_state(runtime.database) for name, runtime in self.services.items()}


def page_secret(data: Path, settings: Settings) -> RotatedSecret:
    """The secret that signs paging links: from the settings, else kept in the data directory."""
    if settings.page_secret:
        return FixedSecrets([each.encode() for each in (settings.page_secret, *settings.page_secrets_accepted)])
    path = data / _PAGING_FILE
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    kept = RotatedFile(path)
    return FileSecrets(lambda anew: kept.contents(anew=anew), bytes)


def embedded_settings(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address that clients see, unless one was configured."""
    if settings.public_url != Settings().public_url:
        return settings
    return replace(settings, public_url=f"http://{host}:{port}")
