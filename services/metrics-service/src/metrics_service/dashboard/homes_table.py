"""The care homes of a network or practice by one measure: by name, with the limits of chance, and never by rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.beside import REST, Beside, homes_counted, rest_of
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.kept_figures import Kept
from metrics_service.dashboard.measure_lines import funnel_around, place_in, shown_beside
from metrics_service.dashboard.page import HomesTable, Row
from metrics_service.dashboard.periods import Period
from metrics_service.dashboard.showing import seen_within, shown
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part
from metrics_service.measures.homes import Home
from tandem.identity.organisations import COMMISSIONER

REST_NAMED = "In none of these homes"


@dataclass(frozen=True, slots=True)
class Homes:
    """By code what may be seen of each home and of the rest (None: hidden), and the figure of all together."""

    parts: Mapping[str, Part | None]
    found: Kept
    homes: Mapping[str, Home]


async def seen_homes(
    building: Building, asked: Asked, definition: Definition, period: Period, *, total_hidden: bool
) -> Homes | None:
    """The homes of the organisation; None where there are none, or the measure cannot be told of one."""
    if asked.area.kind == COMMISSIONER or not definition.of_one_home:
        return None
    async with asked.kernel.database.read() as connection:
        homes = await asked.homes(connection)
    if not homes:
        return None
    [(whole, counted)] = await homes_counted(asked, [definition], list(homes), period)
    parts: dict[str, Part] = dict(counted)
    rest = rest_of(whole.figure, list(parts.values()))
    if rest is not None:
        parts[REST] = rest
    return Homes(seen_within(definition, parts, exact=asked.exact, total_hidden=total_hidden), whole, homes)


async def homes_table(
    building: Building, asked: Asked, definition: Definition, beside: Beside, period: Period
) -> HomesTable:
    """All homes of an organisation; of a home itself, its own place among the others."""
    if asked.home is not None:
        return await _one_home(building, asked, definition, beside)
    total_hidden = beside.own_part(exact=asked.exact) is None
    homes = await seen_homes(building, asked, definition, period, total_hidden=total_hidden)
    if homes is None:
        return HomesTable()
    funnel = None if total_hidden else funnel_around(definition, homes.found.figure, asked)
    names = await building.names.of(asked.call, (code for code in homes.parts if code != REST))
    rows = []
    for code, part in homes.parts.items():
        each = shown(definition, part)
        if code == REST:
            if part is None or part.numerator or part.denominator:
                rows.append(Row(REST_NAMED, code, each))
            continue
        at_home = f"/dashboard/measures/{definition.id}{asked.narrowed(homes.homes[code]).query}"
        rows.append(Row(names[code], code, each, place_in(funnel, each), at_home))
    return HomesTable(tuple(sorted(rows, key=lambda row: (row.code == REST, row.name, row.code))), funnel)


async def _one_home(building: Building, asked: Asked, definition: Definition, beside: Beside) -> HomesTable:
    assert asked.home is not None, "asked of a home"
    if not beside.known:
        return HomesTable()
    seen_whole = None if beside.total_hidden else beside.whole
    funnel = funnel_around(definition, seen_whole, asked) if seen_whole is not None else None
    each = shown_beside(asked, beside)
    names = await building.names.of(asked.call, (asked.home.code,))
    row = Row(names[asked.home.code], asked.home.code, each, place_in(funnel, each))
    _, points = beside.comparison(each.number, exact=asked.exact)
    return HomesTable((row,), funnel, points)
