"""Every figure of a page as CSV and JSON, each with its definition. What the page hides is hidden here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.export_rows import row_of
from metrics_service.dashboard.home_building import headline_of_homes
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.measure_building import said
from metrics_service.dashboard.measure_lines import measures_due
from metrics_service.dashboard.peers import without_lists
from metrics_service.dashboard.periods import Period, a_year_before, complete_periods, year_so_far
from metrics_service.dashboard.showing import seen_within
from metrics_service.dashboard.within import networks_of_area, networks_seen, practices_seen
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part
from metrics_service.measures.shipped import definitions

A_YEAR_BEFORE: Final = "the same days of the year before"
BY_ITSELF: Final = "by itself, without its practices"


async def figures_of_all(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """Rows for each measure that is due, of the organisation and all within it, for the financial year so far."""
    return await year_so_far_of(building, asked, measures_due(asked))


async def figures_of_home(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """A row for each measure of the home, for the financial year so far, and the course of the most important one."""
    headline = headline_of_homes()
    rows = await figures_of_all(building, asked)
    hidden = next(row["hidden"] for row in rows if row["measure"] == headline.id)
    return rows + await course_of(building, asked, headline, total_hidden=hidden)


async def course_of(
    building: Building, asked: Asked, definition: Definition, *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    """A row for each complete period of the measure."""
    periods = complete_periods(asked.day, definition.frequency)
    wanted = [Wanted(definition, asked.area, each.span) for each in periods]
    kept = await asked.figures(wanted)
    names = await building.names.of(asked.call, _codes(asked))
    parts = {str(place): each.figure.whole for place, each in enumerate(kept)}
    together = seen_within(definition, parts, exact=asked.exact, total_hidden=total_hidden).values()
    return [
        row_of(definition, found, period, part, asked.area.code, names, known=not found.figure.without_list_size,
               home=asked.home.code if asked.home else "")
        for found, period, part in zip(kept, periods, together, strict=True)
    ]  # fmt: skip


async def year_so_far_of(
    building: Building, asked: Asked, due: Sequence[Definition], *, strata: bool = False
) -> list[dict[str, Any]]:
    """Rows for each measure: the figure, that of a year before, those of the networks and practices, and the strata."""
    period, home = year_so_far(asked.day), asked.home.code if asked.home else ""
    before = a_year_before(period)
    kept = await asked.figures([Wanted(each, asked.area, period.span, strata=strata) for each in due])
    then = await asked.figures([Wanted(each, asked.area, before.span) for each in due])
    beside = await building.beside(asked, [each.figure for each in kept], period)
    earlier = await building.before(asked, [each.figure for each in then], before)
    networks = await networks_of_area(asked)
    codes = [*_codes(asked), *networks, *(code for each in kept for code in each.figure.by_practice)]
    names = await building.names.of(asked.call, codes)
    rows = []
    for place, (definition, found, own) in enumerate(zip(due, kept, beside, strict=True)):
        part = own.own_part(exact=asked.exact)
        past = replace(then[place], figure=earlier[place].own)
        mine = [
            row_of(definition, found, period, part, asked.area.code, names, known=not found.figure.without_list_size),
            row_of(definition, past, before, earlier[place].own_part(exact=asked.exact), asked.area.code, names,
                   by=A_YEAR_BEFORE, known=not past.figure.without_list_size),
        ]  # fmt: skip
        mine += _within(asked, found, period, names, networks, total_hidden=part is None)
        mine += _strata(asked, definition, found, period, names, total_hidden=part is None)
        rows += [row | {"home": home, "home_name": names.get(home, "")} for row in mine]
    return rows


def _codes(asked: Asked) -> list[str]:
    return [asked.area.code, *([asked.home.code] if asked.home is not None else [])]


def _within(
    asked: Asked, found: Kept, period: Period, names: Mapping[str, str], networks: Mapping[str, Sequence[str]], *,
    total_hidden: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    figure = found.figure
    above = networks_seen(figure, networks, exact=asked.exact, total_hidden=total_hidden) if networks else {}
    below: Mapping[str, Part | None] = {}
    if set(figure.by_practice) - {asked.area.code}:
        below = practices_seen(figure, networks, exact=asked.exact, total_hidden=total_hidden)
    # What an organisation does itself is among what its practices do, and is not the whole of it.
    itself = {asked.area.code, *networks} - set(above)
    unknown = {*figure.without_list_size, *without_lists(figure, networks)}
    return [
        row_of(figure.definition, found, period, part, code, names, by=BY_ITSELF if code in itself else "",
               known=code not in unknown)
        for code, part in sorted({**below, **above}.items())
    ]  # fmt: skip


def _strata(
    asked: Asked, definition: Definition, found: Kept, period: Period, names: Mapping[str, str], *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    rows = []
    for name, strata in found.figure.strata.items():
        for value, part in seen_within(definition, strata, exact=asked.exact, total_hidden=total_hidden).items():
            by = f"{name}: {value or 'not recorded'}"
            rows.append(row_of(definition, found, period, part, asked.area.code, names, by=by))
    return rows


def as_json(asked: Asked, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows, and the definition of each measure once."""
    named = {str(row["measure"]) for row in rows}
    return {
        "organisation": asked.area.code,
        **({"home": asked.home.code} if asked.home is not None else {}),
        "exact": asked.exact,
        "definitions": {
            name: {"title": each.title, **dict(said(each))} for name, each in definitions().items() if name in named
        },
        "figures": [{key: value for key, value in row.items() if key != "definition"} for row in rows],
    }  # fmt: skip
