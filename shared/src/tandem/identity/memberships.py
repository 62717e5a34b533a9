"""Who is a member of whom at a moment: practices of networks, practices and networks of commissioners.

By memberships (OrganizationAffiliation `member`). Organisations are codes; a moment is in microseconds.
"""

from __future__ import annotations

from typing import Final

from tandem.database.connection import Connection
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, kind_by_form

NOW: Final = "starts <= $2 AND ends > $2"


async def kind_of_code(connection: Connection, code: str) -> str:
    """The kind of an organisation: as its Organization says, else by the form of its code."""
    row = await connection.fetchrow(
        "SELECT kind FROM organisation WHERE code = $1 AND active = 1 ORDER BY id LIMIT 1", code
    )
    return str(row["kind"]) if row is not None else kind_by_form(code)


async def holders(connection: Connection, member: str, at: int) -> list[tuple[str, str]]:
    """What an organisation is a member of: codes with their kinds."""
    return await _joined(connection, "member", "holder", member, at)


async def members(connection: Connection, holder: str, at: int) -> list[tuple[str, str]]:
    """The members of an organisation: codes with their kinds."""
    return await _joined(connection, "holder", "member", holder, at)


async def holders_of(connection: Connection, member: str, kind: str, at: int) -> list[str]:
    """The networks, or the commissioners, that an organisation is a member of."""
    return [code for code, found in await holders(connection, member, at) if found == kind]


async def members_of(connection: Connection, holder: str, kind: str, at: int) -> list[str]:
    """The members of a network, or of a commissioner, of one kind."""
    return [code for code, found in await members(connection, holder, at) if found == kind]


async def commissioners_of(connection: Connection, code: str, at: int) -> list[str]:
    """The commissioners of a practice or network: its own first, then those of its networks."""
    found = await holders_of(connection, code, COMMISSIONER, at)
    for network in await holders_of(connection, code, NETWORK, at):
        found += await holders_of(connection, network, COMMISSIONER, at)
    return list(dict.fromkeys(found))


async def practices_commissioned(connection: Connection, commissioner: str, at: int) -> list[str]:
    """The practices of a commissioner's area: its own members, and those of the networks that are."""
    found = set(await members_of(connection, commissioner, PRACTICE, at))
    for network in await members_of(connection, commissioner, NETWORK, at):
        found |= set(await members_of(connection, network, PRACTICE, at))
    return sorted(found)


async def _joined(connection: Connection, given: str, wanted: str, code: str, at: int) -> list[tuple[str, str]]:
    rows = await connection.fetch(
        f"SELECT DISTINCT m.{wanted} AS code, (SELECT MIN(o.kind) FROM organisation o WHERE o.code = m.{wanted}"
        f" AND o.active = 1) AS kind FROM membership m WHERE m.{given} = $1 AND m.{wanted} IS NOT NULL AND {NOW}"
        f" ORDER BY code",
        code, at,
    )  # fmt: skip
    return [(row["code"], row["kind"] or kind_by_form(row["code"])) for row in rows]
