"""The area of a practice at a moment: its networks, and the commissioners of it and of these."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.identity.memberships import commissioners_of, holders_of
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE
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
    networks = await holders_of(connection, practice, NETWORK, at)
    return Area(practice, tuple(networks), tuple(await commissioners_of(connection, practice, at)))


async def area_of_organisation(connection: Connection, code: str, at: int) -> Area:
    """Of a practice its area; of a network itself with its commissioners; of a commissioner itself."""
    kind = await kind_of_caller(connection, code)
    if kind == NETWORK:
        return Area(None, (code,), tuple(await holders_of(connection, code, COMMISSIONER, at)))
    if kind == COMMISSIONER:
        return Area(None, (), (code,))
    return await area_of_practice(connection, code, at)


async def is_practice(connection: Connection, code: str) -> bool:
    """Whether an organisation is a practice."""
    return await kind_of_caller(connection, code) == PRACTICE
