"""Which requirements a caller finds: the national ones, and those that a commissioner added for its area (PCN-045)."""

from __future__ import annotations

from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.networks.organisations import Organisation, commissions
from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements
from cohort_service.requirements_catalogue.versions import local_of, published_since, versions_of
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller


async def in_catalogue_of(
    connection: Connection, organisation: str, caller: Caller, day: int
) -> list[list[Requirement]]:
    """The versions of each requirement in the catalogue of an organisation (a code), as far as the caller sees them."""
    since = await published_since(connection)
    national = [[each, *since.get(each.id, ())] for each in shipped_requirements().values()]
    rows = await connection.fetch("SELECT DISTINCT holder FROM requirement_version WHERE holder IS NOT NULL")
    holders = [
        row["holder"] for row in rows
        if await _in_area(connection, row["holder"], organisation, day)
        and await sees_local(connection, caller, row["holder"], day)
    ]  # fmt: skip
    return national + await local_of(connection, holders)


async def sees_local(connection: Connection, caller: Caller, holder: str, day: int) -> bool:
    """Whether the caller sees the local requirements of a commissioner: it, and who is in its area."""
    return caller.sees_all or await _in_area(connection, holder, caller.organisation, day)


async def _in_area(connection: Connection, holder: str, organisation: str, day: int) -> bool:
    return holder == organisation or await commissions(connection, holder, Organisation("", organisation, ""), day)


async def visible_versions(connection: Connection, caller: Caller, requirement: str, day: int) -> list[Requirement]:
    """All versions of a requirement. Raises FhirError 404 when there is none that the caller sees."""
    versions = await versions_of(connection, requirement)
    holder = versions[0].holder if versions else None
    if not versions or (holder is not None and not await sees_local(connection, caller, holder, day)):
        raise FhirError(Kind.NOT_FOUND, "There is no such requirement")
    return versions
