"""`Organization/{id}/$sub-contracts`, `Encounter/{id}/$accountable`: who delivers, and who answers for it (PCN-068)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.codes import SERVICE_SYSTEM, SERVICES, SUB_CONTRACT
from cohort_service.domain.networks.days import FOREVER, Days, period_of
from cohort_service.networks.activity import accountable_for, activity_of
from cohort_service.networks.organisations import Organisation, code_named, organisation_with_id, reference_of
from cohort_service.networks.rights import must_record
from cohort_service.networks.sub_contracts import SubContract, sub_contracts_of
from tandem.canonical import AFFILIATION_ROLE
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import decode
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.ids import deterministic_id
from tandem.london_days import date_of
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def sub_contracts(call: OperationCall) -> FhirResponse:
    """GET lists what a network or practice has sub-contracted as of `date`; POST, by itself, records more.

    A `sub-contract` has the parts `service`, `delivers` (Reference), `start` and, if known, `end`; each becomes an
    OrganizationAffiliation. Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def accountable(call: OperationCall) -> FhirResponse:
    """The body that delivers an Encounter and the network that is accountable, by the sub-contracts of its day.

    Raises FhirError 404, and 422 when the Encounter names no service or no sub-contract or membership explains it.
    """
    async with call.kernel.database.read() as connection:
        held = await visible_resource(call.kernel, connection, call.request, "Encounter", call.id or "")
        if held is None or held.body is None:
            raise FhirError(Kind.NOT_FOUND, "No such resource")
        activity = activity_of(decode(held.body))
        if activity is None or held.patient is None:
            text = f"An Encounter names its serviceProvider and a serviceType of {SERVICE_SYSTEM}"
            raise FhirError(Kind.UNPROCESSABLE, text)
        found = await accountable_for(connection, activity, held.patient)
        if found is None:
            raise FhirError(Kind.UNPROCESSABLE, "No sub-contract or membership says for whom this is delivered")
        parameters: list[dict[str, Any]] = [
            {"name": "service", "valueCode": activity.service},
            {"name": "date", "valueDate": date_of(activity.day).isoformat()},
            {"name": "delivers", "valueReference": await reference_of(connection, found.delivers)},
            {"name": "accountable", "valueReference": await reference_of(connection, found.network)},
        ]
        if found.sub_contract is not None:
            reference = {"reference": f"OrganizationAffiliation/{found.sub_contract}"}
            parameters.append({"name": "sub-contract", "valueReference": reference})
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$accountable", "Encounter", {held.patient}, now)
    return answer(parameters)


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        about = await organisation_with_id(connection, call.id)
        held = await sub_contracts_of(connection, about.code, day)
        return answer([{"name": "sub-contract", "part": await _shown(connection, each)} for each in held])


async def _record(call: OperationCall) -> FhirResponse:
    rows, today = rows_asked(call, "sub-contract"), today_number(call)
    async with call.kernel.database.transaction() as connection:
        about = await organisation_with_id(connection, call.id)
        if about.kind not in (NETWORK, PRACTICE):
            raise FhirError(Kind.UNPROCESSABLE, "A network or a practice sub-contracts its services")
        await must_record(call, connection, about, today)
        read = [await _read_row(connection, about, row) for row in rows]
        refuse_faults(rows)
        work = work_of(call, connection, call.kernel.clock.now())
        for contract in read:
            if contract is not None:
                await _write(work, contract)
    return answer([{"name": "recorded", "valueInteger": len(rows)}])


async def _read_row(connection: Connection, about: Organisation, row: Part) -> SubContract | None:
    service, start, end = row.text("service"), row.day("start"), row.end("end")
    if service is not None and service not in SERVICES:
        row.fault("service", f"service is one of {', '.join(SERVICES)}")
    value = row.one("delivers", "a Reference to an Organization")
    delivers = await code_named(connection, organisation_named(value))
    if value is not None and (delivers is None or delivers == about.code):
        row.fault("delivers", "delivers is a Reference to another Organization that is held here")
    if start is not None and end is not None and end < start:
        row.fault("end", "The period ends before it starts")
    if service is None or start is None or delivers is None:
        return None
    days = Days(start, end if end is not None else FOREVER)
    identity = deterministic_id(SUB_CONTRACT, about.code, delivers, service, str(start))
    return SubContract(identity, service, about.code, delivers, days)


async def _write(work: Work, contract: SubContract) -> None:
    await work.put({
        "resourceType": "OrganizationAffiliation",
        "id": contract.id,
        "active": True,
        "period": period_of(contract.days),
        "organization": await reference_of(work.connection, contract.accountable),
        "participatingOrganization": await reference_of(work.connection, contract.delivers),
        "code": [
            {"coding": [{"system": AFFILIATION_ROLE, "code": SUB_CONTRACT}]},
            {"coding": [{"system": SERVICE_SYSTEM, "code": contract.service}]},
        ],
    })  # fmt: skip


async def _shown(connection: Connection, held: SubContract) -> list[dict[str, Any]]:
    return [
        {"name": "service", "valueCode": held.service},
        {"name": "accountable", "valueReference": await reference_of(connection, held.accountable)},
        {"name": "delivers", "valueReference": await reference_of(connection, held.delivers)},
        {"name": "period", "valuePeriod": period_of(held.days)},
        {"name": "affiliation", "valueReference": {"reference": f"OrganizationAffiliation/{held.id}"}},
    ]
