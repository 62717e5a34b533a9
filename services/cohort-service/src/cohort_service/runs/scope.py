"""For whom an identification may be run, and whose runs may be seen.

A practice runs for itself, a network for the practices that are its members now, an operator for everybody; a
commissioner runs nothing and sees the figures of its area. Nobody runs for or sees another practice.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, kind_by_form

_KIND = "SELECT kind FROM organisation WHERE code = $1 AND active = 1 ORDER BY id LIMIT 1"
_MEMBERS = "SELECT DISTINCT member FROM membership WHERE holder = $1 AND starts <= $2 AND ends > $2 ORDER BY member"


@dataclass(frozen=True, slots=True)
class Scope:
    """`organisation` is the practice or network by code, None for everybody; `practices` None is every practice."""

    organisation: str | None
    practices: tuple[str, ...] | None


async def scope_to_run(
    connection: Connection, caller: Caller, practice: str | None, network: str | None, now: int
) -> Scope:
    """Whom a run is for. `now` is microseconds.

    Raises FhirError 400 for both a practice and a network, 403 for one the caller may not run for, 422 for one that is
    not known.
    """
    if practice is not None and network is not None:
        raise FhirError(Kind.BAD_REQUEST, "Give practice or network, not both", expression="practice")
    if caller.sees_all:
        return await _of_everybody(connection, practice, network, now)
    own = caller.organisation
    kind = await kind_of_organisation(connection, own) or kind_by_form(own)
    members = await practices_of(connection, own, now) if kind == NETWORK else ()
    if kind == PRACTICE and network is None and practice in (None, own):
        return Scope(own, (own,))
    if kind == NETWORK and practice is None and network in (None, own):
        return Scope(own, members)
    if kind == NETWORK and practice is not None and practice in members:
        return Scope(practice, (practice,))
    raise FhirError(Kind.FORBIDDEN, "A practice runs for itself, and a network for the practices that are its members")


async def scope_to_see(
    connection: Connection, caller: Caller, practice: str | None, network: str | None, now: int
) -> Scope:
    """Whose runs and duties the caller may see.

    Raises FhirError 400 for both, or for neither from a caller that is not a practice, network or operator; 404 for
    one that the caller may not see, which is not told from one that is not there.
    """
    if not caller.sees_all and (practice or network) is not None:
        await _check_area(connection, caller.organisation, str(practice or network), now)
        return await _of_everybody(connection, practice, network, now, unknown=Kind.NOT_FOUND)
    if not caller.sees_all and await is_commissioner(connection, caller.organisation):
        raise FhirError(
            Kind.BAD_REQUEST, "Give the practice or the network whose figures are wanted", expression="practice"
        )
    return await scope_to_run(connection, caller, practice, network, now)


async def is_commissioner(connection: Connection, code: str) -> bool:
    """Whether the organisation is a commissioner, who sees figures and never a person."""
    return await kind_of_organisation(connection, code) == COMMISSIONER


async def sees_figures_only(connection: Connection, caller: Caller) -> bool:
    """Whether the caller is a commissioner, to whom small numbers of people are not told; an operator is none."""
    return not caller.sees_all and await is_commissioner(connection, caller.organisation)


async def kind_of_organisation(connection: Connection, code: str) -> str | None:
    """The kind of an organisation that is entered and active."""
    kind: str | None = await connection.fetchval(_KIND, code)
    return kind


async def practices_of(connection: Connection, network: str, now: int) -> tuple[str, ...]:
    """The practices that are members of a network, or belong to the networks of a commissioner, at `now`."""
    found: set[str] = set()
    for row in await connection.fetch(_MEMBERS, network, now):
        kind = await kind_of_organisation(connection, row["member"]) or kind_by_form(row["member"])
        if kind == PRACTICE:
            found.add(row["member"])
    return tuple(sorted(found))


async def networks_of(connection: Connection, practice: str, now: int) -> tuple[str, ...]:
    """The networks that a practice belongs to at `now`."""
    rows = await connection.fetch(
        "SELECT DISTINCT m.holder FROM membership m WHERE m.member = $1 AND m.starts <= $2 AND m.ends > $2"
        " ORDER BY m.holder", practice, now,
    )  # fmt: skip
    kinds = [(row["holder"], await kind_of_organisation(connection, row["holder"])) for row in rows]
    return tuple(holder for holder, kind in kinds if (kind or kind_by_form(holder)) == NETWORK)


async def commissioners_of(connection: Connection, organisation: str, now: int) -> tuple[str, ...]:
    """The commissioners of a practice or network at `now`: by its own membership, or by that of its network."""
    holders = [row["holder"] for row in await connection.fetch(
        "SELECT DISTINCT m.holder FROM membership m WHERE m.starts <= $2 AND m.ends > $2 AND (m.member = $1"
        " OR m.member IN (SELECT n.holder FROM membership n WHERE n.member = $1 AND n.starts <= $2 AND n.ends > $2))"
        " ORDER BY m.holder", organisation, now,
    )]  # fmt: skip
    return tuple([holder for holder in holders if await is_commissioner(connection, holder)])


async def _of_everybody(
    connection: Connection, practice: str | None, network: str | None, now: int, *, unknown: Kind = Kind.UNPROCESSABLE
) -> Scope:
    if practice is None and network is None:
        return Scope(None, None)
    wanted, code = (PRACTICE, practice) if practice is not None else (NETWORK, network)
    assert code is not None
    if await kind_of_organisation(connection, code) != wanted:
        raise FhirError(unknown, f"No {wanted} of this code is known")
    return Scope(code, (code,) if practice is not None else await practices_of(connection, code, now))


async def _check_area(connection: Connection, caller: str, asked: str, now: int) -> None:
    above = (*await networks_of(connection, asked, now), *await commissioners_of(connection, asked, now))
    if caller != asked and caller not in above:
        raise FhirError(Kind.NOT_FOUND, "There is no such practice or network that you may see")


async def practices_seen(connection: Connection, caller: Caller, now: int) -> tuple[str, ...] | None:
    """The practices whose figures the caller may see: its own, its members', its area's; None is every one."""
    if caller.sees_all:
        return None
    own = caller.organisation
    kind = await kind_of_organisation(connection, own) or kind_by_form(own)
    if kind == PRACTICE:
        return (own,)
    if kind == NETWORK:
        return await practices_of(connection, own, now)
    if kind != COMMISSIONER:
        return ()
    found = set(await practices_of(connection, own, now))
    for row in await connection.fetch(_MEMBERS, own, now):
        found.update(await practices_of(connection, row["member"], now))
    return tuple(sorted(found))


async def every_practice(connection: Connection) -> list[str]:
    """Every practice that is entered and active, by code."""
    rows = await connection.fetch(
        "SELECT DISTINCT code FROM organisation WHERE kind = $1 AND active = 1 ORDER BY code", PRACTICE
    )
    return [row["code"] for row in rows]
