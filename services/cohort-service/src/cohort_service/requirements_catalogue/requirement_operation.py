"""`PlanDefinition/$requirement` and `$catalogue`: requirements as PlanDefinitions, national and local."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from cohort_service.domain.requirements.plan_definition import plan_definition
from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.requirements_catalogue.in_force import all_in_force
from cohort_service.requirements_catalogue.versions import version_on
from cohort_service.requirements_catalogue.visible_requirements import in_catalogue_of, visible_versions
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import only, optional_day, required_text, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def requirement(call: OperationCall) -> FhirResponse:
    """A Bundle of the versions of one `requirement`, or of its `version` alone. Raises FhirError 400, 404."""
    only(call, ("requirement", "version"))
    version = call.one("version")
    async with call.kernel.database.read() as connection:
        name, day = required_text(call, "requirement"), day_number(today(call))
        versions = await visible_versions(connection, call.request.caller, name, day)
    plans = [plan for plan in plans_of(versions) if version is None or plan["version"] == str(version)]
    if not plans:
        raise FhirError(Kind.NOT_FOUND, "There is no such version of the requirement")
    return await _bundle(call, "$requirement", plans)


async def catalogue(call: OperationCall) -> FhirResponse:
    """A Bundle of the requirements in force for `network` (default: the caller) on `date` (default: today).

    `service` narrows, such as PC. A local requirement bears its extension. Raises FhirError 400, 422.
    """
    only(call, ("network", "date", "service"))
    on = optional_day(call, "date") or today(call)
    day, service, caller = day_number(on), call.one("service"), call.request.caller
    async with call.kernel.database.read() as connection:
        named = call.one("network")
        organisation = await resolved(connection, named, "network") if named is not None else caller.organisation
        held = await in_catalogue_of(connection, organisation, caller, day)
        applying = await all_in_force(connection, held, organisation, day)
    found = [version_on(versions, day) for versions in applying if service in (None, versions[0].service)]
    return await _bundle(call, "$catalogue", map(plan_definition, found))


def plans_of(versions: list[Requirement]) -> list[Resource]:
    """The PlanDefinitions of all versions; each but the last ends on the day before the next begins."""
    plans = []
    for place, each in enumerate(versions):
        after = versions[place + 1].starts if place + 1 < len(versions) else None
        plans.append(plan_definition(each, after - timedelta(days=1) if after else None))
    return plans


async def _bundle(call: OperationCall, action: str, plans: Iterable[Resource]) -> FhirResponse:
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, action, "PlanDefinition", set(), now)
    entries = [{"resource": plan} for plan in plans]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection"}
    return FhirResponse(200, encode(bundle | ({"entry": entries} if entries else {})))
