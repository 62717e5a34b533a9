"""`PlanDefinition/$publish` and `$add-local`: new versions, and commissioners' own requirements (PCN-006, PCN-045)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.requirements.plan_definition import SERVICE_TITLES, plan_definition
from cohort_service.domain.requirements.requirement import Amendment, Requirement, StaffCohort, amended
from cohort_service.requirements_catalogue.plans import put_plans
from cohort_service.requirements_catalogue.versions import keep_version, versions_of
from cohort_service.requirements_catalogue.visible_requirements import visible_versions
from tandem.clock import to_micros
from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode
from tandem.fhir.operation_parameters import (
    only,
    optional_flag,
    required_day,
    required_text,
    texts,
    today,
)
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisations import COMMISSIONER
from tandem.identity.reference_rights import kind_of_caller
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def publish(call: OperationCall) -> FhirResponse:
    """The PlanDefinition of the next version, 201: an operator's, or the commissioner's of a local requirement.

    `requirement`, `from` (its first day), and what changes: `text`, `evidence` (several), `digital` (true or false),
    `staff` (several, each a Coding or system|code, added to those there are). Raises FhirError 400, 403, 404, 409 when
    another version was published at the same moment, 422 when nothing changes or it would begin before the last.
    """
    only(call, ("requirement", "from", "text", "evidence", "digital", "staff"))
    change = Amendment(
        required_day(call, "from"), required_text(call, "text") if "text" in call.parameters else None,
        tuple(texts(call, "evidence")),
        optional_flag(call, "digital"), tuple(_staff(each) for each in call.parameters.get("staff", ())),
    )  # fmt: skip
    caller, name = call.request.caller, required_text(call, "requirement")
    async with call.kernel.database.transaction() as connection:
        before = (await visible_versions(connection, caller, name, day_number(today(call))))[-1]
        if not caller.sees_all and caller.organisation != before.holder:
            raise FhirError(Kind.FORBIDDEN, "A requirement is published by an operator, a local one by who added it")
        try:
            after = amended(before, change)
        except ValueError as fault:
            raise FhirError(Kind.UNPROCESSABLE, f"This is no new version: {fault}") from fault
        return await _kept(call, connection, after)


async def add_local(call: OperationCall) -> FhirResponse:
    """The PlanDefinition of a local requirement, 201. Only a commissioner adds one, for its own area.

    `service`, `title`, `text`, `benefit` (what it has been seen to do) and `from`. Raises FhirError 400, 403.
    """
    only(call, ("service", "title", "text", "benefit", "from", "evidence"))
    caller, starts = call.request.caller, required_day(call, "from")
    service = required_text(call, "service")
    if service not in SERVICE_TITLES:
        raise FhirError(Kind.BAD_REQUEST, f"service is one of {', '.join(SERVICE_TITLES)}", expression="service")
    title, text, benefit = (required_text(call, name) for name in ("title", "text", "benefit"))
    evidence = tuple(texts(call, "evidence")) or (f"Local experience: {benefit}",)
    async with call.kernel.database.transaction() as connection:
        if await kind_of_caller(connection, caller.organisation) != COMMISSIONER:
            raise FhirError(Kind.FORBIDDEN, "A commissioner adds requirements for the networks of its area")
        local = Requirement(
            f"LOCAL-{call.kernel.ids.new()}", 1, service, "PCN", "requirement", text, evidence, starts, title=title,
            holder=caller.organisation, benefit=benefit,
        )  # fmt: skip
        return await _kept(call, connection, local)


async def _kept(call: OperationCall, connection: Connection, requirement: Requirement) -> FhirResponse:
    now = call.kernel.clock.now()
    try:
        await keep_version(connection, requirement, to_micros(now), call.request.caller.organisation)
    except UniqueViolation as violation:
        text = "Another version of the requirement was published at the same moment; read it first"
        raise FhirError(Kind.CONFLICT, text) from violation
    if requirement.holder is None:
        # A local one is seen in its own area only, and a PlanDefinition by everyone: it stays a row.
        await put_plans(work_of(call, connection, now), await versions_of(connection, requirement.id))
    entry = audit_entry(
        call.request, f"${call.request.path.rpartition('$')[2]}", to_micros(now), resource_type="PlanDefinition",
        status=201,
    )  # fmt: skip
    await record(connection, [entry])
    return FhirResponse(201, encode(plan_definition(requirement)))


def _staff(value: Any) -> StaffCohort:
    if isinstance(value, dict):
        system, code, display = (str(value.get(name) or "") for name in ("system", "code", "display"))
    else:
        system, _, code = str(value).rpartition("|")
        display = ""
    if not system or not code:
        text = "staff is the Coding of a PractitionerRole, or system|code"
        raise FhirError(Kind.BAD_REQUEST, text, expression="staff")
    return StaffCohort(system, code, display)
