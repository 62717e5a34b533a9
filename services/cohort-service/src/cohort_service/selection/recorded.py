"""Selecting by what is recorded: facts of value sets, the newest result, what was last said.

Where a comparison can only be equal, it is still written as `<=` or `>=`: PostgreSQL takes an equality that it knows
nothing of for one row in two hundred, and then goes through the rest again and again instead of hashing it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cohort_service.domain.definition_language.nodes import LastSaid, Latest, Recorded, Span
from cohort_service.domain.definition_language.quantities import value_of
from cohort_service.selection.conditions import began_before, began_within, current, seen, within_bounds
from cohort_service.selection.statement import Statement


def recorded_conditions(criterion: Recorded, statement: Statement) -> str:
    """What a row of facts must be to count."""
    parts = [f"concept IN {statement.concepts(criterion.value_sets)}"]
    if criterion.within:
        parts.append(began_within(statement, criterion.within))
    if criterion.older_than:
        parts.append(began_before(statement, criterion.older_than))
    if not (criterion.within or criterion.older_than):
        parts.append(seen(statement) if criterion.ever else current(statement))
    if criterion.value:
        parts.append(within_bounds(criterion.value))
    return " AND ".join(parts)


def recorded(criterion: Recorded, statement: Statement, parameters: Mapping[str, int]) -> str:
    """People with so many records; a person may stand more than once."""
    text = f"SELECT person FROM {statement.fact} WHERE {recorded_conditions(criterion, statement)}"
    times = value_of(criterion.times, parameters)
    if times > 1:
        text += f" GROUP BY person HAVING COUNT(DISTINCT record) >= {times}"
    return text


def latest_rows(criterion: Latest, statement: Statement) -> str:
    """Rows of facts, of which `place` 1 is each person's newest, whether or not it has a value."""
    return (
        "SELECT person, concept, starts, ends, value, record, ROW_NUMBER() OVER"
        " (PARTITION BY person ORDER BY starts DESC, record DESC, value IS NULL, value DESC) AS place"
        f" FROM {statement.fact} WHERE concept IN {statement.concepts(criterion.value_sets)}"
        f" AND {_since(statement, criterion.within)}"
    )


def latest(criterion: Latest, statement: Statement) -> str:
    """People whose newest result has a value, and that lies within the bounds."""
    rows = latest_rows(criterion, statement)
    return f"SELECT person FROM ({rows}) AS newest WHERE place <= 1 AND {within_bounds(criterion.value)}"


def last_said(criterion: LastSaid, statement: Statement) -> str:
    """People of whom one of the asked codes was said last."""
    asked = f"concept IN {statement.concepts(criterion.is_)}"
    return (
        f"SELECT person FROM {statement.fact} WHERE concept IN {statement.concepts(criterion.among)}"
        f" AND {_since(statement, criterion.within)}"
        f" GROUP BY person HAVING MAX(CASE WHEN {asked} THEN starts END) >= MAX(starts)"
    )


def said_rows(criterion: LastSaid, statement: Statement) -> str:
    """Rows of facts of all choices, with the day `newest` on which the person's last one began."""
    return (
        "SELECT person, record, concept, starts, ends, value, MAX(starts) OVER (PARTITION BY person) AS newest"
        f" FROM {statement.fact} WHERE concept IN {statement.concepts(criterion.among)}"
        f" AND {_since(statement, criterion.within)}"
    )


def _since(statement: Statement, within: Span | None) -> str:
    return began_within(statement, within) if within else seen(statement)
