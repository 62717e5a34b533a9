"""Every figure of the page of a measure: that of the organisation and what it is set beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metrics_service.dashboard.around import figure_around
from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.export_rows import row_of
from metrics_service.dashboard.exports import course_of, year_so_far_of
from metrics_service.dashboard.homes_table import REST_NAMED, seen_homes
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.page import Comparison
from metrics_service.dashboard.periods import Period, year_so_far
from metrics_service.dashboard.showing import seen, shown
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part

LEFT_OUT = "left out by the exclusions"
ALL_TOGETHER = "all together"


async def figures_of_measure(building: Building, asked: Asked, definition: Definition) -> list[dict[str, Any]]:
    """Rows for the financial year so far, with homes, strata and peers, and one for each complete period."""
    year = year_so_far(asked.day)
    rows = await year_so_far_of(building, asked, [definition], strata=True)
    total_hidden = rows[0]["hidden"]
    if asked.home is None:
        rows += await _homes(building, asked, definition, year, total_hidden=total_hidden)
    rows += await _beside(building, asked, definition, year, total_hidden=total_hidden)
    return rows + await course_of(building, asked, definition, total_hidden=total_hidden)


async def _homes(
    building: Building, asked: Asked, definition: Definition, period: Period, *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    homes = await seen_homes(building, asked, definition, period, total_hidden=total_hidden)
    if homes is None:
        return []
    names = await building.names.of(asked.call, (asked.area.code, *homes.homes))
    return [
        row_of(definition, homes.found, period, part, asked.area.code, names, home=code,
               by=f"home: {names[code] if code else REST_NAMED}")
        for code, part in homes.parts.items()
    ]  # fmt: skip


async def _beside(
    building: Building, asked: Asked, definition: Definition, period: Period, *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    """What else is counted, the quartiles of the others, and the figure of all together."""
    [kept] = await asked.figures([Wanted(definition, asked.area, period.span, strata=True)])
    [beside] = await building.beside(asked, [kept.figure], period)
    around = await figure_around(building, asked, definition, period, hidden=beside.total_hidden)
    code, home = asked.area.code, asked.home.code if asked.home is not None else ""
    names = await building.names.of(asked.call, [each for each in (code, home, around.code if around else "") if each])

    def row(found: Kept, part: Part | None, whose: str, by: str, **more: Any) -> dict[str, Any]:
        return row_of(definition, found, period, part, whose, names, by=by, home=home) | more

    rows = [row(kept, part, code, by, **more) for by, part, more in _also(asked, kept, total_hidden=total_hidden)]
    own = shown(definition, beside.own_part(exact=asked.exact), known=not kept.figure.without_list_size).number
    comparisons = (beside.comparison(own, exact=asked.exact)[0], beside.comparison_with_alike(own, exact=asked.exact))
    for by, value in (each for one in comparisons if one is not None for each in _quartiles(one)):
        rows.append(row(kept, None, code, by, value=value, hidden=False))
    if around is not None:
        known = not around.kept.figure.without_list_size
        rows.append(
            row_of(definition, around.kept, period, around.part, around.code, names, by=ALL_TOGETHER, known=known)
        )
    return rows


def _also(asked: Asked, kept: Kept, *, total_hidden: bool) -> Iterator[tuple[str, Part | None, dict[str, Any]]]:
    """The further populations, and who was left out: mere counts, whatever the unit of the measure is."""
    figure = kept.figure
    populations = figure.definition.populations
    counts = [
        (f"also counted: {populations[name].title or name.replace('-', ' ')}", populations[name].count, part)
        for name, part in figure.others.items()
    ]
    if figure.excluded:
        counts.append((LEFT_OUT, "people", Part(figure.excluded, None, figure.excluded)))
    for by, unit, part in counts:
        visible = None if total_hidden else seen(figure.definition, part, exact=asked.exact)
        number = visible.numerator if visible is not None else None
        yield by, visible, {"value": number, "unit": unit if unit in ("people", "things") else ""}


def _quartiles(comparison: Comparison) -> Iterator[tuple[str, float]]:
    found = comparison.quartiles
    if found is not None:
        ends = {"lower quartile": found.lower, "median": found.middle, "upper quartile": found.upper}
        for name, value in ends.items():
            yield f"{name} of {found.peers} other {comparison.of}", value
