"""The pages beside the overview and its measures: a care home, the timeline of services, and how peers were chosen."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from metrics_service.dashboard.answering import HOME, Answer, audited, csv_answer, json_answer
from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.bar_chart import bar_chart
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.charts import trend_chart
from metrics_service.dashboard.export_rows import COLUMNS
from metrics_service.dashboard.exports import as_json, figures_of_home
from metrics_service.dashboard.home_building import HomeBuilding
from metrics_service.dashboard.peers_page import COLUMNS as PEERS_COLUMNS
from metrics_service.dashboard.peers_page import peers_page, peers_rows, peers_told
from metrics_service.dashboard.timeline_page import COLUMNS as TIMELINE_COLUMNS
from metrics_service.dashboard.timeline_page import TimelinePage, service_on_page, timeline_asked, timeline_rows
from tandem.pages.templating import Pages


class FurtherPages:
    """Answers with the figures and names of `building`."""

    def __init__(self, building: Building, templates: Pages) -> None:
        self._building, self._pages = building, templates
        self._homes = HomeBuilding(building)

    def answers(self) -> Mapping[str, Answer]:
        """By address."""
        # A code that is no ODS code has the slashes of its system; so the page itself is the last to be tried.
        home, timeline, peers = f"{HOME}/homes/{{home:path}}", f"{HOME}/timeline", f"{HOME}/peers"
        return {
            f"{home}/figures.csv": self.home_csv, f"{home}/figures.json": self.home_json, home: self.home,
            timeline: self.timeline, f"{timeline}/figures.csv": self.timeline_csv,
            f"{timeline}/figures.json": self.timeline_json, peers: self.peers,
            f"{peers}/figures.csv": self.peers_csv, f"{peers}/figures.json": self.peers_json,
        }  # fmt: skip

    async def home(self, asked: Asked, request: Request) -> Response:
        page = await self._homes.page(asked)
        await audited(asked)
        headline = page.section.headline
        title = headline.title if headline is not None else ""
        trend = trend_chart(f"{title}, by period", page.unit, page.trend, headline.band if headline else None)
        return self._pages.answer("home.html", page=page, setting=page.setting, trend=trend, title=title)

    async def home_csv(self, asked: Asked, request: Request) -> Response:
        return await csv_answer(asked, await figures_of_home(self._building, asked), "care-home", COLUMNS)

    async def home_json(self, asked: Asked, request: Request) -> Response:
        return await json_answer(asked, as_json(asked, await figures_of_home(self._building, asked)))

    async def timeline(self, asked: Asked, request: Request) -> Response:
        services = tuple(map(service_on_page, await timeline_asked(asked)))
        await audited(asked)
        page = TimelinePage(await self._building.setting(asked, "", ()), services)
        charts = {
            each.code: bar_chart(
                f"hours-{each.code}", f"Hours of {each.name.lower()}, by year",
                [(year.year, year.hours, year.available) for year in each.years],
            )
            for each in services
        }  # fmt: skip
        return self._pages.answer("timeline.html", page=page, setting=page.setting, charts=charts)

    async def timeline_csv(self, asked: Asked, request: Request) -> Response:
        rows = timeline_rows(await timeline_asked(asked))
        return await csv_answer(asked, rows, "timeline", TIMELINE_COLUMNS)

    async def timeline_json(self, asked: Asked, request: Request) -> Response:
        rows = list(timeline_rows(await timeline_asked(asked)))
        told = {"organisation": asked.area.code, "date": asked.day.isoformat(), "exact": asked.exact, "timeline": rows}
        return await json_answer(asked, told)

    async def peers(self, asked: Asked, request: Request) -> Response:
        page = await peers_page(self._building, asked)
        await audited(asked)
        return self._pages.answer("peers.html", page=page, setting=page.setting)

    async def peers_csv(self, asked: Asked, request: Request) -> Response:
        return await csv_answer(asked, await peers_rows(self._building, asked), "peers", PEERS_COLUMNS)

    async def peers_json(self, asked: Asked, request: Request) -> Response:
        return await json_answer(asked, await peers_told(self._building, asked))
