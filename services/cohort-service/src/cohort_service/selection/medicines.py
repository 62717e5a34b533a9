"""Selecting by medicines: one in use, how many, and two at the same time.

An order has a row for each of its codings. Any of them may belong to a value set; what it is counted and compared as
is the substance of its `product`, which is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort_service.domain.definition_language.nodes import Medicine, Medicines, Span, Together
from cohort_service.domain.definition_language.quantities import value_of
from cohort_service.selection.conditions import began_before, overlaps
from cohort_service.selection.grouping import different
from cohort_service.selection.statement import Statement

SUBSTANCE = "COALESCE({0}.substance, {0}.number)"
"""What a product is counted as: products of one substance once."""


def window(statement: Statement, within: Span | None, between: tuple[Span, Span] | None = None) -> tuple[int, int]:
    """The first and the last day of the window of a criterion of medicines."""
    if between:
        return statement.day(between[0]), statement.day(between[1])
    return (statement.day(within) if within else statement.today), statement.today


def in_use(criterion: Medicine, statement: Statement) -> str:
    """People with an order of one of the medicines in the window."""
    days = overlaps(*window(statement, criterion.within, criterion.between))
    concepts = statement.concepts(criterion.value_sets)
    return f"SELECT person FROM {statement.medicine} WHERE concept IN {concepts} AND {days}"


def started(criterion: Medicine, span: Span, statement: Statement) -> str:
    """People with an order of one of the medicines that began at least `span` before as-of."""
    return (
        f"SELECT person FROM {statement.medicine} WHERE concept IN {statement.concepts(criterion.value_sets)}"
        f" AND {began_before(statement, span)}"
    )


def counted_rows(criterion: Medicines, statement: Statement) -> str:
    """The conditions on orders `m` that a criterion counts."""
    parts = [overlaps(*window(statement, criterion.within), alias="m")]
    if criterion.value_sets:
        parts.append(f"m.concept IN {statement.concepts(criterion.value_sets)}")
    excepted = statement.concepts(criterion.except_)
    if excepted != "(NULL)":
        parts.append(
            f"NOT EXISTS (SELECT 1 FROM {statement.medicine} x WHERE x.record = m.record AND x.person = m.person"
            f" AND x.concept IN {excepted})"
        )
    return " AND ".join(parts)


def how_many(criterion: Medicines, statement: Statement) -> str:
    """The number of different substances in use: rows (person, substances)."""
    used = (
        f"SELECT m.person, {SUBSTANCE.format('c')} AS substance"
        f" FROM {statement.medicine} m JOIN concept c ON c.number = m.product"
        f" WHERE {counted_rows(criterion, statement)}"
    )
    return statement.relation("substances", different("substance", "substances", [used]))


def at_least(criterion: Medicines, statement: Statement, parameters: Mapping[str, int]) -> str:
    """People with so many different substances in use."""
    number = value_of(criterion.at_least, parameters)
    return f"SELECT person FROM {how_many(criterion, statement)} WHERE substances >= {number}"


def orders(value_sets: Sequence[str], within: Span, statement: Statement) -> str:
    """Orders of the value sets in the window, each with its substance: the name of their relation."""
    body = (
        f"SELECT m.person, m.starts, m.ends, m.record, m.concept, {SUBSTANCE.format('c')} AS substance"
        f" FROM {statement.medicine} m JOIN concept c ON c.number = m.product"
        f" WHERE m.concept IN {statement.concepts(value_sets)} AND {overlaps(*window(statement, within), alias='m')}"
    )
    return statement.relation("orders", body)


def together(criterion: Together, statement: Statement) -> str:
    """People with two different substances in use close to each other."""
    first, second = (orders(names, criterion.within, statement) for names in (criterion.first, criterion.second))
    return (
        f"SELECT a.person FROM {first} a JOIN {second} b ON b.person = a.person AND b.substance <> a.substance"
        f" WHERE {close(criterion.days)}"
    )


def close(days: int) -> str:
    """The last day of each of the orders `a` and `b` lies at most `days` before the other's first."""
    return f"(a.ends IS NULL OR b.starts - a.ends < {days}) AND (b.ends IS NULL OR a.starts - b.ends < {days})"
