"""The keys of pseudonyms: one for each recipient of an organisation, replaced when it is spent or asked to be."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cohort_service.domain.pseudonym import KEY_BYTES, key_is_spent
from tandem.database.connection import Connection

_SELECT = "SELECT number, key, made FROM pseudonym_key WHERE owner = $1 AND recipient = $2"


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """`number` counts the keys of this recipient from 1."""

    number: int
    key: bytes


async def key_for(
    connection: Connection, owner: str, recipient: str, today: int, *, renewed: bool = False
) -> PseudonymKey:
    """The recipient's key, made when there is none, and replaced when it is spent or to be `renewed`."""
    await connection.execute(
        "INSERT INTO pseudonym_key (owner, recipient, number, key, made) VALUES ($1, $2, 1, $3, $4)"
        " ON CONFLICT (owner, recipient) DO NOTHING", owner, recipient, secrets.token_bytes(KEY_BYTES), today,
    )  # fmt: skip
    row = await connection.fetchrow(_SELECT, owner, recipient)
    assert row is not None, "it has just been inserted"
    if renewed or key_is_spent(row["made"], today):
        # By its number: of two that find the same key spent, one replaces it.
        await connection.execute(
            "UPDATE pseudonym_key SET number = number + 1, key = $3, made = $4"
            " WHERE owner = $1 AND recipient = $2 AND number = $5",
            owner, recipient, secrets.token_bytes(KEY_BYTES), today, row["number"],
        )  # fmt: skip
        row = await connection.fetchrow(_SELECT, owner, recipient)
        assert row is not None, "keys are replaced, never deleted"
    return PseudonymKey(row["number"], bytes(row["key"]))


async def kept_key(connection: Connection, owner: str, recipient: str, number: int) -> PseudonymKey | None:
    """The key of this number, None when it was replaced."""
    row = await connection.fetchrow(_SELECT + " AND number = $3", owner, recipient, number)
    return PseudonymKey(row["number"], bytes(row["key"])) if row is not None else None
