"""Reading a person's offers to re-register, and closing the open one (EHCH-020)."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.database.connection import Connection, Row
from tandem.identity.caller import Caller


async def offers_to(connection: Connection, patient: str) -> Sequence[Row]:
    """All offers of a person, the newest stay first."""
    return await connection.fetch(
        "SELECT * FROM registration_offer WHERE patient = $1 ORDER BY since_day DESC, opened DESC, id", patient
    )


async def open_offer(connection: Connection, patient: str) -> Row | None:
    """The open offer of the newest stay."""
    return next((row for row in await offers_to(connection, patient) if row["status"] == "open"), None)


async def close_offer(
    connection: Connection, identity: str, choice: str, benefits_explained: int | None, caller: Caller, now_us: int
) -> Row | None:
    """Close an offer with the person's choice: its row, or None when it was not open any more."""
    closed = await connection.execute(
        "UPDATE registration_offer SET status = 'closed', choice = $2, benefits_explained = $3, closed = $4,"
        " closed_by = $5, closed_by_user = $6 WHERE id = $1 AND status = 'open'",
        identity, choice, benefits_explained, now_us, caller.organisation, caller.user,
    )  # fmt: skip
    return await connection.fetchrow("SELECT * FROM registration_offer WHERE id = $1", identity) if closed else None
