"""Every figure of a page as CSV and JSON, each with its definition. What the page hides is hidden here too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.home_building import headline_of_homes
from metrics_service.dashboard.homes_table import REST_NAMED, seen_homes
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.measure_building import said
from metrics_service.dashboard.measure_lines import measures_due
from metrics_service.dashboard.numbers import unit_named
from metrics_service.dashboard.periods import Period, complete_periods, year_so_far
from metrics_service.dashboard.showing import seen_within
from metrics_service.domain.london_days import written
from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.domain.measures.figure import Part, value_of
from metrics_service.measures.shipped import definitions
from tandem.clock import to_instant

COLUMNS: Final = (
    "measure", "version", "title", "service", "organisation", "organisation_name", "by", "period_start", "period_end",
    "numerator", "denominator", "value", "unit", "hidden", "target_minimum", "target_maximum", "responsible",
    "attributable", "purpose", "source", "definition", "counted", "home", "home_name",
)  # fmt: skip
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


async def figures_of_all(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """A row for each measure that is due, of the organisation and of each practice, for the financial year so far."""
    due = measures_due(asked)
    return await _year_so_far(building, asked, [Wanted(each, asked.area, year_so_far(asked.day).span) for each in due])


async def figures_of_home(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """A row for each measure of the home, for the financial year so far, and the course of the most important one."""
    headline = headline_of_homes()
    rows = await figures_of_all(building, asked)
    hidden = next(row["hidden"] for row in rows if row["measure"] == headline.id)
    return rows + await _course(building, asked, headline, total_hidden=hidden)


async def figures_of_measure(building: Building, asked: Asked, definition: Definition) -> list[dict[str, Any]]:
    """A row for the financial year so far and each complete period, with practices, homes and strata of the year so
    far."""
    year = year_so_far(asked.day)
    rows = await _year_so_far(building, asked, [Wanted(definition, asked.area, year.span, strata=True)])
    if asked.home is None:
        rows += await _homes(building, asked, definition, year)
    return rows + await _course(building, asked, definition, total_hidden=rows[0]["hidden"])


async def _course(
    building: Building, asked: Asked, definition: Definition, *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    periods = complete_periods(asked.day, definition.frequency)
    wanted = [Wanted(definition, asked.area, each.span) for each in periods]
    kept = await asked.figures(wanted)
    names = await building.names.of(asked.call, _codes(asked))
    parts = {str(place): each.figure.whole for place, each in enumerate(kept)}
    together = seen_within(definition, parts, exact=asked.exact, total_hidden=total_hidden).values()
    return [
        _row(definition, found, period, part, asked.area.code, names, known=not found.figure.without_list_size,
             home=asked.home.code if asked.home else "")
        for found, period, part in zip(kept, periods, together, strict=True)
    ]  # fmt: skip


async def _homes(building: Building, asked: Asked, definition: Definition, period: Period) -> list[dict[str, Any]]:
    homes = await seen_homes(building, asked, definition, period)
    if homes is None:
        return []
    names = await building.names.of(asked.call, (asked.area.code, *homes.homes))
    return [
        _row(definition, homes.found, period, part, asked.area.code, names, home=code,
             by=f"home: {names[code] if code else REST_NAMED}")
        for code, part in homes.parts.items()
    ]  # fmt: skip


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> bytes:
    """A table for spreadsheets. A text that one would take for a formula begins with an apostrophe (CWE-1236)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in columns])
    return text.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return f"'{value}"
    return "" if value is None else value


async def _year_so_far(building: Building, asked: Asked, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    period, home = year_so_far(asked.day), asked.home.code if asked.home else ""
    kept = await asked.figures(wanted)
    beside = await building.beside(asked, [each.figure for each in kept], period)
    codes = [*_codes(asked), *(code for each in kept for code in each.figure.by_practice)]
    names = await building.names.of(asked.call, codes)
    rows = []
    for each, found, own in zip(wanted, kept, beside, strict=True):
        known, part = not found.figure.without_list_size, own.own_part(exact=asked.exact)
        mine = [_row(each.definition, found, period, part, asked.area.code, names, known=known)]
        if set(found.figure.by_practice) - {asked.area.code}:
            mine += _practices(asked, each.definition, found, period, names, total_hidden=part is None)
        mine += _strata(asked, each.definition, found, period, names, total_hidden=part is None)
        rows += [row | {"home": home, "home_name": names.get(home, "")} for row in mine]
    return rows


def _codes(asked: Asked) -> list[str]:
    return [asked.area.code, *([asked.home.code] if asked.home is not None else [])]


def _practices(
    asked: Asked, definition: Definition, found: Kept, period: Period, names: Mapping[str, str], *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    parts = seen_within(definition, found.figure.by_practice, exact=asked.exact, total_hidden=total_hidden)
    return [
        _row(definition, found, period, part, code, names, known=code not in found.figure.without_list_size)
        for code, part in sorted(parts.items())
    ]


def _strata(
    asked: Asked, definition: Definition, found: Kept, period: Period, names: Mapping[str, str], *, total_hidden: bool
) -> list[dict[str, Any]]:  # fmt: skip
    rows = []
    for name, strata in found.figure.strata.items():
        for value, part in seen_within(definition, strata, exact=asked.exact, total_hidden=total_hidden).items():
            by = f"{name}: {value or 'not recorded'}"
            rows.append(_row(definition, found, period, part, asked.area.code, names, by=by))
    return rows


def _row(
    definition: Definition, found: Kept, period: Period, part: Part | None, code: str, names: Mapping[str, str], *,
    by: str = "", known: bool = True, home: str = "",
) -> dict[str, Any]:  # fmt: skip
    target = found.figure.target
    return {
        "measure": definition.id, "version": definition.version, "title": definition.title,
        "service": definition.service, "organisation": code, "organisation_name": names.get(code, code), "by": by,
        "period_start": written(period.span.first), "period_end": written(period.span.last),
        "numerator": part.numerator if part else None,
        "denominator": part.denominator if part and definition.unit in PER else None,
        "value": value_of(definition, part) if part and known else None, "unit": unit_named(definition.unit),
        "hidden": part is None,
        "target_minimum": target.minimum if target else None, "target_maximum": target.maximum if target else None,
        "responsible": definition.responsible, "attributable": definition.attributable,
        "purpose": definition.purpose, "source": definition.source, "definition": definition.description,
        "counted": to_instant(found.counted), "home": home, "home_name": names.get(home, ""),
    }  # fmt: skip


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
