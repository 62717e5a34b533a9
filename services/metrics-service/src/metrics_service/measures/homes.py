"""The care homes of an area: those aligned to its networks, and those in which its people live."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from metrics_service.domain.london_days import day_at
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.area import Area, aligned_homes
from metrics_service.measures.narrowed import Narrowed
from tandem.clock import from_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.identity.organisations import NETWORK


@dataclass(frozen=True, slots=True)
class Home:
    """A home by its code. `beds` as its Organization says; `aligned` to a network of the area."""

    code: str
    beds: int | None
    aligned: bool


def homes_together(area: Area, homes: Collection[str]) -> Area:
    """The area narrowed to these homes (codes), told apart."""
    return replace(area, narrowed=Narrowed(homes=tuple(sorted(homes))))


async def homes_of(connection: Connection, area: Area, moment: int, *, exact: bool) -> dict[str, Home]:
    """The homes of a network or practice at the moment (microseconds), by code; of other organisations none.

    Who does not see every number is not told where people live: of a network only the aligned homes, of a practice
    those of its networks.
    """
    aligned = await aligned_homes(connection, area.networks, moment)
    lived_in = await _lived_in(connection, area.practices, moment) if exact else set()
    shown = (aligned | lived_in) if area.kind == NETWORK or not exact else lived_in
    beds = await _beds(connection, shown, moment)
    return {code: Home(code, beds.get(code), code in aligned) for code in sorted(shown)}


async def _lived_in(connection: Connection, practices: Collection[str], moment: int) -> set[str]:
    rows = await connection.fetch(
        f"SELECT DISTINCT s.place {_residents(connection)}",
        day_at(from_micros(moment)), FOREVER, array(connection.dialect, sorted(practices)),
    )  # fmt: skip
    return {row["place"] for row in rows}


async def practices_living_in(
    connection: Connection, home: str, practices: Collection[str], moment: int
) -> set[str]:
    """Those of the practices whose people live in the home at the moment."""
    rows = await connection.fetch(
        f"SELECT DISTINCT p.practice {_residents(connection)} AND s.place = $4",
        day_at(from_micros(moment)), FOREVER, array(connection.dialect, sorted(practices)), home,
    )  # fmt: skip
    return {row["practice"] for row in rows}


async def _beds(connection: Connection, homes: Collection[str], moment: int) -> dict[str, int]:
    day = day_at(from_micros(moment))
    rows = await connection.fetch(
        "SELECT organisation, value FROM told_fact WHERE kind = 'care-home' AND known_until = $1 AND first <= $2"
        " AND (last IS NULL OR last > $2) AND value IS NOT NULL"
        f" AND organisation {among(connection.dialect, '$3', 'text')}",
        FOREVER, day, array(connection.dialect, sorted(homes)),
    )  # fmt: skip
    return {row["organisation"]: int(row["value"]) for row in rows}


def _residents(connection: Connection) -> str:
    """FROM and WHERE: the people (p) of practices ($3) who live in a home on a day ($1), and their stays (s)."""
    return (
        "FROM told_fact s JOIN told_person p ON p.patient = s.patient AND p.starts <= $1 AND p.ends > $1"
        " WHERE s.kind = 'care-home-stay' AND s.known_until = $2 AND s.first <= $1"
        " AND (s.last IS NULL OR s.last > $1) AND s.place IS NOT NULL"
        f" AND p.practice {among(connection.dialect, '$3', 'text')}"
    )
