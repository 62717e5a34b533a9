"""The tables that say who is who and who may see whom, kept from the resources that decide it.

The owner of a type calls `project` inside the write; every other service calls it when it handles the event. Resources
may come in any order and more than once; the versions of one resource come in order (the inbox sees to that). A table
built anew must be given every version of a CareTeam, Task or ServiceRequest with its `author` and `granted`, because a
part in someone's care depends on who gave it.
"""

from __future__ import annotations

from typing import Final

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.affiliations import project_affiliation
from tandem.identity.carers import project_carers_parts, project_related_person
from tandem.identity.dissents import project_dissents
from tandem.identity.employers import project_role
from tandem.identity.known_organisations import project_organization
from tandem.identity.parts import project_parts
from tandem.identity.registrations import project_patient

_ORGANISATIONS: Final = frozenset(("Organization", "OrganizationAffiliation", "PractitionerRole"))
_SUBJECT: Final = {
    "CareTeam": "subject", "Task": "for", "ServiceRequest": "subject", "Consent": "patient", "RelatedPerson": "patient",
}  # fmt: skip
PROJECTED_TYPES: Final = _ORGANISATIONS | {"Patient"} | set(_SUBJECT)
"""The types that decide who may see whom; `project` ignores all others."""


class UnknownPatient(LookupError):
    """A resource names a person by an NHS number that is not known here yet; try again later."""


async def project(
    connection: Connection, resource_type: str, resource_id: str, resource: Resource | None, *,
    author: str | None = None, granted: bool = True, practice: str | None = None, patient: str | None = None,
) -> None:  # fmt: skip
    """Take one version of a resource into the tables; `resource` is None when it was deleted.

    `author` is the code of the organisation that wrote it and `granted` whether it had access then. `practice` is the
    practice named beside a Patient when it was loaded. `patient` is the id of the person it is about, when known.
    Raises FhirError(DUPLICATE) for a second Patient with one NHS number, and UnknownPatient.
    """
    if resource_type == "Patient":
        await project_patient(connection, resource_id, resource, author=author, practice=practice)
    elif resource_type == "Organization":
        await project_organization(connection, resource_id, resource)
    elif resource_type == "OrganizationAffiliation":
        await project_affiliation(connection, resource_id, resource)
    elif resource_type == "PractitionerRole":
        await project_role(connection, resource_id, resource)
    elif resource_type in _SUBJECT and granted:
        person = patient or await _person(connection, resource_type, resource)
        source = f"{resource_type}/{resource_id}"
        if resource_type == "Consent":
            await project_dissents(connection, source, resource, person)
            await project_carers_parts(connection, source, resource, person)
        elif resource_type == "RelatedPerson":
            await project_related_person(connection, resource_id, resource, person)
        else:
            await project_parts(connection, source, resource, person, author or "", granted)


async def _person(connection: Connection, resource_type: str, resource: Resource | None) -> str | None:
    reference = (resource or {}).get(_SUBJECT[resource_type]) or {}
    kind, _, rest = str(reference.get("reference") or "").partition("/")
    if kind == "Patient" and rest:
        return rest.partition("/")[0]
    identifier = reference.get("identifier") or {}
    if identifier.get("system") != NHS_NUMBER or not identifier.get("value"):
        return None
    number = str(identifier["value"]).replace(" ", "")
    known: str | None = await connection.fetchval("SELECT id FROM patient WHERE nhs_number = $1", number)
    if known is None:
        raise UnknownPatient("a person named by NHS number is not known here yet")
    return known
