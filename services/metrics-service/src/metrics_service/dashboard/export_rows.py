"""A row of the tables of figures, and how such a table is written for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from metrics_service.dashboard.kept_figures import Kept
from metrics_service.dashboard.numbers import unit_named
from metrics_service.dashboard.periods import Period
from metrics_service.domain.london_days import written
from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.domain.measures.figure import Part, value_of
from tandem.clock import to_instant

COLUMNS: Final = (
    "measure", "version", "title", "service", "organisation", "organisation_name", "by", "period_start", "period_end",
    "numerator", "denominator", "value", "unit", "hidden", "target_minimum", "target_maximum", "responsible",
    "attributable", "purpose", "source", "definition", "counted", "home", "home_name",
)  # fmt: skip
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


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


def row_of(
    definition: Definition, found: Kept, period: Period, part: Part | None, code: str, names: Mapping[str, str], *,
    by: str = "", known: bool = True, home: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A figure by COLUMNS; the part None is one that is hidden. `by` says what it is of when it is not the whole."""
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
