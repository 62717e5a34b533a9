"""From definitions to one SQL statement that names the people of all asked cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.selection.cohorts import Cohorts
from cohort_service.selection.conditions import current
from cohort_service.selection.grouping import united
from cohort_service.selection.query import Query
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Dialect, Scope, Statement
from tandem.record_facts.fact import UNDATED

_NO_MEMBERS = "SELECT '' AS cohort, 0 AS person, 0 AS since, 0 AS rank WHERE 1 = 0"
_NO_REASONS = "SELECT '' AS cohort, 0 AS person, 0 AS reason WHERE 1 = 0"


def members_sql(selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, *, scope: Scope) -> str:
    """A statement that selects rows (cohort, person, since, rank), one a member of each cohort.

    `since` is the day of the first current fact of the definition's `since`, NULL without one; `rank` the sum of the
    points that hold. Scope "people" looks only at the person numbers in `$1`: bigint[] on PostgreSQL, a list on
    DuckDB, the text of a JSON array on SQLite; "range" at those from `$1` to `$2`, both included. Raises KeyError for
    a cohort, value set or group that is not in `selection`; `check_definitions` finds these before.
    """
    return members_query(selection, cohorts, as_of, dialect, scope=scope).text()


def members_query(
    selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, *, scope: Scope
) -> Query:
    """The statement of members_sql in its parts."""
    statement = Statement(selection, as_of, dialect, scope)
    relations = Cohorts(statement)
    parts = [
        _member_rows(cohort, definition, relation, relations)
        for cohort in cohorts
        for definition, relation in relations.parts(cohort)
    ]
    return statement.query(united(parts) or _NO_MEMBERS)


def excluded_sql(selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, *, scope: Scope) -> str:
    """A statement that selects rows (cohort, person, reason): who would be a member but for an exclusion.

    `reason` is the index of the exclusion in the definition; whom several keep out stands once with each. Scope and
    errors as for members_sql.
    """
    statement = Statement(selection, as_of, dialect, scope)
    relations = Cohorts(statement)
    parts = []
    for cohort in cohorts:
        for definition, relation in relations.before_exclusions(cohort):
            criteria = relations.criteria(definition)
            for place, reason in enumerate(definition.exclude):
                parts.append(
                    f"SELECT '{cohort}' AS cohort, m.person, {place} AS reason FROM {relation} m"
                    f" WHERE m.person IN (SELECT person FROM {criteria.people(reason.when)})"
                )
    return statement.text(united(parts) or _NO_REASONS)


def ranked_sql(selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, *, scope: Scope) -> str:
    """A statement that selects rows (cohort, person, reason): why a member has the points of `rank` that it has.

    `reason` is the index of what holds in the definition's `rank`. Scope and errors as for members_sql.
    """
    statement = Statement(selection, as_of, dialect, scope)
    relations = Cohorts(statement)
    parts = []
    for cohort in cohorts:
        for definition, relation in relations.parts(cohort):
            criteria = relations.criteria(definition)
            for place, reason in enumerate(definition.rank):
                parts.append(
                    f"SELECT '{cohort}' AS cohort, m.person, {place} AS reason FROM {relation} m"
                    f" WHERE m.person IN (SELECT person FROM {criteria.people(reason.when)})"
                )
    return statement.text(united(parts) or _NO_REASONS)


def _member_rows(cohort: str, definition: CohortDefinition, relation: str, relations: Cohorts) -> str:
    since, rank, joins = "CAST(NULL AS INTEGER)", "0", ""
    if definition.since:
        since = "s.since"
        joins += f" LEFT JOIN {_since(definition, relations.statement)} s ON s.person = m.person"
    if definition.rank:
        rank = "COALESCE(r.points, 0)"
        joins += f" LEFT JOIN {_points(definition, relation, relations)} r ON r.person = m.person"
    return f"SELECT '{cohort}' AS cohort, m.person, {since} AS since, {rank} AS rank FROM {relation} m{joins}"


def _since(definition: CohortDefinition, statement: Statement) -> str:
    body = (
        f"SELECT person, MIN(starts) AS since FROM {statement.fact}"
        f" WHERE concept IN {statement.concepts(definition.since)}"
        f" AND starts > {UNDATED} AND {current(statement)} GROUP BY person"
    )
    return statement.relation("since", body)


def _points(definition: CohortDefinition, members: str, relations: Cohorts) -> str:
    criteria = relations.criteria(definition)
    parts = [
        f"SELECT person, {reason.points} AS points FROM {members}"
        f" WHERE person IN (SELECT person FROM {criteria.people(reason.when)})"
        for reason in definition.rank
    ]
    body = f"SELECT person, CAST(SUM(points) AS INTEGER) AS points FROM ({united(parts)}) AS ranked GROUP BY person"
    return relations.statement.relation("points", body)
