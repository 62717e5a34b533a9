"""A shared decision is completed with what it needs, and others are told of it (PC-002, PC-043, PCN-084)."""

from __future__ import annotations

from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.domain.shared_decisions.decision import against_counting, completion_faults
from careplan_service.domain.shared_decisions.situations import required_situation
from careplan_service.questionnaires.answers import response_answers
from careplan_service.questionnaires.shipped_questionnaires import questionnaire_answered
from careplan_service.shared_decisions.recorded_decisions import SHARED_DECISION, conversation, decisions_in
from careplan_service.shared_decisions.situation_rows import all_situations
from tandem.fhir.outcome import FhirError, Kind
from tandem.service import Change, Work

COMPLETED = "tandem.shared-decision.completed"


async def check_completed_decision(change: Change, work: Work) -> None:
    """Refuse to complete a decision that lacks what its situation or the person asks for; tell of one that is complete.

    Raises FhirError 422 with an issue for each thing that is missing.
    """
    asked = questionnaire_answered(change.after)
    if change.after is None or change.patient is None or asked is None or asked.name != SHARED_DECISION:
        return
    if change.after.get("status") not in FINISHED:
        return
    for decision in decisions_in(await response_answers(work.connection, change.id)):
        situation = required_situation(await all_situations(work.connection), decision.code, decision.day)
        held = await conversation(work.connection, decision)
        if faults := list(completion_faults(situation, held)):
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        data = {
            "response": f"QuestionnaireResponse/{change.id}", "date": decision.day.isoformat(),
            "situation": situation.name if situation is not None else None,
            "required": against_counting(situation, held) is None,
        }  # fmt: skip
        version = change.after["meta"]["versionId"]
        await work.emit(COMPLETED, data, key=f"{change.id}/{version}", patient=change.patient)
