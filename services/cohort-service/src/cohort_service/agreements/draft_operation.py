"""`OrganizationAffiliation/$draft-agreement`: an agreement from a template, with its parties and no signature yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.agreements.draft_parameters import Asked, asked
from cohort_service.agreements.parties import named
from cohort_service.domain.agreements.draft import Draft, affiliations_of
from cohort_service.networks.organisations import practices_of
from cohort_service.requirements_catalogue.versions import canonical_in_force
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.caller import Caller
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE
from tandem.identity.reference_rights import kind_of_caller
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_REQUIREMENT = "AC-031"
_HOLDERS = (PRACTICE, NETWORK)


async def draft_agreement(call: OperationCall) -> FhirResponse:
    """A Bundle of the OrganizationAffiliations of one agreement, 201. All are written, or none.

    The holder is the caller, a practice or a network; an operator names another. Raises FhirError 400 for a parameter,
    403 for another's people, 422 for a party that is not held or may not see a person's record.
    """
    kernel, request = call.kernel, call.request
    now = kernel.clock.now()
    today = london_date(now)
    wanted = asked(call, today)
    async with kernel.database.transaction() as connection:
        draft = await _draft(connection, request.caller, wanted, day_number(today))
        work = work_of(call, connection, now)
        drafted = affiliations_of(draft, kernel.ids.new())
        written = [await work.put({**each, "id": kernel.ids.new()}) for each in drafted]
        entry = audit_entry(
            request, "$draft-agreement", to_micros(now), resource_type="OrganizationAffiliation", status=201
        )
        await record(connection, [entry])
    entries = [{"fullUrl": f"{kernel.base}/OrganizationAffiliation/{each['id']}", "resource": each} for each in written]
    return FhirResponse(201, encode({"resourceType": "Bundle", "type": "collection", "entry": entries}))


async def _draft(connection: Connection, caller: Caller, wanted: Asked, today: int) -> Draft:
    holder = await _holder(connection, caller, wanted.holder)
    practices: list[str] = []
    if await kind_of_caller(connection, holder) == NETWORK:
        practices = await practices_of(connection, holder, today)
    codes = [await resolved(connection, party, "party") for party in wanted.parties]
    if wanted.template.shares:
        codes = [code for code in codes if code != holder and code not in practices]
        if not codes:
            raise FhirError(Kind.UNPROCESSABLE, "Nobody would see a record: name a party outside", expression="party")
        if COMMISSIONER in [await kind_of_caller(connection, code) for code in codes]:
            text = "A commissioner sees figures and no person's record; it is no party to data sharing"
            raise FhirError(Kind.UNPROCESSABLE, text, expression="party")
    requirement = await canonical_in_force(connection, _REQUIREMENT, today) if wanted.template.shares else None
    return Draft(
        wanted.template, (await named(connection, [holder], "holder"))[0], await named(connection, practices, "holder"),
        await named(connection, codes, "party"), wanted.purposes, wanted.data, wanted.starts, wanted.ends, wanted.due,
        requirement,
    )  # fmt: skip


async def _holder(connection: Connection, caller: Caller, given: Any) -> str:
    holder = await resolved(connection, given, "holder") if given is not None else caller.organisation
    if holder != caller.organisation and not caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "An agreement is drafted by those whose people it is about")
    if await kind_of_caller(connection, holder) not in _HOLDERS:
        raise FhirError(Kind.FORBIDDEN, "An agreement is drafted by a practice, or by a network for its practices")
    return holder
