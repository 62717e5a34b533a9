"""The area of a practice at a moment: its networks, and the commissioners of it and of these."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, kind_by_form
from tandem.identity.reference_rights import kind_of_caller


@dataclass(frozen=True, slots=True)
class Area:
    """Codes; the practice is None for somebody who is registered nowhere."""

    practice: str | None
    networks: tuple[str, ...]
    commissioners: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Networks, then commissioners: what is nearer goes before."""
        return (*self.networks, *self.commissioners)


async def area_of_practice(connection: Connection, practice: str | None, at: int) -> Area:
    """By memberships at a moment (microseconds)."""
    if practice is None:
        return Area(None, (), ())
    above = await _holders(connection, practice, at)
    networks = tuple(code for code, kind in above if kind == NETWORK)
    commissioners = [code for code, kind in above if kind == COMMISSIONER]
    for network in networks:
        commissioners += [code for code, kind in await _holders(connection, network, at) if kind == COMMISSIONER]
    return Area(practice, networks, tuple(dict.fromkeys(commissioners)))


async def area_of_organisation(connection: Connection, code: str, at: int) -> Area:
    """Of a practice its area; of a network itself with its commissioners; of a commissioner itself."""
    kind = await kind_of_caller(connection, code)
    if kind == NETWORK:
        above = await _holders(connection, code, at)
        return Area(None, (code,), tuple(holder for holder, kind in above if kind == COMMISSIONER))
    if kind == COMMISSIONER:
        return Area(None, (), (code,))
    return await area_of_practice(connection, code, at)


async def is_practice(connection: Connection, code: str) -> bool:
    """Whether an organisation is a practice."""
    return await kind_of_caller(connection, code) == PRACTICE


async def _holders(connection: Connection, member: str, at: int) -> list[tuple[str, str]]:
    rows = await connection.fetch(
        "SELECT DISTINCT m.holder AS code, (SELECT MIN(o.kind) FROM organisation o WHERE o.code = m.holder"
        " AND o.active = 1) AS kind FROM membership m WHERE m.member = $1 AND m.holder IS NOT NULL"
        " AND m.starts <= $2 AND m.ends > $2 ORDER BY code", member, at,
    )  # fmt: skip
    return [(row["code"], row["kind"] or kind_by_form(row["code"])) for row in rows]
