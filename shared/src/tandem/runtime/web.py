"""The web application of a process: the FHIR endpoint, health, metrics, documentation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from tandem.database.pool_lanes import Asker, asker
from tandem.fhir.asgi import FhirEndpoint
from tandem.fhir.body import Resource, encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.fhir.transfer import Receive, Scope, Send
from tandem.pages.assets import assets_route
from tandem.runtime.bounded_pages import BoundedPages, send_refusal
from tandem.runtime.documentation import documentation_page, openapi_document
from tandem.runtime.overload import Overload
from tandem.telemetry.event_loop import watch_event_loop
from tandem.telemetry.framework import SILENT
from tandem.telemetry.request_log import log_request
from tandem.telemetry.state_metrics import StateMetrics
from tandem.telemetry.state_reader import StateReader

Ready = Callable[[], Awaitable[dict[str, str]]]
"""Name of each part that is needed -> `ok` or what is wrong with it."""
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
_ASKED_ALL_THE_TIME = frozenset(("/health/live", "/health/ready", "/metrics"))
"""Neither refused nor logged."""


class Front:
    """Gives the FHIR endpoint what is below `/fhir`, and the web application everything else.

    A framework's routing costs a fifth of a read, and the endpoint needs none of it. Health and metrics are answered
    whatever else is asked for.
    """

    def __init__(self, pages: FastAPI, endpoint: Application, overload: Overload) -> None:
        self.pages = pages
        self._bounded = BoundedPages(pages, overload)
        self._endpoint = endpoint
        self.overload = overload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path in _ASKED_ALL_THE_TIME:
            # A request that stands behind another on its connection begins with what was set for that.
            asker.set(Asker.ITSELF)
            await self.pages(scope, receive, send)
            return
        try:
            self.overload.check_connections()
        except FhirError as error:
            await send_refusal(send, error)
            return
        if (path.startswith("/fhir/") or path == "/fhir") and "/.well-known/" not in path:
            await self._endpoint(scope, receive, send)
        else:
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._bounded(scope, receive, noting)
        finally:
            # The path of the declared route: what a client put into its place of it is left out.
            route = getattr(scope.get("route"), "path", "/[other]")
            log_request(scope["method"], route, status, time.perf_counter() - started, "")


def web_app(
    title: str, endpoint: FhirEndpoint, capabilities: Callable[[], Resource], ready: Ready,
    running: Callable[[], AbstractAsyncContextManager[None]], states: Callable[[], Sequence[StateReader]],
    routes: Sequence[BaseRoute] = (), *, overload: Overload,
) -> Front:  # fmt: skip
    """The application; `running` brings the process's parts up and down around it, `states` tell where they stand."""
    figures: list[StateMetrics] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running():
            figures.append(StateMetrics(states))
            watching = asyncio.create_task(watch_event_loop(overload.note_lag), name="event loop")
            try:
                yield
            finally:
                watching.cancel()
                figures.pop().close()

    app = FastAPI(
        title=title, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, telemetry=SILENT
    )
    app.router.routes.extend([*routes, assets_route()])
    add_health(app, ready, figures, overload)
    _add_documentation(app, title, capabilities)
    app.add_exception_handler(HTTPException, _not_there)
    return Front(app, endpoint, overload)


def add_health(app: FastAPI, ready: Ready, figures: Sequence[StateMetrics], overload: Overload) -> None:
    """`/health/live`, `/health/ready` (503 while a part of `ready` is not ok) and `/metrics`."""

    @app.get("/health/live", include_in_schema=False)
    async def live() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/health/ready", include_in_schema=False)
    async def is_ready() -> Response:
        # A process that is about to stop says so first, so that it is asked no more when it does.
        parts = {"process": "stopping"} if overload.draining else await ready()
        good = all(state == "ok" for state in parts.values())
        return JSONResponse({"status": "ok" if good else "unavailable", "parts": parts}, 200 if good else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        for each in figures:
            await each.refresh()
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _add_documentation(app: FastAPI, title: str, capabilities: Callable[[], Resource]) -> None:
    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/docs")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(documentation_page(title, capabilities()))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(encode(openapi_document(title, capabilities())), media_type="application/json")


async def _not_there(_: Request, error: Any) -> Response:
    kind = Kind.METHOD_NOT_ALLOWED if error.status_code == 405 else Kind.NOT_FOUND
    return Response(
        encode(outcome_of(FhirError(kind, "There is nothing at this address"))), kind.status, media_type=JSON
    )
