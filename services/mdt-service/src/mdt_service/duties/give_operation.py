"""`POST Task/$give-duties`: the duties of a financial year for a network and all who belong to it, or for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.duties.duty_rights import must_give
from mdt_service.duties.giving import give_network, give_organisation
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, short_text, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, number, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.memberships import kind_of_code
from tandem.identity.organisations import NETWORK
from tandem.nhs.financial_year import first_day, year_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def give_duties(call: OperationCall) -> FhirResponse:
    """`organisation` (else the caller's own), `year` (`2020/21`, else the present one): what was given.

    Of a network also its practices, providers and commissioners, and national bodies, as they are now. Raises FhirError
    400, 403 for who is neither the organisation nor above it, 422 for an organisation that owes nothing.
    """
    only(call, ("organisation", "year"))
    year, now = _year(call), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        asked = call.one("organisation") or call.request.caller.organisation
        organisation = await resolved(connection, asked, "organisation")
        await must_give(call, connection, organisation, now)
        kind = await kind_of_code(connection, organisation)
        if kind not in _kinds():
            owing = ", ".join(sorted(_kinds()))
            problem = f"The catalogue has no duties of a {kind}; duties are owed by: {owing}"
            raise FhirError(Kind.UNPROCESSABLE, problem, expression="organisation")
        work = work_of(call, connection, now)
        give = give_network if kind == NETWORK else give_organisation
        given = await give(work, organisation, year)
        await record(connection, [audit_entry(call.request, "$give-duties", to_micros(now), resource_type="Task")])
    return answer([
        text("organisation", organisation), text("year", year), text("catalogue", catalogue().version),
        number("given", len(given.made)), number("given-before", given.before),
        *(reference("task", f"Task/{task}") for task in given.made),
    ])  # fmt: skip


def _year(call: OperationCall) -> str:
    year = short_text(call, "year") or year_of(today(call))
    try:
        first_day(year)
    except ValueError as error:
        raise FhirError(Kind.BAD_REQUEST, f"year: {error}", expression="year") from None
    return year


def _kinds() -> set[str]:
    return {kind for duty in catalogue().duties.values() for kind in duty.given_to}
