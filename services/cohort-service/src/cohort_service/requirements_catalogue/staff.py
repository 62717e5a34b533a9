"""The PractitionerRoles of organisations that have one of some codes, with their Practitioners."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cohort_service.domain.requirements.requirement import StaffCohort
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.search.engine import search
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.where import everything
from tandem.identity.organisations import reference_code
from tandem.identity.references import PREFIX

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A PractitionerRole, and its Practitioner when that is held."""

    role: Resource
    practitioner: Resource | None


async def staff_of(
    connection: Connection, employers: Sequence[str], cohorts: Collection[StaffCohort]
) -> list[StaffMember]:
    """The staff of these organisations (codes) whose PractitionerRole has the code of a cohort, by id of the role."""
    theirs = set(employers)
    for employer in employers:
        rows = await connection.fetch("SELECT id FROM organisation WHERE code = $1", employer)
        theirs |= {f"{PREFIX}{row['id']}" for row in rows}
    wanted = ",".join(sorted(f"{cohort.system}|{cohort.code}" for cohort in cohorts))
    query = parse_query("PractitionerRole", [("role", wanted), ("_count", str(_PAGE))], False, service="cohort-service")
    roles: list[Resource] = []
    place = None
    while True:
        page = await search(connection, query, everything, page=place)
        found = [decode(each.body) for each in page.matches]
        roles += [role for role in found if reference_code(role.get("organization")) in theirs]
        place = page.next
        if place is None:
            break
    roles.sort(key=lambda role: str(role["id"]))
    return [StaffMember(role, await _practitioner(connection, role)) for role in roles]


async def _practitioner(connection: Connection, role: Resource) -> Resource | None:
    kind, _, name = str((role.get("practitioner") or {}).get("reference") or "").partition("/")
    if kind != "Practitioner":
        return None
    body = await connection.fetchval(
        "SELECT l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = 'Practitioner' AND r.id = $1"
        " AND r.deleted = 0",
        name,
    )
    return decode(body) if body is not None else None
