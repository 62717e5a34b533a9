"""`QuestionnaireResponse/$budget-offers`: what commissioners offer by year, and activating a year (PC-010, PC-026)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.personal_budgets.offers import BudgetYear, in_force, offer_faults
from careplan_service.personal_budgets.offer_rows import activate, all_offers
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import day_or_today, names, only, required_short_text, required_text
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisations import COMMISSIONER
from tandem.identity.reference_rights import kind_of_caller
from tandem.london_days import london_date
from tandem.nhs.financial_year import first_day

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def budget_offers(call: OperationCall) -> FhirResponse:
    """GET answers an `offer` for every version, `inForce` by `date`, to any caller. POST activates a year.

    POST takes `year` (2022/23), `promote` and `direct` (ids of cohort definitions, repeated), `source`, and
    `commissioner`: a commissioner activates its own, an operator that of anyone, or without it that of everybody.
    Raises FhirError 400, 403, and 422 for direct offers before 2022/23, or none from 2023/24 on.
    """
    return await (_activate(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date",))
    day = day_or_today(call, "date")
    async with call.kernel.database.read() as connection:
        found = await all_offers(connection)
    held = in_force(found, day)
    return answer([on_day("date", day), *(_shown(each, each in held) for each in found)])


async def _activate(call: OperationCall) -> FhirResponse:
    only(call, ("year", "promote", "direct", "source", "commissioner"))
    year, source = required_text(call, "year"), required_short_text(call, "source")
    promote, direct = _cohorts(call, "promote"), _cohorts(call, "direct")
    try:
        first_day(year)
    except ValueError as error:
        raise FhirError(Kind.BAD_REQUEST, str(error), expression="year") from None
    faults = list(offer_faults(year, direct))
    if not promote and not direct:
        faults.append(Issue("An offer names at least one cohort", "promote"))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        caller = call.request.caller
        commissioner = code_parameter(call, "commissioner")
        if not caller.sees_all:
            own = await kind_of_caller(connection, caller.organisation) == COMMISSIONER
            if not own or commissioner not in (None, caller.organisation):
                raise FhirError(Kind.FORBIDDEN, "Budgets are offered by the commissioner of an area, for its own")
            commissioner = caller.organisation
        if faults:
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        await hold(connection, ["budget-offers"])
        offer = BudgetYear(commissioner, year, 0, promote, direct, source)
        kept = await activate(connection, offer, caller.organisation, now)
        entry = audit_entry(call.request, "$budget-offers", now, resource_type="QuestionnaireResponse")
        await record(connection, [entry])
    return answer([_shown(kept, kept.first <= london_date(call.kernel.clock.now()))], 201)


def _cohorts(call: OperationCall, name: str) -> tuple[str, ...]:
    return tuple(sorted(set(names(call, name))))


def _shown(each: BudgetYear, held: bool) -> Parameter:
    inner: list[Parameter] = [coded("year", each.year), number("version", each.version)]
    if each.commissioner is not None:
        inner.append(text("commissioner", each.commissioner))
    inner += [coded("promote", cohort) for cohort in each.promote]
    inner += [coded("direct", cohort) for cohort in each.direct]
    return parts("offer", [*inner, text("source", each.source), yes("inForce", held)])
