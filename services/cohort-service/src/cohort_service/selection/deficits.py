"""The value sets of a group that a person has a fact of, each with the records that say so."""

from __future__ import annotations

from datetime import date

from cohort_service.domain.definition_language.nodes import Categories, CohortDefinition
from cohort_service.selection.categories import category_concepts
from cohort_service.selection.cohorts import Cohorts
from cohort_service.selection.conditions import seen
from cohort_service.selection.evidence_rows import evidence_rows
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Dialect, Statement


def deficits_sql(
    selection: Selection, definition: CohortDefinition, counted: Categories, as_of: date, dialect: Dialect
) -> str:
    """A statement that selects rows (person, category, record, concept, starts) for the people in `$1`.

    `category` is the index of a value set in the group of `counted`, a criterion of `definition`; of its `plus` the
    first is -1, the second -2, with a row for every record of those for whom it holds.
    """
    statement = Statement(selection, as_of, dialect, "people")
    criteria = Cohorts(statement).criteria(definition)
    facts = (
        f"SELECT f.person, g.category, f.record, f.concept, f.starts FROM {statement.fact} f"
        f" JOIN {category_concepts(counted.group, statement)} g ON g.concept = f.concept WHERE f.{seen(statement)}"
    )
    parts = [facts]
    for place, inner in enumerate(counted.plus, start=1):
        for rows in evidence_rows(inner, statement):
            parts.append(
                f"SELECT person, {-place} AS category, record, concept, starts FROM ({rows}) AS found"
                f" WHERE person IN (SELECT person FROM {criteria.people(inner)})"
            )
    return statement.text("\nUNION ".join(parts))
