"""Who is given a Task: an organisation or somebody of the staff, known here."""

from __future__ import annotations

from typing import Any

from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.organisation_parameter import organisation_named as organisation_in
from tandem.identity.references import resolve
from tandem.london_days import london_date
from tandem.service import Work

_STAFF = ("PractitionerRole/", "Practitioner/")


async def owner_known(work: Work, given: Any) -> dict[str, Any] | None:
    """The Reference as given; None when it names nobody who is known here today."""
    if not isinstance(given, dict):
        return None
    literal = str(given.get("reference") or "")
    if literal.startswith(_STAFF):
        member = await staff_member(work.connection, literal, london_date(work.now))
        return {"reference": literal} if member is not None and member.roles else None
    named = organisation_in(given)
    code = (await resolve(work.connection, [named]))[named] if named is not None else None
    known = code is not None and await organisation_named(work.connection, code) is not None
    return given if known else None
