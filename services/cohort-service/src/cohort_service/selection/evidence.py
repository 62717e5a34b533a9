"""The records that put people into a cohort."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cohort_service.domain.definition_language.nodes import (
    AnyOf,
    AtLeast,
    Categories,
    CohortDefinition,
    Criterion,
    InCohort,
    Not,
)
from cohort_service.domain.definition_language.references import inner_criteria
from cohort_service.selection.cohorts import Cohorts
from cohort_service.selection.evidence_rows import evidence_rows
from cohort_service.selection.grouping import united
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Dialect, Statement

_COLUMNS = "person, record, concept, starts, ends, value"
_NOTHING = (
    "SELECT 0 AS person, 0 AS record, 0 AS concept, 0 AS starts, 0 AS ends, CAST(NULL AS DOUBLE PRECISION) AS value"
    " WHERE 1 = 0"
)
_Shown = tuple[str, tuple[str, ...]]
"""Rows that are evidence for those who are in all of some relations."""


def evidence_of_members_sql(selection: Selection, cohort: str, as_of: date, dialect: Dialect) -> str:
    """A statement that selects rows (person, record, concept, starts, ends, value) for the people in `$1`.

    They are the facts and orders of every criterion that holds for a member, each of them once: not those of a branch
    of an `any` that fails, and none for a `not`, an age or a sex. Who is not a member has no rows. `$1` and errors as
    for members_sql; `value` is NULL for orders.
    """
    statement = Statement(selection, as_of, dialect, "people")
    shown = list(dict.fromkeys(_of_cohort(cohort, (), Cohorts(statement))))
    return statement.text(_rows(shown, statement) if shown else _NOTHING)


def _rows(shown: list[_Shown], statement: Statement) -> str:
    """All rows with whom they are evidence for.

    SQLite writes a relation out wherever it is named, with all that it names in turn, before it plans the statement: so
    every relation is named once here, whatever it is among. No person is in more places than are asked for, and yet it
    is `>=` below: PostgreSQL would take an equality of counts for one row, and read all facts again for each person.
    """
    among = list(dict.fromkeys(relations for _, relations in shown))
    relations = list(dict.fromkeys(name for names in among for name in names))
    places = {name: place for place, name in enumerate(relations)}
    members = united([f"SELECT person, {place} AS place FROM {name}" for name, place in places.items()])
    asked = ", ".join(
        f"({group}, {places[name]}, {len(names)})" for group, names in enumerate(among) for name in names
    )
    within = statement.relation("within", members)
    wanted = statement.relation("wanted", f"VALUES {asked}", "(shown, place, places)")
    holds = statement.relation("holds", (
        f"SELECT w.shown, i.person FROM {within} i JOIN {wanted} w ON w.place = i.place"
        " GROUP BY w.shown, w.places, i.person HAVING COUNT(DISTINCT i.place) >= w.places"
    ))  # fmt: skip
    rows = united([
        f"SELECT {among.index(names)} AS shown, {_COLUMNS} FROM ({text}) AS found" for text, names in shown
    ])  # fmt: skip
    columns = ", ".join(f"e.{name}" for name in _COLUMNS.split(", "))
    return (
        f"SELECT DISTINCT {columns} FROM ({rows}) AS e JOIN {holds} h"
        " ON h.shown = e.shown AND h.person = e.person"
    )


def _of_cohort(cohort: str, among: tuple[str, ...], cohorts: Cohorts) -> Iterator[_Shown]:
    for definition, relation in cohorts.parts(cohort):
        yield from _of(definition.members, _and(among, relation), definition, cohorts)


def _of(
    criterion: Criterion, among: tuple[str, ...], definition: CohortDefinition, cohorts: Cohorts
) -> Iterator[_Shown]:
    """The evidence of a criterion for those who are in all relations of `among`, for whom it holds."""
    for rows in evidence_rows(criterion, cohorts.statement):
        yield rows, among
    if isinstance(criterion, Not):
        return
    if isinstance(criterion, InCohort):
        yield from _of_cohort(criterion.cohort, among, cohorts)
    for inner in inner_criteria(criterion):
        held = among
        if isinstance(criterion, (AnyOf, AtLeast, Categories)):
            held = _and(among, cohorts.criteria(definition).people(inner))
        yield from _of(inner, held, definition, cohorts)


def _and(among: tuple[str, ...], relation: str) -> tuple[str, ...]:
    return among if relation in among else (*among, relation)
