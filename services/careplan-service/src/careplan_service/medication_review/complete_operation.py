"""`Composition/[id]/$complete`: the appointment is at an end, and its follow-up is set (SMR-001, SMR-026, SMR-036)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.medication_review.codes import ONWARD_REFERRAL, SHARED_DECISION
from careplan_service.domain.medication_review.composition import with_entries, with_follow_up, with_process
from careplan_service.medication_review.prescriptions import (
    keep_prescriptions,
    medications_named,
    prescribed_now,
    statements_of,
)
from careplan_service.medication_review.review_asked import AskedReview, review_under_way
from careplan_service.medication_review.review_facts import Conversation, ReviewFacts, facts_of
from careplan_service.medication_review.start_operation import with_all_medicines
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.etag import version_headers
from tandem.fhir.operation_parameters import only, optional_day, optional_text, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def complete_review(call: OperationCall) -> FhirResponse:
    """The Composition, final. What is prescribed is looked up again first, and stays looked up when this is refused.

    Parameters `followUp` (a day) or `end` (why no follow-up is needed: the process is completed). Raises FhirError 400,
    404, 422 with everything that is missing, 503.
    """
    only(call, ("followUp", "end"))
    follow_up, end = optional_day(call, "followUp"), optional_text(call, "end")
    if follow_up is not None and end is not None:
        raise FhirError(Kind.BAD_REQUEST, "Give followUp or end, not both", expression="followUp")
    if follow_up is not None and follow_up < today(call):
        raise FhirError(Kind.UNPROCESSABLE, "A follow-up is not in the past", expression="followUp")
    await _look_up(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        asked = await review_under_way(call, connection, lock=True)
        facts = await facts_of(connection, asked.row, asked.composition, now)
        finished = with_follow_up(_with_links(asked, facts), follow_up, end)
        kept = await work_of(call, connection, now).put({**finished, "status": "final"})
        entry = audit_entry(
            call.request, "$complete", to_micros(now), resource_type="Composition", resource_id=call.id,
            patient=asked.row.patient,
        )  # fmt: skip
        await record(connection, [entry])
    return FhirResponse(200, encode(kept), version_headers(int(kept["meta"]["versionId"]), to_micros(now)))


async def _look_up(call: OperationCall) -> None:
    async with call.kernel.database.read() as connection:
        row = (await review_under_way(call, connection)).row
        named = medications_named(await statements_of(connection, row.patient))
    prescribed = await prescribed_now(call, row.patient, named)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        asked = await review_under_way(call, connection, lock=True)
        await keep_prescriptions(connection, asked.row.id, prescribed, london_date(now))
        facts = await facts_of(connection, asked.row, asked.composition, now)
        await work_of(call, connection, now).put(with_all_medicines(asked.composition, facts))


def _with_links(asked: AskedReview, facts: ReviewFacts) -> Resource:
    composition = with_process(asked.composition, asked.row.process, None)
    finished = [each for each in facts.conversations if each.response.finished]
    responses = [f"QuestionnaireResponse/{each.response.id}" for each in finished]
    lines = [line for each in finished for line in _lines(each)]
    composition = with_entries(composition, SHARED_DECISION, responses, lines)
    shown = [f"{each.description or each.reference} ({each.status})" for each in facts.referrals]
    return with_entries(composition, ONWARD_REFERRAL, [each.reference for each in facts.referrals], shown)


def _lines(conversation: Conversation) -> list[str]:
    decision, tool, why_not = map(conversation.text, ("decision", "tool-name", "no-tool-reason"))
    lines = [f"Decided together: {decision}"] if decision is not None else []
    if tool is not None:
        result = conversation.text("tool-result")
        lines.append(f"Tool: {tool}, version {conversation.text('tool-version')}{f': {result}' if result else ''}")
    return [*lines, f"No tool was used: {why_not}"] if why_not is not None else lines
