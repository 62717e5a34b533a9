"""Which organisation is meant, what kind it is, and which networks and commissioners stand above it on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cohort_service.domain.networks.days import last_moment
from tandem.database.connection import Connection
from tandem.fhir.body import decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, is_network_code, reference_code
from tandem.identity.references import resolve

CARE_HOME = "care-home"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An Organization that is held here."""

    id: str
    code: str
    kind: str


async def organisation_with_id(connection: Connection, organization_id: str | None) -> Organisation:
    """The organisation of a resource id. Raises FhirError 404."""
    row = await connection.fetchrow("SELECT id, code, kind FROM organisation WHERE id = $1", organization_id)
    if row is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Organization")
    return Organisation(row["id"], row["code"], row["kind"])


async def code_named(connection: Connection, reference: str | None) -> str | None:
    """The code of what `reference_code` gave; None while its Organization is not known."""
    return (await resolve(connection, [reference]))[reference] if reference is not None else None


async def kind_of_code(connection: Connection, code: str) -> str | None:
    """The kind of the Organization with this code; None when none is held, or two of them disagree."""
    rows = await connection.fetch("SELECT DISTINCT kind FROM organisation WHERE code = $1 AND active = 1", code)
    return str(rows[0]["kind"]) if len(rows) == 1 else None


async def reference_of(connection: Connection, code: str) -> dict[str, Any]:
    """As `reference_to`, but a literal Reference is that alone: the literal when its Organization is held."""
    named = await reference_to(connection, code)
    return {"reference": named["reference"]} if "reference" in named else named


async def networks_of(connection: Connection, practice: str, day: int) -> list[str]:
    """The networks that a practice is a member of on a day."""
    at = last_moment(day)
    rows = await connection.fetch(
        "SELECT DISTINCT m.holder FROM membership m WHERE m.member = $1 AND m.holder IS NOT NULL"
        " AND m.starts <= $2 AND m.ends > $2 ORDER BY m.holder",
        practice, at,
    )  # fmt: skip
    return [row["holder"] for row in rows if await is_network(connection, row["holder"])]


async def is_network(connection: Connection, code: str) -> bool:
    """Whether a code is a network's: as its Organization says, else by the form of the code."""
    kind = await kind_of_code(connection, code)
    return kind == NETWORK if kind is not None else is_network_code(code)


async def practices_of(connection: Connection, network: str, day: int) -> list[str]:
    """The practices that are members of a network on a day; its other members are left out."""
    at = last_moment(day)
    rows = await connection.fetch(
        "SELECT DISTINCT m.member FROM membership m JOIN organisation o ON o.code = m.member AND o.kind = $3"
        " WHERE m.holder = $1 AND m.starts <= $2 AND m.ends > $2 ORDER BY m.member",
        network, at, PRACTICE,
    )  # fmt: skip
    return [row["member"] for row in rows]


async def is_member(connection: Connection, holder: str, member: str, day: int) -> bool:
    """Whether an organisation is a member of another on a day; both are codes."""
    found = await connection.fetchval(
        "SELECT 1 FROM membership WHERE holder = $1 AND member = $2 AND starts <= $3 AND ends > $3 LIMIT 1",
        holder, member, last_moment(day),
    )  # fmt: skip
    return found is not None


async def organisation_with_code(connection: Connection, code: str | None, kind: str) -> Organisation | None:
    """The Organization of this code and kind; None when none is held."""
    row = await connection.fetchrow(
        "SELECT id, code, kind FROM organisation WHERE code = $1 AND kind = $2 ORDER BY id LIMIT 1", code, kind
    )
    return Organisation(row["id"], row["code"], row["kind"]) if row is not None else None


async def commissions(connection: Connection, commissioner: str, organisation: Organisation, day: int) -> bool:
    """Whether an organisation is in the commissioner's area: its member, part of it, or in a network that is."""
    if await _directly(connection, commissioner, organisation.code, day):
        return True
    return any(
        [await _directly(connection, commissioner, network, day)
         for network in await networks_of(connection, organisation.code, day)]
    )  # fmt: skip


async def wholes_of(connection: Connection, code: str) -> list[str]:
    """The codes of the organisations that this one says it is a part of, as far as they are known."""
    rows = await connection.fetch(
        "SELECT l.body FROM organisation o JOIN resource r ON r.type = 'Organization' AND r.id = o.id"
        " JOIN log l ON l.id = r.log_id WHERE o.code = $1",
        code,
    )
    named = [reference_code(decode(bytes(row["body"])).get("partOf")) for row in rows if row["body"] is not None]
    return [whole for each in named if (whole := await code_named(connection, each)) is not None]


async def _directly(connection: Connection, commissioner: str, code: str, day: int) -> bool:
    if await kind_of_code(connection, commissioner) != COMMISSIONER:
        return False
    if await is_member(connection, commissioner, code, day):
        return True
    return commissioner in await wholes_of(connection, code)
