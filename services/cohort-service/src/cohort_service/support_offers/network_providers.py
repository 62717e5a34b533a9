"""Who may support networks on a day: by the area that is named, as a member, and with whom records are shared."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.networks.days import last_moment
from cohort_service.networks.organisations import kind_of_code, wholes_of
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.identity.organisations import COMMISSIONER, PRACTICE
from tandem.identity.references import PREFIX


async def areas_with(connection: Connection, networks: Sequence[str], day: int) -> list[str]:
    """Everything by which an area may be named that holds one of these networks: itself, or a commissioner of it."""
    above = [each for network in networks for each in await _commissioners_of(connection, network, day)]
    return await _known_as(connection, [*networks, *above])


async def providers_in(connection: Connection, networks: Sequence[str], day: int) -> list[str]:
    """Everything by which these networks and their members of a day may be named."""
    if not networks:
        return []
    condition, params = among(connection.dialect, "m.holder", 2, networks)
    rows = await connection.fetch(
        f"SELECT DISTINCT m.member FROM membership m WHERE m.starts <= $1 AND m.ends > $1 AND {condition}"
        " AND m.member IS NOT NULL",
        last_moment(day), *params,
    )  # fmt: skip
    return await _known_as(connection, [*networks, *(row["member"] for row in rows)])


async def sharing_with(connection: Connection, networks: Sequence[str], at: int) -> set[str]:
    """The codes of those who see records of these networks at a moment: they and their practices, and by agreement."""
    if not networks:
        return set()
    condition, params = among(connection.dialect, "m.holder", 3, networks)
    practices = await connection.fetch(
        "SELECT DISTINCT m.member FROM membership m JOIN organisation o ON o.code = m.member AND o.kind = $2"
        f" WHERE m.starts <= $1 AND m.ends > $1 AND {condition}",
        at, PRACTICE, *params,
    )  # fmt: skip
    own = [*networks, *(row["member"] for row in practices)]
    condition, params = among(connection.dialect, "g.holder", 2, own)
    agreed = await connection.fetch(
        "SELECT DISTINCT g.member FROM agreement g WHERE g.signed = 1 AND g.starts <= $1 AND g.ends > $1"
        f" AND g.member IS NOT NULL AND {condition}",
        at, *params,
    )  # fmt: skip
    return {*own, *(row["member"] for row in agreed)}


async def _commissioners_of(connection: Connection, network: str, day: int) -> list[str]:
    """The commissioners that a network is a member or a part of on a day."""
    holders = await connection.fetch(
        "SELECT DISTINCT m.holder AS code FROM membership m JOIN organisation o ON o.code = m.holder AND o.kind = $3"
        " WHERE m.member = $1 AND m.starts <= $2 AND m.ends > $2",
        network, last_moment(day), COMMISSIONER,
    )  # fmt: skip
    wholes = await wholes_of(connection, network)
    above = [each for each in wholes if await kind_of_code(connection, each) == COMMISSIONER]
    return list(dict.fromkeys([*(row["code"] for row in holders), *above]))


async def _known_as(connection: Connection, codes: Sequence[str]) -> list[str]:
    if not codes:
        return []
    condition, params = among(connection.dialect, "code", 1, codes)
    rows = await connection.fetch(f"SELECT id FROM organisation WHERE {condition}", *params)
    return list(dict.fromkeys([*codes, *(f"{PREFIX}{row['id']}" for row in rows)]))
