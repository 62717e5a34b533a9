"""The organisations behind the performers of an activity."""

from __future__ import annotations

from datetime import date
from typing import Any

from tandem.database.connection import Connection
from tandem.directory.queries import DirectoryOrganisation, organisation_named, staff_member
from tandem.identity.organisations import reference_code


async def organisation_behind(
    connection: Connection, performer: dict[str, Any], day: date
) -> DirectoryOrganisation | None:
    """The organisation that a Reference names, or that a PractitionerRole works for; None when it is not known here."""
    code = reference_code(performer)
    if code is not None:
        return await organisation_named(connection, code)
    staff = await staff_member(connection, str(performer.get("reference") or ""), day)
    return staff.roles[0].organisation if staff is not None and staff.roles else None
