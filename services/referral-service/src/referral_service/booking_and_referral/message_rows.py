"""The messages that were taken, as rows."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """One message; `version` is that of the ServiceRequest after it."""

    request_id: str
    message: str
    digest: str
    event: str
    reason: str
    focus: str | None
    referral: str
    version: int


async def message_under(connection: Connection, sender: str, request_id: str) -> TakenMessage | None:
    """What was taken from this sender under this X-Request-ID."""
    row = await connection.fetchrow(
        "SELECT request_id, message, digest, event, reason, focus, referral, version FROM message"
        " WHERE sender = $1 AND request_id = $2",
        sender, request_id,
    )  # fmt: skip
    if row is None:
        return None
    return TakenMessage(
        row["request_id"], row["message"], row["digest"], row["event"], row["reason"], row["focus"], row["referral"],
        row["version"],
    )  # fmt: skip


async def is_taken(connection: Connection, sender: str, message: str) -> bool:
    """Whether a message of this id was taken from this sender."""
    found = await connection.fetchval("SELECT 1 FROM message WHERE sender = $1 AND message = $2", sender, message)
    return found is not None


async def referral_of_focus(connection: Connection, sender: str, focus: str) -> str | None:
    """The ServiceRequest that was made of what the sender calls by this id, or that it names by ours."""
    found: str | None = await connection.fetchval(
        "SELECT referral FROM message WHERE sender = $1 AND (focus = $2 OR referral = $2) ORDER BY taken LIMIT 1",
        sender, focus,
    )  # fmt: skip
    return found


async def keep(connection: Connection, sender: str, taken: TakenMessage, at: int) -> None:
    """Remember a message that was carried out."""
    await connection.execute(
        "INSERT INTO message (sender, request_id, message, digest, event, reason, focus, referral, version, taken)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        sender, taken.request_id, taken.message, taken.digest, taken.event, taken.reason, taken.focus, taken.referral,
        taken.version, at,
    )  # fmt: skip
