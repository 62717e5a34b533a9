"""Whose figures: the practices of an organisation on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics_service.domain.london_days import day_at
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.narrowed import NOT_NARROWED, Narrowed
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.clock import from_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.identity.memberships import commissioners_of, holders_of
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, kind_by_form


@dataclass(frozen=True, slots=True)
class Area:
    """An organisation (code and kind), its practices, and with its networks all organisations whose doings count,
    the care homes that are aligned to them among these; and the networks and commissioners that answer for all this."""

    code: str
    kind: str
    practices: tuple[str, ...]
    organisations: tuple[str, ...]
    narrowed: Narrowed = NOT_NARROWED
    networks: tuple[str, ...] = ()
    commissioners: tuple[str, ...] = ()


async def area_of(connection: Connection, code: str, kind: str, moment: int, narrowed: Narrowed = NOT_NARROWED) -> Area:
    """A practice alone; the practices that were members of a network at the moment (microseconds); of a commissioner
    its networks' and its own."""
    if kind == PRACTICE:
        joined = tuple(await holders_of(connection, code, NETWORK, moment))
        commissioners = tuple(await commissioners_of(connection, code, moment))
        return Area(code, kind, (code,), (code,), narrowed, joined, commissioners)
    members = await _members(connection, code, moment)
    networks = [code]
    practices = {member for member, its_kind in members.items() if its_kind == PRACTICE}
    organisations = {code, *members}
    if kind == COMMISSIONER:
        for network in sorted(member for member, its_kind in members.items() if its_kind == NETWORK):
            within = await _members(connection, network, moment)
            practices |= {member for member, its_kind in within.items() if its_kind == PRACTICE}
            organisations |= set(within)
            networks.append(network)
    organisations |= await aligned_homes(connection, networks, moment)
    above = (code,) if kind == COMMISSIONER else tuple(await holders_of(connection, code, COMMISSIONER, moment))
    below = tuple(networks[1:]) if kind == COMMISSIONER else (code,)
    return Area(code, kind, tuple(sorted(practices)), tuple(sorted(organisations)), narrowed, below, above)


async def aligned_homes(connection: Connection, networks: Sequence[str], moment: int) -> set[str]:
    """The care homes that are aligned to these networks on the day of the moment."""
    day = day_at(from_micros(moment))
    rows = await connection.fetch(
        "SELECT DISTINCT organisation FROM told_fact WHERE kind = 'affiliation' AND category = $1 AND known_until = $2"
        f" AND first <= $3 AND (last IS NULL OR last > $3) AND place {among(connection.dialect, '$4', 'text')}",
        CARE_HOME_ALIGNMENT, FOREVER, day, array(connection.dialect, list(networks)),
    )  # fmt: skip
    return {row["organisation"] for row in rows}


async def networks_of(connection: Connection, commissioner: str, moment: int) -> list[str]:
    """The networks that are members of a commissioner's area at the moment."""
    members = await _members(connection, commissioner, moment)
    return sorted(member for member, kind in members.items() if kind == NETWORK)


async def _members(connection: Connection, holder: str, moment: int) -> dict[str, str]:
    rows = await connection.fetch(
        "SELECT DISTINCT m.member, o.kind FROM membership m LEFT JOIN organisation o ON o.code = m.member"
        " WHERE m.holder = $1 AND m.starts <= $2 AND m.ends > $2 AND m.member IS NOT NULL",
        holder, moment,
    )  # fmt: skip
    # A member that has not been heard of by itself is known by the form of its code.
    return {row["member"]: row["kind"] or kind_by_form(row["member"]) for row in rows}
