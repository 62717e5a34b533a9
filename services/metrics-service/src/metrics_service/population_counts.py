"""Counting: all populations of a measure and the positions they rest on, in one statement and so at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics_service.domain.london_days import Day
from metrics_service.domain.measure_report import Figures
from metrics_service.domain.shared_care_activity import Population
from metrics_service.domain.small_numbers import Count
from tandem.database.connection import Connection
from tandem.events.inbox_tables import cursor_name
from tandem.identity.organisations import NETWORK

# $2 is in both, because a statement is given the same parameters whichever it is.
_PRACTICES = {
    False: "p.practice = $1 AND CAST($2 AS BIGINT) IS NOT NULL",
    True: "p.practice IN (SELECT m.member FROM membership m WHERE m.holder = $1 AND m.starts <= $2 AND m.ends > $2)",
}
_OPENED = "COALESCE(f.opened_on, f.seen_on)"
_DATED = {"opened": _OPENED, "agreed": "f.agreed_on", "closed": "f.closed_on"}
_FIRST, _LAST, _TODAY = "$3", "$4", "$5"
_LEFT = (
    "NOT EXISTS (SELECT 1 FROM fact e WHERE e.kind = '{kind}' AND e.id = f.id AND e.version > f.version"
    " AND e.ended_on <= {day})"
)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are counted, both included, and the present day; `now` in microseconds."""

    first: Day
    last: Day
    today: Day
    now: int


async def count(
    connection: Connection, populations: Sequence[Population], organisation: str, kind: str, span: Span
) -> Figures:
    """The figures of a practice's people, or of those of a network's present member practices."""
    people = _PRACTICES[kind == NETWORK]
    parts = [_counted(population, people) for population in populations]
    prefix = cursor_name("")
    parts.append(f"SELECT name, position, 0 FROM cursor WHERE name LIKE '{prefix}%'")
    parts.append("SELECT 'waiting', COUNT(*), 0 FROM parked")
    params: list[Any] = [organisation, span.now, span.first, span.last, min(span.last, span.today)]
    rows = await connection.fetch(" UNION ALL ".join(parts), *params)
    found = {str(row["name"]): Count(row["counted"], row["people"]) for row in rows}
    waiting = found.pop("waiting").count
    positions = {
        name.removeprefix(prefix): found.pop(name).count for name in list(found) if name.startswith(prefix)
    }
    return Figures(found, positions, waiting)


def _counted(population: Population, people: str) -> str:
    counted = "COUNT(*)" if population.people else "CAST(COALESCE(SUM(things), 0) AS BIGINT)"
    # Grouped by person first: PostgreSQL hashes that, where it would sort for COUNT(DISTINCT patient).
    return (
        f"SELECT '{population.code}' AS name, {counted} AS counted, COUNT(*) AS people"
        " FROM (SELECT f.patient, COUNT(*) AS things FROM fact f JOIN patient p ON p.id = f.patient"
        f" WHERE f.kind = '{population.kind}' AND f.deleted = 0 AND p.deleted = 0 AND {people}"
        f" AND {_condition(population)} GROUP BY f.patient) AS person"
    )


def _condition(population: Population) -> str:
    """The population's rule in SQL. Every word in it is from its declaration, none from a request."""
    conditions = []
    if population.dated == "standing":
        conditions += [f"{_OPENED} <= {_TODAY}", f"(f.ended_on IS NULL OR f.ended_on > {_TODAY})"]
    else:
        conditions.append(f"{_DATED[population.dated]} BETWEEN {_FIRST} AND {_LAST}")
    if population.statuses:
        conditions.append(f"f.status IN ({_listed(population.statuses)})")
    if population.void:
        conditions.append(f"(f.status IS NULL OR f.status NOT IN ({_listed(population.void)}))")
    if population.category is not None:
        conditions.append(f"f.category = '{population.category}'")
    if population.in_time:
        conditions.append(f"{_DATED[population.dated]} <= f.ended_on")
    if population.left is not None:
        conditions.append(_LEFT.format(kind=population.left, day=_TODAY))
    return " AND ".join(conditions)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
