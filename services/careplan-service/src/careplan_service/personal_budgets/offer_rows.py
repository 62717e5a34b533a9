"""What commissioners offer by year, as it was activated."""

from __future__ import annotations

from careplan_service.domain.personal_budgets.offers import BudgetYear
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


async def all_offers(connection: Connection) -> list[BudgetYear]:
    """Every version, in the order of commissioners, years and versions."""
    rows = await connection.fetch("SELECT * FROM budget_year ORDER BY commissioner, year, version")
    return [_offer(row) for row in rows]


async def activate(connection: Connection, offer: BudgetYear, author: str, at: int) -> BudgetYear:
    """Keep it as the next version of its commissioner's year, whatever version it says. Hold the offers first."""
    holder = offer.commissioner or ""
    last = await connection.fetchval(
        "SELECT MAX(version) FROM budget_year WHERE commissioner = $1 AND year = $2", holder, offer.year
    )
    version = 1 + (last or 0)
    await connection.execute(
        "INSERT INTO budget_year (commissioner, year, version, promote, direct, source, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        holder, offer.year, version, encode(list(offer.promote)).decode(), encode(list(offer.direct)).decode(),
        offer.source, author, at,
    )  # fmt: skip
    return BudgetYear(offer.commissioner, offer.year, version, offer.promote, offer.direct, offer.source)


def _offer(row: Row) -> BudgetYear:
    promote, direct = (tuple(decode(row[name].encode())) for name in ("promote", "direct"))
    return BudgetYear(row["commissioner"] or None, row["year"], row["version"], promote, direct, row["source"])
