"""`QuestionnaireResponse/$shared-decisions`: which decisions were made with people, and which count as required."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.domain.shared_decisions.decision import against_counting
from careplan_service.domain.shared_decisions.situations import Situation, required_situation
from careplan_service.questionnaires.answers import response_answers
from careplan_service.shared_decisions.recorded_decisions import SHARED_DECISION, Decision, conversation, decisions_in
from careplan_service.shared_decisions.situation_rows import all_situations
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, page
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, on_day, parts, reference, text, yes
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def shared_decisions(call: OperationCall) -> FhirResponse:
    """Parameters `total` and a `decision` for each completed one, the newest first.

    Each has `response`, `patient`, `date`, `situation`, `required` (whether it counts as a required one), the
    `policy` by which, or `because` why not, and the `tool`. Parameters `patient`, `practice` or `network`, `from`, `to`
    (days), `_count`, `_offset`. Raises FhirError 400.
    """
    only(call, ("patient", "from", "to", "_count", "_offset", *AREA_PARAMETERS))
    first, last, (count, offset) = optional_day(call, "from"), optional_day(call, "to"), page(call)
    async with call.kernel.database.read() as connection:
        found = await _seen(call, connection, first, last)
        situations = await all_situations(connection)
        shown: list[Parameter] = []
        told: set[str | None] = set()
        for response in found[offset : offset + count]:
            for decision in decisions_in(await response_answers(connection, response)):
                told.add(decision.response.patient)
                shown.append(await _shown(connection, decision, situations))
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$shared-decisions", "QuestionnaireResponse", told, now)
    return answer([number("total", len(found)), *shown])


async def _seen(
    call: OperationCall, connection: Connection, first: date | None, last: date | None
) -> list[str]:
    """The ids of completed decisions of people whose records the caller may see."""
    now = to_micros(call.kernel.clock.now())
    params: list[Any] = [SHARED_DECISION]
    finished = ", ".join(f"'{status}'" for status in sorted(FINISHED))
    conditions = ["m.questionnaire = $1", f"m.status IN ({finished})", *area_conditions(call, params, now)]
    if (named := call.one("patient")) is not None:
        params.append(await person_named(connection, named) or "")
        conditions.append(f"m.patient = ${len(params)}")
    for day, comparison, more in ((first, ">=", 0), (last, "<", 1)):
        if day is not None:
            params.append(beginning_of(day_number(day) + more))
            conditions.append(f"m.authored {comparison} ${len(params)}")
    if first is not None and last is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "to lies before from", expression="to")
    conditions.append(
        visible_of_person(
            call.request.caller, "m", params, now, resource_type="QuestionnaireResponse",
            registered_only=call.kernel.registered_only(),
        )
    )  # fmt: skip
    rows = await connection.fetch(
        f"SELECT m.id FROM questionnaire_response m WHERE {' AND '.join(conditions)} ORDER BY m.authored DESC, m.id",
        *params,
    )
    return [row["id"] for row in rows]


async def _shown(connection: Connection, decision: Decision, situations: list[Situation]) -> Parameter:
    situation = required_situation(situations, decision.code, decision.day)
    against = against_counting(situation, await conversation(connection, decision))
    inner: list[Parameter] = [
        reference("response", f"QuestionnaireResponse/{decision.response.id}"),
        reference("patient", f"Patient/{decision.response.patient}"),
        on_day("date", decision.day),
        {"name": "situation", "valueCoding": decision.situation},
        yes("required", against is None),
    ]  # fmt: skip
    if situation is not None:
        inner.append(text("policy", situation.name))
    if against is not None:
        inner.append(text("because", against))
    if (tool := decision.answers.get("tool-name")) is not None:
        inner.append(text("tool", str(tool)))
    return parts("decision", inner)
