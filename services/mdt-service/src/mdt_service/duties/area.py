"""Who stands above and beside an organisation now: its networks, commissioners, practices and providers.

By memberships (OrganizationAffiliation `member`) and, for providers, by signed agreements with the network or one of
its practices. Organisations are codes.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.identity.memberships import NOW, holders_of, kind_of_code, members, members_of
from tandem.identity.organisations import COMMISSIONER, NATIONAL_BODY, NETWORK, PRACTICE, PROVIDER


@dataclass(frozen=True, slots=True)
class Area:
    """A network with who belongs to it at a time, by kind of organisation."""

    network: str
    by_kind: dict[str, tuple[str, ...]]

    @property
    def everybody(self) -> frozenset[str]:
        """The network and all its organisations."""
        return frozenset(code for codes in self.by_kind.values() for code in codes)


async def area_of(connection: Connection, network: str, at: int) -> Area:
    """The network with its practices, providers and commissioners at a moment (microseconds), and national bodies."""
    joined = await members(connection, network, at)
    practices = [code for code, kind in joined if kind == PRACTICE]
    providers = {code for code, kind in joined if kind == PROVIDER}
    for holder in (network, *practices):
        providers |= set(await _providers_by_agreement(connection, holder, at))
    return Area(network, {
        NETWORK: (network,), PRACTICE: tuple(sorted(practices)), PROVIDER: tuple(sorted(providers)),
        COMMISSIONER: tuple(await holders_of(connection, network, COMMISSIONER, at)),
        NATIONAL_BODY: tuple(await national_bodies(connection)),
    })  # fmt: skip


async def national_bodies(connection: Connection) -> list[str]:
    """The national bodies that are known here."""
    rows = await connection.fetch(
        "SELECT DISTINCT code FROM organisation WHERE kind = $1 AND active = 1 ORDER BY code", NATIONAL_BODY
    )
    return [row["code"] for row in rows]


async def networks_about(connection: Connection, code: str, at: int) -> list[str]:
    """The networks an organisation belongs to at a moment: itself, as a member, by agreement or as commissioner."""
    kind = await kind_of_code(connection, code)
    if kind == NETWORK:
        return [code]
    if kind == COMMISSIONER:
        return await members_of(connection, code, NETWORK, at)
    found = set(await holders_of(connection, code, NETWORK, at))
    if kind == PROVIDER:
        found |= set(await _networks_by_agreement(connection, code, at))
    return sorted(found)


async def stands_above(connection: Connection, code: str, at: int) -> set[str]:
    """The networks of an organisation, and the commissioners of it and of these networks.

    A network is not above its commissioner, whose register holds what other networks owe.
    """
    known = await kind_of_code(connection, code) not in (NETWORK, COMMISSIONER)
    networks = await networks_about(connection, code, at) if known else []
    above = set(networks)
    for each in (code, *networks):
        above |= set(await holders_of(connection, each, COMMISSIONER, at))
    return above - {code}


async def _providers_by_agreement(connection: Connection, holder: str, at: int) -> list[str]:
    rows = await connection.fetch(
        f"SELECT DISTINCT member FROM agreement WHERE holder = $1 AND member IS NOT NULL AND signed = 1 AND {NOW}",
        holder, at,
    )  # fmt: skip
    return [row["member"] for row in rows if await kind_of_code(connection, row["member"]) == PROVIDER]


async def _networks_by_agreement(connection: Connection, provider: str, at: int) -> list[str]:
    rows = await connection.fetch(
        f"SELECT DISTINCT holder FROM agreement WHERE member = $1 AND holder IS NOT NULL AND signed = 1 AND {NOW}",
        provider, at,
    )  # fmt: skip
    found: set[str] = set()
    for row in rows:
        kind = await kind_of_code(connection, row["holder"])
        found |= {row["holder"]} if kind == NETWORK else set(await holders_of(connection, row["holder"], NETWORK, at))
    return sorted(found)
