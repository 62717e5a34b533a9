"""`GET Group/$priority-list`: the dated list of a run, with tier, reasons, decision and offers (AC-035, PCN-077)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.identification_stages import StageRule, tier_of
from cohort_service.lists.group_access import seen_people
from cohort_service.lists.groups import group_id
from cohort_service.runs.duties import duties
from cohort_service.runs.listed_rows import Listed, listed_people
from cohort_service.runs.offers import offers_to
from cohort_service.runs.run_rows import Run
from cohort_service.runs.seen_runs import seen_run
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import page, short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall



async def priority_list(call: OperationCall) -> FhirResponse:
    """Parameters with one `person` each: those with most points first, whom the caller may see.

    Parameters `run`, `tier` (`highest`), `_count`, `_offset`. Raises FhirError 400, 403 (commissioner), 404, 422 for a
    run that made no list.
    """
    now = call.kernel.clock.now()
    tier = short_text(call, "tier")
    if tier not in (None, "highest"):
        raise FhirError(Kind.BAD_REQUEST, "tier is highest, or is left out", expression="tier")
    count, offset = page(call)
    async with call.kernel.database.read() as connection:
        run, _, practices = await seen_run(call, connection, people=True)
        rule = _rule(run)
        params: list[Any] = [None] * 3
        seen = (seen_people(call, "m", params), params[3:])
        people = await listed_people(
            connection, run.id, practices, run.definitions, day_number(london_date(now)), seen=seen,
            least_points=rule.highest_from if tier is not None else 0, count=count, offset=offset,
        )  # fmt: skip
        offers = await offers_to(connection, [each.patient for each in people])
    await audit_reads(
        call.kernel.database, call.request, "$priority-list", "Group", {each.patient for each in people}, to_micros(now)
    )
    found: list[Parameter] = [
        {"name": "run", "valueId": run.id}, {"name": "date", "valueDate": date_of(run.as_of).isoformat()},
    ]  # fmt: skip
    if run.approach is not None:
        found.append({"name": "approach", "valueString": run.approach})
    found += [_person(each, run, rule, offers.get(each.patient, [])) for each in people]
    return answer(found)


def _rule(run: Run) -> StageRule:
    duty = duties().get(run.service or "")
    if duty is None or duty.stages is None or run.dry_run:
        raise FhirError(
            Kind.UNPROCESSABLE,
            "The run made no priority list; a run for AC that is no trial makes one",
            expression="run",
        )
    return duty.stages


def _person(each: Listed, run: Run, rule: StageRule, offers: list[Parameter]) -> Parameter:
    return parts("person", [
        {"name": "patient", "valueReference": {"reference": f"Patient/{each.patient}"}},
        {"name": "tier", "valueCode": tier_of(rule, each.points)},
        {"name": "points", "valueInteger": each.points},
        {"name": "decision", "valueCode": each.decision},
        *(_reason(cohort, run.definition_for(cohort, (each.practice,)), each.practice) for cohort in each.cohorts),
        *offers,
    ])  # fmt: skip


def _reason(cohort: str, definition: str, practice: str) -> Parameter:
    # The records behind it are told by $explain of this Group.
    return parts("reason", [
        {"name": "cohort", "valueCode": cohort}, {"name": "definition", "valueString": definition},
        {"name": "group", "valueReference": {"reference": f"Group/{group_id(cohort, practice)}"}},
    ])  # fmt: skip
