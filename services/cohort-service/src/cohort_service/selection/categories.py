"""Counting categories: how many value sets of a group a person has a fact of."""

from __future__ import annotations

from collections.abc import Iterable

from cohort_service.selection.conditions import seen
from cohort_service.selection.grouping import different
from cohort_service.selection.statement import Statement


def category_concepts(group: str, statement: Statement) -> str:
    """Which concept belongs to which value set of the group: rows (concept, category), categories numbered from 0."""
    pairs = [
        f"({concept}, {place})"
        for place, name in enumerate(statement.selection.groups[group])
        for concept in sorted(set(statement.selection.value_sets[name]))
    ]
    rows = ", ".join(pairs) or "(-1, -1)"
    return statement.relation(f"of_{group.replace('-', '_')}", f"VALUES {rows}", "(concept, category)")


def category_counts(group: str, statement: Statement, plus: Iterable[str]) -> str:
    """Rows (person, categories) of people with at least one; each relation of `plus` gives its people one more."""
    facts = (
        f"SELECT f.person, g.category FROM {statement.fact} f"
        f" JOIN {category_concepts(group, statement)} g ON g.concept = f.concept WHERE f.{seen(statement)}"
    )
    more = [f"SELECT person, {-place} FROM {relation}" for place, relation in enumerate(plus, start=1)]
    return statement.relation("categories", different("category", "categories", [facts, *more]))
