"""One service, or the gateway, in a process of its own: PostgreSQL, RabbitMQ and the others over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.routing import BaseRoute

from tandem.clock import Clock, SettableClock, SystemClock
from tandem.database.connection import Database, open_database
from tandem.events.kinds import widened
from tandem.events.rabbitmq import RabbitTransport
from tandem.fhir.asgi import Answer, FhirEndpoint
from tandem.fhir.capabilities import capabilities
from tandem.fhir.job_limits import JobLimits
from tandem.fhir.kernel import Kernel
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.validation import validator
from tandem.gateway.backends import HttpBackend
from tandem.gateway.pages import ForwardedPages, SessionTokens
from tandem.gateway.runtime import GatewayRuntime
from tandem.gateway.service import OPERATIONS
from tandem.identity.issuer import LocalIssuer
from tandem.identity.jwks import KeySource, RemoteKeys
from tandem.identity.key_files import KeyFiles
from tandem.identity.rotated_secret import FileSecrets, FixedSecrets, RotatedSecret, page_secret_of
from tandem.identity.service_tokens import ServiceTokens, service_issuer
from tandem.identity.token_endpoint import JWKS_PATH, TokenEndpoint
from tandem.identity.tokens import TokenVerifier
from tandem.ids import RandomIds
from tandem.pages.surroundings import PageSurroundings
from tandem.runtime.clock_route import clock_route
from tandem.runtime.database_state import database_state
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.runtime.log_reading import LogReader
from tandem.runtime.lookup import BackendLookup
from tandem.runtime.overload import Overload
from tandem.runtime.service_runtime import ServiceRuntime, Surroundings, keeping, listeners_of
from tandem.runtime.services import GATEWAY, declared_service, declared_services, installed_services, operation_names
from tandem.runtime.sign_in import by_token_alone, local_sign_in, no_sign_in_route, outside_sign_in
from tandem.runtime.web import Front, web_app
from tandem.settings import SettingError, Settings
from tandem.sign_in.ended_sessions import EndedSessions
from tandem.sign_in.sign_in import SignIn

WITH_PAGES = "metrics-service"
"""The service whose pages the gateway hands on."""


def process_app(name: str, settings: Settings, clock: Clock | None = None) -> Front:
    """The web application of one service or the gateway. Raises SettingError when a setting it needs is missing.

    With a settable `clock` it has a `POST /clock`; whoever moves one process moves the others to the same time.
    """
    _check(name, settings)
    return (_GatewayProcess if name == GATEWAY else _ServiceProcess)(name, settings, clock).app()


def _check(name: str, settings: Settings) -> None:
    needed = {"TANDEM_DATABASE_URL": settings.database_url, "TANDEM_SERVICE_KEY": settings.service_key,
              "TANDEM_SERVICES": settings.services}  # fmt: skip
    if name != GATEWAY:
        needed["TANDEM_AMQP_URL"] = settings.amqp_url
    if not settings.issuer_data:
        needed["TANDEM_ISSUER"] = settings.issuer
    missing = [setting for setting, value in needed.items() if not value]
    if missing:
        raise SettingError(f"{name} needs {', '.join(missing)}; the settings are in docs/settings.md")


class _Process:
    """What every process has: settings, identity, the way to the other services."""

    def __init__(self, name: str, settings: Settings, clock: Clock | None = None) -> None:
        self.name = name
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ids = RandomIds()
        audience = settings.audience or LOCAL_AUDIENCE
        self.tokens = ServiceTokens.from_key_file(Path(settings.service_key), audience, name)
        self.issuer = self._local_issuer(audience)
        self.verifier = TokenVerifier(
            settings.issuer or LOCAL_ISSUER, audience, self._keys(), others=[service_issuer(Path(settings.service_key))]
        )
        self.backends = {
            other: HttpBackend(url, self.tokens.token, name=other) for other, url in settings.services.items()
        }  # fmt: skip
        self.database: Database | None = None
        self.overload = Overload(settings)

    def surroundings(self) -> Surroundings:
        settings = self.settings
        return Surroundings(
            self.clock, self.ids, validator(settings.validator), settings.base, self._page_secret(), settings.max_body,
            settings.max_resource, settings.pseudonym_key.encode(),
            Path(settings.subscription_hosts) if settings.subscription_hosts else None,
            JobLimits(settings.max_jobs, settings.caller_jobs), keeping(settings),
        )  # fmt: skip

    def _page_secret(self) -> RotatedSecret:
        # Every replica must sign alike, and the service key is what they share; a secret of its own may be set.
        settings = self.settings
        if settings.page_secret:
            chosen = (settings.page_secret, *settings.page_secrets_accepted)
            return FixedSecrets([page_secret_of(each.encode()) for each in chosen])
        return FileSecrets(KeyFiles(Path(settings.service_key)).contents, page_secret_of)

    def endpoint(self, answer: Answer) -> FhirEndpoint:
        settings = self.settings
        return FhirEndpoint(
            self.name, answer, self.verifier.verify, self.ids, settings.base, max_body=settings.max_body,
            max_ingest=settings.max_ingest, operations=operation_names(), admission=self.overload,
        )  # fmt: skip

    def clock_routes(self, fire_due: Callable[[], Awaitable[int]]) -> list[BaseRoute]:
        if not isinstance(self.clock, SettableClock):
            return []
        return [clock_route(self.clock, self.verifier.verify, fire_due)]

    def _local_issuer(self, audience: str) -> LocalIssuer | None:
        if not self.settings.issuer_data:
            return None
        return LocalIssuer(Path(self.settings.issuer_data), self.settings.issuer or LOCAL_ISSUER, audience)

    def _keys(self) -> KeySource:
        if self.issuer is not None:
            return self.issuer.keys
        return RemoteKeys(self.settings.jwks_url or f"{self.settings.issuer}{JWKS_PATH}")

    async def ready(self) -> dict[str, str]:
        if self.database is None:
            return {"database": "starting"}
        return {"database": await database_state(self.database)}


class _ServiceProcess(_Process):
    def app(self) -> Front:
        service = declared_service(self.name)
        settings = self.settings
        endpoint = self.endpoint(self._answer)
        routes = self.clock_routes(self._fire_due)
        if service.pages is not None:
            routes += service.pages(PageSurroundings(self._kernel, by_token_alone(self.verifier.verify)))
        return web_app(
            f"Tandem {self.name}", endpoint, lambda: capabilities([service], settings.base), self.ready, self._running,
            lambda: [self.runtime.state], routes, overload=self.overload,
        )  # fmt: skip

    def _kernel(self) -> Kernel:
        return self.runtime.kernel

    async def _answer(self, request: FhirRequest) -> FhirResponse:
        return await self.runtime.routes.answer(request)

    async def _fire_due(self) -> int:
        return await self.runtime.due.fire_due()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        settings = self.settings
        self.database = await open_database(settings.database_url, pool_size=settings.pool_size)
        transport = RabbitTransport(settings.amqp_url, consumers=consumers())
        logs = LogReader(self.backends, self.name, self.ids)
        lookup = None
        if self.name != "cohort-service":
            lookup = BackendLookup(self.backends, self.name, self.ids)
        self.runtime = ServiceRuntime(
            declared_service(self.name), self.database, transport, self.surroundings(), logs, lookup=lookup,
            neighbours=self.backends,
        )  # fmt: skip
        try:
            await self.runtime.begin_consuming()
            self.runtime.begin_relaying()
            yield
        finally:
            await self.runtime.stop()
            await transport.close()
            for backend in self.backends.values():
                await backend.close()
            await self.database.close()


class _GatewayProcess(_Process):
    def app(self) -> Front:
        settings = self.settings
        endpoint = self.endpoint(self._answer)
        routes = self.clock_routes(self._fire_due)
        if self.issuer is not None:
            routes += TokenEndpoint(self.issuer, Path(settings.issuer_data), settings.public_url).routes()
        routes += self._pages(routes)
        services = list(declared_services().values())
        return web_app(
            "Tandem",
            endpoint,
            lambda: capabilities(services, settings.base, OPERATIONS),
            self.ready,
            self._running,
            lambda: [self.gateway.state],
            routes,
            overload=self.overload,
        )

    async def _answer(self, request: FhirRequest) -> FhirResponse:
        return await self.gateway.routes.answer(request)

    async def _fire_due(self) -> int:
        return 0  # nothing is scheduled at the gateway

    def _pages(self, issuing: Sequence[BaseRoute]) -> list[BaseRoute]:
        """The sign-in, and the pages of the one service that has some, for whoever is signed in."""
        settings, verify, secret = self.settings, self.verifier.verify, self.surroundings().page_secret
        if self.issuer is not None:
            sign_in: SignIn | None = local_sign_in(
                self.issuer, issuing, verify, secret, settings.public_url, self._ended
            )
        else:
            sign_in = outside_sign_in(settings, self._keys(), verify, secret, self._ended)
        who_asks = by_token_alone(verify) if sign_in is None else sign_in.caller
        tokens = SessionTokens(KeyFiles(Path(settings.service_key)).signing, settings.audience or LOCAL_AUDIENCE)
        self.forwarded = ForwardedPages(settings.services.get(WITH_PAGES, ""), who_asks, tokens)
        return [*([no_sign_in_route()] if sign_in is None else sign_in.routes()), *self.forwarded.routes()]

    def _ended(self) -> EndedSessions:
        return self.gateway.ended_sessions

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        self.database = await open_database(self.settings.database_url, pool_size=self.settings.pool_size)
        services = list(declared_services().values())
        self.gateway = GatewayRuntime(self.database, self.backends, self.surroundings(), services)
        try:
            await self.gateway.start()
            yield
        finally:
            await self.gateway.stop()
            await self.forwarded.close()
            await self.database.close()


def consumers() -> dict[str, tuple[str, ...]]:
    """Every consumer installed here with the event kinds it receives, as its inbox has them.

    An image may hold one service alone; then the others' kinds are unknown here, and a consumer that has never had a
    queue reads what it missed from this service's log when it first starts.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, service in installed_services().items():
        patterns = [pattern for listener in listeners_of(service) for pattern in listener.kinds]
        found[name] = widened(patterns)
    return found
