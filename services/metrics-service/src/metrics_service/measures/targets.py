"""What an area aims at: its own recorded targets before those of the definition."""

from __future__ import annotations

from datetime import date

from metrics_service.domain.measures.definition import Definition, Target
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.area import Area
from tandem.database.connection import Connection
from tandem.nhs.financial_year import year_of

_SETTERS = ("cancer-alliance", "place")
"""Whose targets a network has, the first before the second."""


async def target_for(connection: Connection, definition: Definition, area: Area, span: Span) -> Target | None:
    """The target of the financial year in which the period ends.

    Of a definition that says so, the one that the Cancer Alliance of the area recorded for that year, else the newest
    that it recorded for a year before it, else the place's; else the definition's.
    """
    year = year_of(date.fromordinal(span.last))
    if definition.targets_recorded is not None:
        for setter in _SETTERS:
            recorded = await _recorded(connection, definition.targets_recorded, setter, area, span, year)
            if recorded is not None:
                return recorded
    return definition.target(year)


async def _recorded(
    connection: Connection, category: str, setter: str, area: Area, span: Span, year: str
) -> Target | None:
    known = span.known if span.known is not None else FOREVER - 1
    rows = await connection.fetch(
        "SELECT t.detail, t.value, t.organisation FROM told_fact t WHERE t.kind = 'target' AND t.category = $1"
        " AND t.known_from <= $2 AND t.known_until > $2 AND t.first <= $3 AND (t.organisation = $4 OR t.organisation IN"
        " (SELECT a.place FROM told_fact a WHERE a.kind = 'affiliation' AND a.category = $5 AND a.organisation = $4"
        " AND a.known_from <= $2 AND a.known_until > $2 AND a.first <= $3 AND (a.last IS NULL OR a.last > $3)))",
        category, known, span.last, area.code, setter,
    )  # fmt: skip
    # Texts such as 2021/22 and 2028 compare as the years they begin with.
    begun = [row for row in rows if row["value"] is not None and str(row["detail"]) <= year]
    if not begun:
        return None
    newest = max(begun, key=lambda row: str(row["detail"]))
    return Target(year, newest["value"], None, f"Recorded by {newest['organisation']} for {newest['detail']}")
