"""Who asked, as an organisation: the requester itself, else whom its practitioner works for, else who wrote it."""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.references import resolve
from tandem.london_days import london_date
from tandem.service import Change


async def requester_of(connection: Connection, request: Resource, change: Change) -> str | None:
    """A code, or `Organization/id` as long as only that is known; None when it is not known who wrote it."""
    named = reference_code(request.get("requester"))
    if named is not None:
        return await code_of_reference(connection, named)
    literal = str((request.get("requester") or {}).get("reference") or "")
    if literal.startswith(("Practitioner/", "PractitionerRole/")):
        member = await staff_member(connection, literal, london_date(change.now))
        employers = [role.organisation.code for role in member.roles if role.organisation] if member else []
        if employers:
            return employers[0]
    return change.caller.organisation if change.caller.service is None else None


async def code_of_reference(connection: Connection, named: str) -> str:
    """The code behind `Organization/id`, or what was named when it is a code, or not known yet."""
    return (await resolve(connection, [named]))[named] or named
