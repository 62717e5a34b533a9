"""The addresses of the pages. Everybody gets what the API would give them; nobody without a sign-in gets anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from metrics_service.dashboard.asking import Asked, asked_of, call_of
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.charts import funnel_chart, trend_chart
from metrics_service.dashboard.exports import as_csv, as_json, figures_of_all, figures_of_measure
from metrics_service.dashboard.measure_building import MeasureBuilding, definition_named
from metrics_service.dashboard.people_page import worklist
from tandem.clock import to_micros
from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.pages.surroundings import PageSurroundings
from tandem.pages.templating import Pages
from tandem.sign_in.first import sign_in_first

HOME: Final = "/dashboard"
ACTION: Final = "$dashboard"
Answer = Callable[[Asked, Request], Awaitable[Response]]
_HEADINGS: Final = {
    400: "This address cannot be read", 403: "You may not see this page", 404: "There is no such page",
    503: "This page cannot be made just now",
}  # fmt: skip


def pages(surroundings: PageSurroundings) -> Sequence[BaseRoute]:
    """The routes of the dashboard."""
    dashboard = _Dashboard(surroundings)
    measure = f"{HOME}/measures/{{measure}}"
    return [
        Route(HOME, dashboard.answering(dashboard.overview), methods=["GET"]),
        Route(f"{HOME}/figures.csv", dashboard.answering(dashboard.all_csv), methods=["GET"]),
        Route(f"{HOME}/figures.json", dashboard.answering(dashboard.all_json), methods=["GET"]),
        Route(measure, dashboard.answering(dashboard.measure), methods=["GET"]),
        Route(f"{measure}/people", dashboard.answering(dashboard.people), methods=["GET"]),
        Route(f"{measure}/figures.csv", dashboard.answering(dashboard.measure_csv), methods=["GET"]),
        Route(f"{measure}/figures.json", dashboard.answering(dashboard.measure_json), methods=["GET"]),
    ]


class _Dashboard:
    def __init__(self, surroundings: PageSurroundings) -> None:
        self._surroundings = surroundings
        self._building = Building()
        self._measures = MeasureBuilding(self._building)
        self._pages = Pages("metrics_service.dashboard")

    def answering(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """The answer for whoever is signed in; a refusal as a page, or as an OperationOutcome to a program."""

        async def answered(request: Request) -> Response:
            try:
                caller = await self._surroundings.caller(request)
                if caller is None:
                    return sign_in_first(request)
                kernel = self._surroundings.kernel()
                call = call_of(kernel, request, caller)
                async with kernel.database.read() as connection:
                    asked = await asked_of(call, request, connection)
                return await answer(asked, request)
            except FhirError as error:
                return self._refused(request, error)
            except DatabaseUnavailable:
                return self._refused(request, FhirError(Kind.UNAVAILABLE, headers={"Retry-After": "2"}))

        return answered

    async def overview(self, asked: Asked, request: Request) -> Response:
        page = await self._building.overview(asked)
        await _audit(asked)
        return self._pages.answer("overview.html", page=page, setting=page.setting)

    async def measure(self, asked: Asked, request: Request) -> Response:
        page = await self._measures.page(asked, definition_named(request.path_params["measure"]))
        await _audit(asked)
        trend = trend_chart(f"{page.line.title}, by period", page.unit, page.trend, page.line.band)
        funnel = None
        if page.funnel is not None:
            title = f"{page.line.title}, by denominator"
            funnel = funnel_chart(title, page.unit, page.funnel, page.within, page.peers)
        return self._pages.answer("measure.html", page=page, setting=page.setting, trend=trend, funnel=funnel)

    async def people(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"])
        query = request.query_params
        number = query.get("page", "1")
        if not (number.isascii() and number.isdigit() and len(number) < 7):
            raise FhirError(Kind.BAD_REQUEST, "page is a whole number", expression="page")
        page, people = await worklist(asked, definition, query.get("population"), int(number))
        await _audit(asked, set(people))
        setting = await self._building.setting(asked, page.period, ())
        back = f"{HOME}/measures/{definition.id}{asked.query}"
        return self._pages.answer("people.html", page=page, setting=setting, back=back)

    async def all_csv(self, asked: Asked, request: Request) -> Response:
        return await self._csv(asked, await figures_of_all(self._building, asked), "figures")

    async def all_json(self, asked: Asked, request: Request) -> Response:
        return await self._json(asked, await figures_of_all(self._building, asked))

    async def measure_csv(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"])
        return await self._csv(asked, await figures_of_measure(self._building, asked, definition), definition.id)

    async def measure_json(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"])
        return await self._json(asked, await figures_of_measure(self._building, asked, definition))

    async def _csv(self, asked: Asked, rows: list[dict[str, Any]], name: str) -> Response:
        await _audit(asked)
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
        return Response(as_csv(rows), 200, headers, "text/csv; charset=utf-8")

    async def _json(self, asked: Asked, rows: list[dict[str, Any]]) -> Response:
        await _audit(asked)
        return Response(encode(as_json(asked, rows)), 200, {"Cache-Control": "no-store"}, "application/json")

    def _refused(self, request: Request, error: FhirError) -> Response:
        status = error.kind.status
        if "text/html" not in request.headers.get("accept", ""):
            return Response(encode(outcome_of(error)), status, error.headers, JSON)
        texts = [issue.text for issue in error.issues]
        heading = _HEADINGS.get(status, "This page cannot be shown")
        answer = self._pages.answer("message.html", status, heading=heading, texts=texts, link=(HOME, "The dashboard"))
        answer.headers.update(error.headers)
        return answer


async def _audit(asked: Asked, people: set[str | None] | None = None) -> None:
    kernel = asked.kernel
    await audit_reads(
        kernel.database, asked.call.request, ACTION, "Measure", people or set(), to_micros(kernel.clock.now())
    )
