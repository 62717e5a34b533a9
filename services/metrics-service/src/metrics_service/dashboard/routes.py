"""The addresses of the pages. Everybody gets what the API would give them; nobody without a sign-in gets anything."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from metrics_service.dashboard.answering import HOME, Answering, audited, csv_answer, json_answer
from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.charts import funnel_chart, trend_chart
from metrics_service.dashboard.export_rows import COLUMNS
from metrics_service.dashboard.exports import as_json, figures_of_all
from metrics_service.dashboard.exports_of_measure import figures_of_measure
from metrics_service.dashboard.further_routes import FurtherPages
from metrics_service.dashboard.measure_building import MeasureBuilding, definition_named
from metrics_service.dashboard.overviews_read import note_read
from metrics_service.dashboard.people_page import worklist
from tandem.fhir.outcome import FhirError, Kind
from tandem.pages.surroundings import PageSurroundings
from tandem.pages.templating import Pages


def pages(surroundings: PageSurroundings) -> Sequence[BaseRoute]:
    """The routes of the dashboard."""
    templates = Pages("metrics_service.dashboard")
    answering, building = Answering(surroundings, templates), Building()
    dashboard, further = _Dashboard(building, templates), FurtherPages(building, templates)
    measure = f"{HOME}/measures/{{measure}}"
    answers = {
        HOME: dashboard.overview, f"{HOME}/figures.csv": dashboard.all_csv, f"{HOME}/figures.json": dashboard.all_json,
        measure: dashboard.measure, f"{measure}/people": dashboard.people,
        f"{measure}/figures.csv": dashboard.measure_csv, f"{measure}/figures.json": dashboard.measure_json,
        **further.answers(),
    }  # fmt: skip
    return [Route(path, answering.answering(answer), methods=["GET"]) for path, answer in answers.items()]


class _Dashboard:
    def __init__(self, building: Building, templates: Pages) -> None:
        self._building = building
        self._measures = MeasureBuilding(building)
        self._pages = templates

    async def overview(self, asked: Asked, request: Request) -> Response:
        whole = asked.whole
        page = await self._building.overview(whole)
        await audited(whole)
        if whole.day == whole.today:
            await note_read(whole.kernel.database, whole.area, whole.today)
        return self._pages.answer("overview.html", page=page, setting=page.setting)

    async def measure(self, asked: Asked, request: Request) -> Response:
        page = await self._measures.page(asked, definition_named(request.path_params["measure"], asked))
        await audited(asked)
        trend = trend_chart(f"{page.line.title}, by period", page.unit, page.trend, page.line.band)
        funnel, homes = None, None
        if page.funnel is not None:
            title = f"{page.line.title}, by denominator"
            funnel = funnel_chart(title, page.unit, page.funnel, page.within, page.peers)
        if page.homes.funnel is not None:
            title = f"{page.line.title}, by care home and denominator"
            homes = funnel_chart(title, page.unit, page.homes.funnel, page.homes.rows, page.homes.points, "homes")
        return self._pages.answer(
            "measure.html", page=page, setting=page.setting, trend=trend, funnel=funnel, homes=homes
        )

    async def people(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"], asked)
        query = request.query_params
        number = query.get("page", "1")
        if not (number.isascii() and number.isdigit() and len(number) < 7):
            raise FhirError(Kind.BAD_REQUEST, "page is a whole number", expression="page")
        page, people = await worklist(asked, definition, query.get("population"), int(number))
        await audited(asked, set(people))
        setting = await self._building.setting(asked, page.period, ())
        back = f"{HOME}/measures/{definition.id}{asked.query}"
        return self._pages.answer("people.html", page=page, setting=setting, back=back)

    async def all_csv(self, asked: Asked, request: Request) -> Response:
        whole = asked.whole
        return await csv_answer(whole, await figures_of_all(self._building, whole), "figures", COLUMNS)

    async def all_json(self, asked: Asked, request: Request) -> Response:
        whole = asked.whole
        return await json_answer(whole, as_json(whole, await figures_of_all(self._building, whole)))

    async def measure_csv(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"], asked)
        rows = await figures_of_measure(self._building, asked, definition)
        return await csv_answer(asked, rows, definition.id, COLUMNS)

    async def measure_json(self, asked: Asked, request: Request) -> Response:
        definition = definition_named(request.path_params["measure"], asked)
        return await json_answer(asked, as_json(asked, await figures_of_measure(self._building, asked, definition)))
