"""Who may write reference data: organisations, affiliations, people who work there, places and definitions."""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.affiliations import AGREEMENT, roles_of
from tandem.identity.caller import Caller
from tandem.identity.organisations import (
    PRACTICE,
    PRIVILEGED_KINDS,
    code_of,
    kind_by_form,
    kind_of,
    reference_code,
)  # fmt: skip
from tandem.identity.references import PREFIX, resolve
from tandem.identity.signature_rights import FOREIGN_SIGNATURE, signatory, signs_for_another

_OWNERS = {
    "PractitionerRole": "organization", "Location": "managingOrganization", "HealthcareService": "providedBy",
}  # fmt: skip
_FIXED = ("identifier", "type", "partOf")

_FOREIGN_ORGANISATION = "An Organization is written by an operator, by itself, or by who entered it"
_FIXED_ORGANISATION = "Only an operator changes the identifier, type or partOf of an Organization"
_NAMED_ORGANISATION = "Only an operator enters an Organization that is a practice, a network or a commissioner"
_HELD_ORGANISATION = "An Organization with this identifier is held already; only an operator enters another"
_AFFILIATION = "An OrganizationAffiliation is written by an operator or by the practice that is its organization"
_FOREIGN_OWNER = "An organisation writes this for itself, or for an organisation that it entered itself"
_FOREIGN_AUTHOR = "Only the organisation that entered this, or an operator, changes it"


async def kind_of_caller(connection: Connection, code: str) -> str:
    """The kind of the organisation with this code: as its Organization says, else by the form of the code."""
    kinds = await connection.fetch("SELECT DISTINCT kind FROM organisation WHERE code = $1 AND active = 1", code)
    held = [str(row["kind"]) for row in kinds]
    if held:
        # Two records that disagree give no right that one of them would not give.
        return held[0] if len(held) == 1 else ""
    known = await connection.fetchval("SELECT 1 FROM organisation WHERE code = $1 LIMIT 1", code)
    return "" if known is not None else kind_by_form(code)


async def named(connection: Connection, reference: str | None) -> str | None:
    """The code of a referenced organisation; None when it is not known here."""
    return (await resolve(connection, [reference]))[reference] if reference else None


async def refusal(
    connection: Connection, caller: Caller, resource_type: str, before: Resource | None, after: Resource | None
) -> str | None:
    """Why this write of reference data is refused; None when it is allowed."""
    if resource_type == "Organization":
        return await _organization(connection, caller, before, after)
    if resource_type == "OrganizationAffiliation":
        return await _affiliation(connection, caller, before, after)
    element = _OWNERS.get(resource_type)
    if element is not None:
        for version in (before, after):
            owner = (version or {}).get(element)
            if owner is not None and not await _answers_for(connection, caller, owner):
                return _FOREIGN_OWNER
    if before is not None and not (element and before.get(element)):
        return None if await _author(connection, resource_type, before) == caller.organisation else _FOREIGN_AUTHOR
    return None


async def _answers_for(connection: Connection, caller: Caller, owner: dict[str, Any]) -> bool:
    """Whether the referenced organisation is the caller itself, or one that the caller entered into the directory."""
    reference = reference_code(owner)
    if await named(connection, reference) == caller.organisation:
        return True
    if reference is None or not reference.startswith(PREFIX):
        return False
    entered = {"id": reference.removeprefix(PREFIX)}
    return await _author(connection, "Organization", entered) == caller.organisation


async def _organization(
    connection: Connection, caller: Caller, before: Resource | None, after: Resource | None
) -> str | None:
    if after is None:
        return _FOREIGN_ORGANISATION
    if before is not None:
        ours = caller.organisation in (code_of(before), await _author(connection, "Organization", before))
        if not ours:
            return _FOREIGN_ORGANISATION
        return _FIXED_ORGANISATION if any(before.get(name) != after.get(name) for name in _FIXED) else None
    code, kind = code_of(after), kind_of(after)
    # Neither by a type nor under a code of that form: a wrong kind under a practice's code would take its rights away.
    privileged = kind in PRIVILEGED_KINDS or kind_by_form(code) in PRIVILEGED_KINDS
    if privileged and not (code == caller.organisation and kind == kind_by_form(code)):
        return _NAMED_ORGANISATION
    held = await connection.fetchval("SELECT 1 FROM organisation WHERE code = $1 LIMIT 1", code)
    return None if held is None else _HELD_ORGANISATION


async def _affiliation(
    connection: Connection, caller: Caller, before: Resource | None, after: Resource | None
) -> str | None:
    versions = [version for version in (before, after) if version is not None]
    own = await _known_as(connection, caller.organisation)
    if after is not None and signs_for_another(before, after, own):
        return FOREIGN_SIGNATURE
    if await kind_of_caller(connection, caller.organisation) == PRACTICE:
        holders = [await named(connection, reference_code(version.get("organization"))) for version in versions]
        if all(holder == caller.organisation for holder in holders):
            return None
    if before is None or after is None or AGREEMENT not in roles_of(before) or not own & set(_parties(before)):
        return _AFFILIATION
    return None if _without_signatures(before, own) == _without_signatures(after, own) else _AFFILIATION


async def _known_as(connection: Connection, code: str) -> set[str]:
    """The code and every `Organization/id` that stands for the same organisation."""
    ids = await connection.fetch("SELECT id FROM organisation WHERE code = $1", code)
    return {code, *(f"{PREFIX}{row['id']}" for row in ids)}


def _parties(affiliation: Resource) -> list[str]:
    references = [affiliation.get("organization"), affiliation.get("participatingOrganization")]
    references += [signatory(extension) for extension in affiliation.get("extension") or []]
    return [code for code in (reference_code(reference) for reference in references) if code is not None]


def _without_signatures(affiliation: Resource, parties: set[str]) -> Resource:
    """The affiliation without these parties' own signatures: a party that changes nothing else may sign."""
    kept = [one for one in affiliation.get("extension") or [] if reference_code(signatory(one)) not in parties]
    return {**{name: value for name, value in affiliation.items() if name not in ("meta", "text")}, "extension": kept}


async def _author(connection: Connection, resource_type: str, before: Resource) -> str | None:
    sql = "SELECT author FROM resource WHERE type = $1 AND id = $2"
    author: str | None = await connection.fetchval(sql, resource_type, before["id"])
    return author
