"""Every figure of a page as CSV and JSON, each with its definition. What the page hides is hidden here too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.measure_building import said
from metrics_service.dashboard.numbers import unit_named
from metrics_service.dashboard.periods import Period, complete_periods, year_so_far
from metrics_service.dashboard.showing import not_due, seen, seen_together
from metrics_service.domain.london_days import written
from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.domain.measures.figure import Part, value_of
from metrics_service.measures.shipped import definitions
from tandem.clock import to_instant

COLUMNS: Final = (
    "measure", "version", "title", "service", "organisation", "organisation_name", "by", "period_start", "period_end",
    "numerator", "denominator", "value", "unit", "hidden", "target_minimum", "target_maximum", "responsible",
    "attributable", "purpose", "source", "definition", "counted",
)  # fmt: skip
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


async def figures_of_all(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """A row for each measure that is due, of the organisation and of each practice, for the financial year so far."""
    period = year_so_far(asked.day)
    due = [each for each in definitions().values() if not not_due(each, asked.day)]
    wanted = [Wanted(each, asked.area, period.span) for each in due]
    return await _rows(building, asked, wanted, [period] * len(wanted), by_practice=True)


async def figures_of_measure(building: Building, asked: Asked, definition: Definition) -> list[dict[str, Any]]:
    """A row for the financial year so far and each complete period, with practices and strata of the year so far."""
    year = year_so_far(asked.day)
    periods = complete_periods(asked.day, definition.frequency)
    rows = await _rows(
        building, asked, [Wanted(definition, asked.area, year.span, strata=True)], [year], by_practice=True
    )
    wanted = [Wanted(definition, asked.area, each.span) for each in periods]
    return rows + await _rows(building, asked, wanted, periods, by_practice=False, together=True)


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A table for spreadsheets. A text that one would take for a formula begins with an apostrophe (CWE-1236)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return f"'{value}"
    return "" if value is None else value


async def _rows(
    building: Building, asked: Asked, wanted: Sequence[Wanted], periods: Sequence[Period], *, by_practice: bool,
    together: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    kept = await building.kept.figures(asked.kernel, wanted, fresh=asked.fresh)
    codes = [asked.area.code, *(code for each in kept for code in each.figure.by_practice)]
    names = await building.names.of(asked.call, codes)
    whole = [
        seen(each.definition, found.figure.whole, exact=asked.exact) for each, found in zip(wanted, kept, strict=True)
    ]
    if together and wanted:
        parts = {str(place): each.figure.whole for place, each in enumerate(kept)}
        whole = list(seen_together(wanted[0].definition, parts, exact=asked.exact).values())
    rows = []
    for each, found, period, part in zip(wanted, kept, periods, whole, strict=True):
        known = not found.figure.without_list_size
        rows.append(_row(each.definition, found, period, part, asked.area.code, names, known=known))
        if by_practice and set(found.figure.by_practice) - {asked.area.code}:
            rows += _practices(asked, each.definition, found, period, names)
        rows += _strata(asked, each.definition, found, period, names)
    return rows


def _practices(
    asked: Asked, definition: Definition, found: Kept, period: Period, names: Mapping[str, str]
) -> list[dict[str, Any]]:  # fmt: skip
    parts = seen_together(definition, found.figure.by_practice, exact=asked.exact)
    return [
        _row(definition, found, period, part, code, names, known=code not in found.figure.without_list_size)
        for code, part in sorted(parts.items())
    ]


def _strata(
    asked: Asked, definition: Definition, found: Kept, period: Period, names: Mapping[str, str]
) -> list[dict[str, Any]]:  # fmt: skip
    rows = []
    for name, strata in found.figure.strata.items():
        for value, part in seen_together(definition, strata, exact=asked.exact).items():
            by = f"{name}: {value or 'not recorded'}"
            rows.append(_row(definition, found, period, part, asked.area.code, names, by=by))
    return rows


def _row(
    definition: Definition, found: Kept, period: Period, part: Part | None, code: str, names: Mapping[str, str], *,
    by: str = "", known: bool = True,
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
        "counted": to_instant(found.counted),
    }  # fmt: skip


def as_json(asked: Asked, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows, and the definition of each measure once."""
    named = {str(row["measure"]) for row in rows}
    return {
        "organisation": asked.area.code,
        "exact": asked.exact,
        "definitions": {
            name: {"title": each.title, **dict(said(each))} for name, each in definitions().items() if name in named
        },
        "figures": [{key: value for key, value in row.items() if key != "definition"} for row in rows],
    }  # fmt: skip
