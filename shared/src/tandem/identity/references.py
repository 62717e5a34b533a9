"""Literal references to Organizations: told apart, and resolved against the organisations known so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tandem.database.connection import Connection

PREFIX: Final = "Organization/"

# Where a reference and its resolution are kept. A deleted Organization leaves its references unresolved.
RESOLVED: Final = (
    ("patient", "practice_reference", "practice"),
    ("membership", "holder_reference", "holder"),
    ("membership", "member_reference", "member"),
    ("agreement", "holder_reference", "holder"),
    ("agreement", "member_reference", "member"),
    ("part", "organisation_reference", "organisation"),
    ("dissent", "organisation_reference", "organisation"),
)


async def resolve(connection: Connection, references: Iterable[str]) -> dict[str, str | None]:
    """The code behind each reference: itself when it is a code, None when its Organization has not been heard of."""
    found: dict[str, str | None] = {}
    for reference in references:
        if reference in found:
            continue
        if reference.startswith(PREFIX):
            sql = "SELECT code FROM organisation WHERE id = $1"
            found[reference] = await connection.fetchval(sql, reference.removeprefix(PREFIX))
        else:
            found[reference] = reference
    return found


async def settle(connection: Connection, organization_id: str, code: str | None) -> None:
    """Write the code of an Organization wherever something refers to it."""
    for table, reference, resolved in RESOLVED:
        await connection.execute(
            f"UPDATE {table} SET {resolved} = $1 WHERE {reference} = $2", code, f"{PREFIX}{organization_id}"
        )
