"""The rows that show why one criterion holds: (person, record, concept, starts, ends, value)."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_service.domain.definition_language.nodes import (
    Categories,
    Criterion,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Recorded,
    Together,
)
from cohort_service.selection.categories import category_concepts
from cohort_service.selection.conditions import began_before, overlaps, seen
from cohort_service.selection.medicines import close, counted_rows, orders, window
from cohort_service.selection.recorded import latest_rows, recorded_conditions, said_rows
from cohort_service.selection.statement import Statement

_FACT = "person, record, concept, starts, ends, value"
_ORDER = "{0}.person, {0}.record, {0}.concept, {0}.starts, {0}.ends, CAST(NULL AS DOUBLE PRECISION) AS value"


def evidence_rows(criterion: Criterion, statement: Statement) -> Iterator[str]:
    """Statements that select the rows of a criterion itself, for people for whom it holds.

    None for an age, a sex and what only joins other criteria.
    """
    match criterion:
        case Recorded():
            yield f"SELECT {_FACT} FROM {statement.fact} WHERE {recorded_conditions(criterion, statement)}"
        case Latest():
            yield f"SELECT {_FACT} FROM ({latest_rows(criterion, statement)}) AS newest WHERE place = 1"
        case LastSaid(is_=is_):
            last = f"concept IN {statement.concepts(is_)} AND starts = newest"
            yield f"SELECT {_FACT} FROM ({said_rows(criterion, statement)}) AS said WHERE {last}"
        case Medicine():
            yield from _orders_of(criterion, statement)
        case Medicines():
            yield f"SELECT {_ORDER.format('m')} FROM {statement.medicine} m WHERE {counted_rows(criterion, statement)}"
        case Together():
            yield from _pair(criterion, statement)
        case Categories(group):
            concepts = f"SELECT concept FROM {category_concepts(group, statement)}"
            yield f"SELECT {_FACT} FROM {statement.fact} WHERE concept IN ({concepts}) AND {seen(statement)}"


def contrary_rows(criterion: Criterion, statement: Statement) -> Iterator[str]:
    """Statements that select the newest rows of a criterion that goes by the newest, for people for whom it does not
    hold: the value out of bounds, what else was said last."""
    match criterion:
        case Latest():
            yield f"SELECT {_FACT} FROM ({latest_rows(criterion, statement)}) AS newest WHERE place = 1"
        case LastSaid():
            yield f"SELECT {_FACT} FROM ({said_rows(criterion, statement)}) AS said WHERE starts = newest"


def _orders_of(criterion: Medicine, statement: Statement) -> Iterator[str]:
    days = overlaps(*window(statement, criterion.within, criterion.between))
    if criterion.started_before:
        days = f"(({days}) OR ({began_before(statement, criterion.started_before)}))"
    concepts = statement.concepts(criterion.value_sets)
    yield f"SELECT {_ORDER.format('m')} FROM {statement.medicine} m WHERE concept IN {concepts} AND {days}"


def _pair(criterion: Together, statement: Statement) -> Iterator[str]:
    first, second = (orders(names, criterion.within, statement) for names in (criterion.first, criterion.second))
    for shown in ("a", "b"):
        yield (
            f"SELECT {_ORDER.format(shown)} FROM {first} a JOIN {second} b ON b.person = a.person"
            f" AND b.substance <> a.substance WHERE {close(criterion.days)}"
        )
