"""`CarePlan/{id}/$agreement`: what a plan's agreement rests on, and what it lacks (EHCH-043, PCPC-065, PCPC-066)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.plans.review import next_review
from careplan_service.plans.owner import owner_of
from careplan_service.plans.plan_asked import asked_plan
from careplan_service.plans.standing import Standing, person_faults, standing_of
from careplan_service.questionnaires.answers import CONTENT, Answer, answers_of_plan
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, on_day, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TOLD = {
    "agreed-by": "agreedBy", "agreed-by-name": "agreedByName", "agreement-date": "agreedOn", "forum": "forum",
    "tailored-support": "tailoredSupport",
}  # fmt: skip
"""Items of the plan's content -> the parameter that gives their newest answer."""
_AGREED = ("active", "completed")


async def agreement(call: OperationCall) -> FhirResponse:
    """What the agreement rests on, and a `missing` for each thing to be put right.

    Parameters `agreed`, `agreedAt` (when it was made active), `complete`, `goals`, `voice`, `owner`, `programme`s,
    `agreedBy`, `agreedByName`, `agreedOn`, `forum`, `tailoredSupport`, `activationLevel`, `assessment`s, `nextReview`,
    `refused` (what keeps it from being made active) and `missing` (all that is missing). Raises FhirError 404, 422.
    """
    only(call, ())
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        standing = await standing_of(connection, asked.plan, asked.patient, now)
        owner = await owner_of(connection, asked.plan, asked.patient, now)
        answers = await answers_of_plan(connection, str(call.id), CONTENT)
        agreed = await connection.fetchval("SELECT agreed FROM shared_plan WHERE id = $1", call.id)
        more = await person_faults(connection, str(call.id), asked.patient)
    await audit_reads(kernel.database, call.request, "$agreement", "CarePlan", {asked.patient}, to_micros(now))
    shown: list[Parameter] = [yes("agreed", asked.plan.get("status") in _AGREED)]
    if agreed is not None:
        shown.append(instant("agreedAt", from_micros(agreed)))
    if owner is not None:
        shown.append({"name": "owner", "valueReference": owner})
    shown += [*_rests_on(standing, answers), *_review(asked.plan)]
    refused = [] if asked.plan.get("status") in _AGREED else [*standing.refusals, *more]
    shown += [text("refused", issue.text) for issue in refused]
    return answer([*shown, *(text("missing", issue.text) for issue in standing.missing)])


def _rests_on(standing: Standing, answers: list[Answer]) -> list[Parameter]:
    facts = standing.facts
    shown: list[Parameter] = [
        yes("complete", not standing.missing), number("goals", len(facts.goals)), yes("voice", facts.voice),
        *(coded("programme", each) for each in sorted(facts.programmes)),
    ]  # fmt: skip
    newest = {each.link_id: each for each in answers if each.link_id in _TOLD}
    shown += [text(_TOLD[link], newest[link].text) for link in _TOLD if link in newest]
    if facts.activation_level is not None:
        shown.append(number("activationLevel", facts.activation_level))
    return shown + [reference("assessment", each) for each in facts.assessments]


def _review(plan: dict[str, object]) -> list[Parameter]:
    day = next_review(plan)
    return [on_day("nextReview", day)] if day is not None else []
