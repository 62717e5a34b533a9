"""`QuestionnaireResponse/$pam-cohorts`: for which cohorts the measure is used, and publishing another (PC-024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.activation.cohort_rows import all_cohorts, publish
from careplan_service.domain.activation.cohorts import PamCohort, cohorts_on
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, optional_end, required_day, required_name, required_short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def pam_cohorts(call: OperationCall) -> FhirResponse:
    """GET answers a `cohort` for every version, which any caller may read. POST publishes a version of one.

    POST takes `cohort` (the id of a cohort definition), `from`, `until` (its last day) and `source`, by an operator: it
    holds for all networks. Raises FhirError 400, 403.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ())
    async with call.kernel.database.read() as connection:
        found = await all_cohorts(connection)
    in_force = cohorts_on(found, london_date(call.kernel.clock.now()))
    return answer([_shown(each, each in in_force) for each in found])


async def _publish(call: OperationCall) -> FhirResponse:
    if not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "Cohorts of the Patient Activation Measure are published by operators")
    only(call, ("cohort", "from", "until", "source"))
    cohort, first, last = required_name(call, "cohort"), required_day(call, "from"), optional_end(call, "until")
    source = required_short_text(call, "source")
    if last is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "until lies before from", expression="until")
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        await hold(connection, ["pam-cohorts"])
        kept = await publish(connection, cohort, first, last, source, call.request.caller.organisation, now)
        await record(
            connection, [audit_entry(call.request, "$pam-cohorts", now, resource_type="QuestionnaireResponse")]
        )
    return answer([_shown(kept, kept.holds_on(london_date(call.kernel.clock.now())))], 201)


def _shown(each: PamCohort, in_force: bool) -> Parameter:
    inner: list[Parameter] = [
        coded("id", each.cohort), number("version", each.version),
        on_day("from", each.first),
    ]  # fmt: skip
    if each.last is not None:
        inner.append(on_day("until", each.last))
    return parts("cohort", [*inner, text("source", each.source), yes("inForce", in_force)])
