"""The rows of variations, and the scheme as it stands with a commissioner."""

from __future__ import annotations

from datetime import date

from metrics_service.domain.payments.money import pence, pounds
from metrics_service.domain.scheme.terms import Scheme, Terms, scheme_with
from tandem.database.connection import Connection


async def scheme_of(connection: Connection, commissioner: str | None) -> Scheme:
    """The scheme with the variations of a commissioner; as it was shipped where nobody commissions."""
    return scheme_with(await variations_of(connection, commissioner) if commissioner is not None else ())


async def variations_of(connection: Connection, commissioner: str) -> list[Terms]:
    """The variations of a commissioner, in the order of their numbers."""
    rows = await connection.fetch(
        "SELECT * FROM scheme_variation WHERE commissioner = $1 ORDER BY number", commissioner
    )
    return [
        Terms(
            date.fromordinal(row["first_day"]), date.fromordinal(row["last_day"]), pounds(row["upfront_pence"]),
            pounds(row["final_pence"]),
            date.fromordinal(row["final_due_day"]) if row["final_due_day"] is not None else None,
            row["due_days"], row["reason"], row["number"],
        )
        for row in rows
    ]  # fmt: skip


async def keep_variation(connection: Connection, commissioner: str, terms: Terms, by: str, at: int) -> int:
    """Write a variation, and answer its number."""
    number = 1 + int(await connection.fetchval(
        "SELECT COUNT(*) FROM scheme_variation WHERE commissioner = $1", commissioner
    ))  # fmt: skip
    await connection.execute(
        "INSERT INTO scheme_variation (commissioner, number, first_day, last_day, upfront_pence, final_pence,"
        " final_due_day, due_days, reason, published_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        commissioner, number, terms.first.toordinal(), terms.last.toordinal(), pence(terms.upfront), pence(terms.final),
        terms.final_due.toordinal() if terms.final_due is not None else None, terms.due_days, terms.source, by, at,
    )  # fmt: skip
    return number
