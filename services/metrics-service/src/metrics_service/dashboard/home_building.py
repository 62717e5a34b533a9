"""The page of one care home: its measures, the course of the most important one, and its place among the others."""

from __future__ import annotations

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.measure_building import trend_rows
from metrics_service.dashboard.measure_lines import measures_due, section_of
from metrics_service.dashboard.numbers import unit_named
from metrics_service.dashboard.page import HomePage, MeasureLine
from metrics_service.dashboard.periods import Period, complete_periods, year_so_far
from metrics_service.domain.measures.definition import Definition
from metrics_service.measures.shipped import definitions

SERVICE = "EHCH"
RESIDENTS = "care-home-residents"


class HomeBuilding:
    """Builds the page of a care home with the figures and names of `building`."""

    def __init__(self, building: Building) -> None:
        self._building = building

    async def page(self, asked: Asked) -> HomePage:
        """The financial year so far, as far as it concerns people of the organisation who live in the home."""
        period = year_so_far(asked.day)
        lines, now = await self._building.lines(asked, measures_due(asked), period)
        residents = lines.pop(RESIDENTS)
        measured = [each for each in definitions().values() if each.of_one_home and each.id != RESIDENTS]
        headline = headline_of_homes()
        periods, kept = await self.course(asked, headline)
        return HomePage(
            await self._building.setting(asked, period.name, now), _facts(asked, residents),
            section_of(SERVICE, measured, lines, asked), unit_named(headline.unit),
            trend_rows(asked, headline, periods, kept, total_hidden=lines[headline.id].shown.hidden),
        )  # fmt: skip

    async def course(self, asked: Asked, definition: Definition) -> tuple[list[Period], list[Kept]]:
        """The figures of the complete periods up to the day."""
        periods = complete_periods(asked.day, definition.frequency)
        wanted = [Wanted(definition, asked.area, each.span) for each in periods]
        return periods, await asked.figures(wanted)


def headline_of_homes() -> Definition:
    """The measure by which the service of care homes is summed up."""
    return next(each for each in definitions().values() if each.service == SERVICE and each.headline)




def _facts(asked: Asked, residents: MeasureLine) -> tuple[tuple[str, str], ...]:
    home = asked.home
    assert home is not None, "asked of a home"
    return (
        ("ODS code", home.code),
        ("Beds", str(home.beds) if home.beds is not None else "not known"),
        ("People registered here who live there", residents.shown.value),
        ("Aligned to the network", "yes" if home.aligned else "no"),
    )
