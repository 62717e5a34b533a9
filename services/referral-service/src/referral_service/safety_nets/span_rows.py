"""The rows of spans: at any moment exactly one of a net holds."""

from __future__ import annotations

from collections.abc import Sequence

from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.spans import Span
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.identity.periods import FOREVER


async def spans_kept(connection: Connection, request: str) -> tuple[Span, ...]:
    """The spans of a net as they are kept."""
    rows = await connection.fetch("SELECT * FROM safety_net_span WHERE request = $1 ORDER BY place", request)
    return tuple(map(span_in, rows))


async def keep_spans(connection: Connection, terms: NetTerms, spans: Sequence[Span]) -> None:
    """Make these the spans of the net."""
    await connection.execute("DELETE FROM safety_net_span WHERE request = $1", terms.request)
    await connection.executemany(
        "INSERT INTO safety_net_span (request, place, patient, kind, state, open, since, until, due)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (
                terms.request, place, terms.patient, terms.kind, each.state, int(each.open), to_micros(each.since),
                FOREVER if each.until is None else to_micros(each.until),
                FOREVER if each.due is None else to_micros(each.due),
            )
            for place, each in enumerate(spans)
        ],
    )  # fmt: skip


def span_in(row: Row) -> Span:
    """The span of a row."""
    until, due = (None if row[name] == FOREVER else from_micros(row[name]) for name in ("until", "due"))
    return Span(row["state"], from_micros(row["since"]), until, due)
