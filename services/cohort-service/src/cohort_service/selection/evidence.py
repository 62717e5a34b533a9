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
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Dialect, Statement

_COLUMNS = "person, record, concept, starts, ends, value"
_NOTHING = (
    "SELECT 0 AS person, 0 AS record, 0 AS concept, 0 AS starts, 0 AS ends, CAST(NULL AS DOUBLE PRECISION) AS value"
    " WHERE 1 = 0"
)


def evidence_of_members_sql(selection: Selection, cohort: str, as_of: date, dialect: Dialect) -> str:
    """A statement that selects rows (person, record, concept, starts, ends, value) for the people in `$1`.

    They are the facts and orders of every criterion that holds for a member, each of them once: not those of a branch
    of an `any` that fails, and none for a `not`, an age or a sex. Who is not a member has no rows. `$1` and errors as
    for members_sql; `value` is NULL for orders.
    """
    statement = Statement(selection, as_of, dialect, "people")
    parts = list(_of_cohort(cohort, (), Cohorts(statement)))
    return statement.text("\nUNION ".join(parts) or _NOTHING)


def _of_cohort(cohort: str, among: tuple[str, ...], cohorts: Cohorts) -> Iterator[str]:
    for definition, relation in cohorts.parts(cohort):
        yield from _of(definition.members, (*among, relation), definition, cohorts)


def _of(criterion: Criterion, among: tuple[str, ...], definition: CohortDefinition, cohorts: Cohorts) -> Iterator[str]:
    """The evidence of a criterion for those who are in all relations of `among`, for whom it holds."""
    for rows in evidence_rows(criterion, cohorts.statement):
        where = " AND ".join(f"person IN (SELECT person FROM {relation})" for relation in among)
        yield f"SELECT {_COLUMNS} FROM ({rows}) AS found WHERE {where}"
    if isinstance(criterion, Not):
        return
    if isinstance(criterion, InCohort):
        yield from _of_cohort(criterion.cohort, among, cohorts)
    for inner in inner_criteria(criterion):
        held = among
        if isinstance(criterion, (AnyOf, AtLeast, Categories)):
            held = (*among, cohorts.criteria(definition).people(inner))
        yield from _of(inner, held, definition, cohorts)
