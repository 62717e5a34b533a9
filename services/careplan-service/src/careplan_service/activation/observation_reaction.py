"""A measured level of activation goes into the patient's record, which cohort-service keeps (PC-061)."""

from __future__ import annotations

from decimal import Decimal

from careplan_service.activation.measurements import PAM
from careplan_service.domain.activation.observation import activation_observation, withdrawn_observation
from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.questionnaires.answers import response_named
from careplan_service.questionnaires.shipped_questionnaires import questionnaire_answered
from tandem.clock import to_instant
from tandem.fhir.answers_given import answers_given
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.service import Change, Work

REQUESTED = "tandem.observation.requested"


async def ask_for_observation(change: Change, work: Work) -> None:
    """Ask for the Observation of a completed measurement; for its withdrawal when the measurement is withdrawn."""
    if change.patient is None or not (_is_measured(change.after) or _is_measured(change.before)):
        return
    version = int((change.after or change.before or {})["meta"]["versionId"]) + (change.after is None)
    identity = deterministic_id("careplan-service", "activation", change.id)
    response = f"QuestionnaireResponse/{change.id}/_history/{version}"
    if change.after is not None and _is_measured(change.after):
        observation = await _observation(change.after, work, identity, change.patient, response, change.id)
    else:
        observation = withdrawn_observation(identity, change.patient, response)
    await work.emit(REQUESTED, {"observation": observation}, key=f"{change.id}/{version}", patient=change.patient)


def _is_measured(response: Resource | None) -> bool:
    asked = questionnaire_answered(response)
    return asked is not None and asked.name == PAM and (response or {}).get("status") in FINISHED


async def _observation(
    response: Resource, work: Work, identity: str, patient: str, reference: str, response_id: str
) -> Resource:
    values = {given.link_id: next(iter(given.value.values())) for given in answers_given(response)}
    kept = await response_named(work.connection, response_id)
    assert kept is not None, "its answers were kept just before"
    return activation_observation(
        identity, patient, reference, int(values["level"]), Decimal(values["score"]),
        response.get("authored") or to_instant(kept.authored), kept.author,
        kept.author_kind, response.get("status") == "amended",
    )  # fmt: skip
