"""`CarePlan/[id]/$contributions`: who contributed what to a plan, in plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.contributions.contribution_rows import Contributed, contributions_to_plan
from careplan_service.domain.contributions.plan_elements import PlanElement, elements_of
from careplan_service.plans.plan_asked import asked_plan
from careplan_service.questionnaires.answers import AnsweredResponse, responses_of_plan
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import decode
from tandem.fhir.clinical_text import clinical_text
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, text
from tandem.fhir.provenance import user_reference
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible
from tandem.identity.audit_event import organisation_reference
from tandem.identity.claims import OWN_SYSTEM

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def contributions(call: OperationCall) -> FhirResponse:
    """A `contribution` for each entry of the plan and each response based on it, the oldest first.

    Its parts: `element` (goal, activity, note, addresses, supportingInfo, response), `reference` or `place` (FHIRPath),
    `text`, `status`, `organisation`, `name` (of the organisation), `user` (who was signed in), `author` (whom a note or
    response names), `since` and `version` (of the plan). `byService` stands for what the service put there by itself.
    Raises FhirError 404, and 422 for a CarePlan that is no shared plan.
    """
    only(call, ())
    kernel = call.kernel
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        plan = str(call.id)
        rows = await contributions_to_plan(connection, plan)
        responses = await responses_of_plan(connection, plan)
        goals = await _goals(call, connection, asked.patient)
        codes = {each.organisation for each in rows.values()} | {each.organisation for each in responses}
        names = {code: await _name(connection, code) for code in codes}
    elements = elements_of(asked.plan)
    shown = sorted((each for key, each in elements.items() if key in rows), key=lambda each: rows[each.key].version)
    linked = {each.reference for each in elements.values()}
    named = {f"QuestionnaireResponse/{each.id}": each for each in responses}
    answers: list[Parameter] = [
        _entry(each, rows[each.key], goals, names, named.get(each.reference or "")) for each in shown
    ]
    answers += [_response(each, names) for each in responses if f"QuestionnaireResponse/{each.id}" not in linked]
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$contributions", "CarePlan", {asked.patient}, now)
    return answer(answers)


async def _goals(call: OperationCall, connection: Connection, patient: str) -> dict[str, dict[str, Any]]:
    params: list[Any] = [patient]
    seen = visible(
        call.request.caller, "r", params, to_micros(call.kernel.clock.now()), resource_type="Goal",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT r.id, l.body FROM resource r JOIN log l ON l.id = r.log_id"
        f" WHERE r.type = 'Goal' AND r.patient = $1 AND r.deleted = 0 AND {seen}", *params,
    )  # fmt: skip
    return {f"Goal/{row['id']}": decode(row["body"]) for row in rows}


async def _name(connection: Connection, code: str) -> str | None:
    found = await organisation_named(connection, code)
    return found.name if found is not None else None


def _entry(
    element: PlanElement,
    by: Contributed,
    goals: dict[str, dict[str, Any]],
    names: dict[str, str | None],
    response: AnsweredResponse | None,
) -> Parameter:
    # A response that was contributed stands in supportingInfo: it is shown as the response that it is.
    shown: list[Parameter] = [{"name": "element", "valueCode": "response" if response else element.kind}]
    value, goal = element.value, goals.get(element.reference or "", {})
    if element.reference is not None:
        shown.append({"name": "reference", "valueReference": {"reference": element.reference}})
    shown.append(text("place", f"CarePlan.{element.path}"))
    words = clinical_text(goal) if goal else value.get("text") or (value.get("detail") or {}).get("description")
    status = goal.get("lifecycleStatus") or (value.get("detail") or {}).get("status")
    if response is not None:
        words, status = response.questionnaire, response.status
    shown += [text("text", words)] if words else []
    shown += [{"name": "status", "valueCode": status}] if status else []
    shown += _by(by.organisation, names)
    shown += [{"name": "user", "valueReference": user_reference(by.user)}] if by.user else []
    if element.kind == "note":
        shown += _author(value.get("authorReference"))
    if response is not None:
        shown += _author(response.author or response.source)
    return parts("contribution", [
        *shown, {"name": "since", "valueInstant": to_instant(by.at)}, number("version", by.version),
    ])  # fmt: skip


def _response(response: AnsweredResponse, names: dict[str, str | None]) -> Parameter:
    return parts("contribution", [
        {"name": "element", "valueCode": "response"},
        {"name": "reference", "valueReference": {"reference": f"QuestionnaireResponse/{response.id}"}},
        text("text", response.questionnaire), {"name": "status", "valueCode": response.status},
        *_by(response.organisation, names), *_author(response.author or response.source),
        {"name": "since", "valueInstant": to_instant(response.authored)},
    ])  # fmt: skip


def _by(organisation: str, names: dict[str, str | None]) -> list[Parameter]:
    if organisation.startswith(OWN_SYSTEM):
        return [{"name": "byService", "valueBoolean": True}]
    shown: list[Parameter] = [{"name": "organisation", "valueReference": organisation_reference(organisation)}]
    name = names.get(organisation)
    return [*shown, text("name", name)] if name else shown


def _author(reference: dict[str, Any] | None) -> list[Parameter]:
    return [{"name": "author", "valueReference": reference}] if isinstance(reference, dict) else []
