"""`ServiceRequest/$significant-events`: diagnoses to learn from, of a practice or a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.domain.safety_nets.significant_event import Case, case_of
from referral_service.safety_nets.diagnosis_rows import KeptDiagnosis, kept_in, presentations_of
from referral_service.safety_nets.shipped_policies import event_policy_on
from tandem.clock import to_micros
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, optional_day, page
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person
from tandem.nhs.working_days import add_days

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_A_YEAR = 365


async def significant_events(call: OperationCall) -> FhirResponse:
    """A `case` for each diagnosis between `from` (a year before) and `to` (today) that was presented often, came late
    or by emergency; by `practice` or `network`, `_count`, `_offset`. Raises FhirError 400.
    """
    only(call, ("from", "to", "_count", "_offset", *AREA_PARAMETERS))
    last = day_or_today(call, "to")
    first, (count, offset) = optional_day(call, "from") or add_days(last, -_A_YEAR), page(call)
    if first > last:
        raise FhirError(Kind.BAD_REQUEST, "from does not come after to", expression="from")
    kernel, policy = call.kernel, event_policy_on(last)
    now = to_micros(kernel.clock.now())
    params: list[Any] = [first.isoformat(), last.isoformat()]
    conditions = ["m.day >= $1", "m.day <= $2", *area_conditions(call, params, now)]
    conditions.append(visible_of_person(
        call.request.caller, "m", params, now, resource_type="ServiceRequest", registered_only=kernel.registered_only()
    ))  # fmt: skip
    async with kernel.database.read() as connection:
        rows = await connection.fetch(
            f"SELECT m.* FROM cancer_diagnosis m WHERE {' AND '.join(conditions)} ORDER BY m.at, m.source", *params
        )
        # Recorded again, the last word on a cancer of somebody counts.
        kept = {(each.patient, each.diagnosis.type.casefold()): each for each in map(kept_in, rows)}
        came = await presentations_of(connection, {each.patient for each in kept.values()})
    judged = [(each, case_of(each.diagnosis, came[each.patient], policy)) for each in kept.values()]
    cases = [(each, case) for each, case in judged if case is not None]
    cases.sort(key=lambda pair: (pair[0].diagnosis.day, pair[0].patient), reverse=True)
    shown = cases[offset : offset + count]
    patients: set[str | None] = {each.patient for each, _ in shown}
    await audit_reads(kernel.database, call.request, "$significant-events", "ServiceRequest", patients, now)
    return answer([
        on_day("from", first), on_day("to", last), text("policy", policy.version), text("source", policy.source),
        number("diagnoses", len(kept)), number("cases", len(cases)), *(_case(*each) for each in shown),
        *([yes("more", True)] if len(cases) > offset + count else []),
    ])  # fmt: skip


def _case(kept: KeptDiagnosis, case: Case) -> Parameter:
    diagnosis = kept.diagnosis
    inner: list[Parameter] = [reference("patient", f"Patient/{kept.patient}")]
    if kept.request is not None:
        inner.append(reference("request", f"ServiceRequest/{kept.request}"))
    inner += [
        on_day("diagnosed", diagnosis.day), coded("route", diagnosis.route), text("type", diagnosis.type),
        coded("stage", diagnosis.stage), *(coded("reason", each) for each in case.reasons),
        number("presentations", case.presented),
    ]  # fmt: skip
    return parts("case", [*inner, *([number("interval-days", case.interval)] if case.interval is not None else [])])
