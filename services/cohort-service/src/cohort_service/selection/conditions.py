"""The conditions that criteria of one family share: what is seen and current, windows, bounds of a value."""

from __future__ import annotations

from cohort_service.domain.definition_language.nodes import Bounds, Span
from cohort_service.selection.statement import Statement
from tandem.record_facts.fact import UNDATED


def seen(statement: Statement) -> str:
    """It began on or before as-of."""
    return f"starts <= {statement.today}"


def current(statement: Statement) -> str:
    """It is seen and has not ended by as-of."""
    return f"starts <= {statement.today} AND (ends IS NULL OR ends > {statement.today})"


def began_within(statement: Statement, span: Span) -> str:
    """It began in the window from `span` before as-of to as-of."""
    return f"starts BETWEEN {statement.day(span)} AND {statement.today}"


def began_before(statement: Statement, span: Span) -> str:
    """It is known to have begun at least `span` before as-of."""
    return f"starts > {UNDATED} AND starts <= {statement.day(span)}"


def overlaps(first: int, last: int, alias: str = "") -> str:
    """The days of an order overlap those from `first` to `last`, both included."""
    a = f"{alias}." if alias else ""
    if first == last:
        return f"{a}starts <= {last} AND ({a}ends IS NULL OR {a}ends > {last})"
    return f"{a}starts <= {last} AND ({a}ends IS NULL OR ({a}ends > {first} AND {a}ends > {a}starts))"


def within_bounds(bounds: Bounds) -> str:
    """There is a value, and it lies within the bounds."""
    named = ((">=", bounds.from_), (">", bounds.above), ("<=", bounds.up_to), ("<", bounds.under))
    return " AND ".join(f"value {sign} {number!r}" for sign, number in named if number is not None)
