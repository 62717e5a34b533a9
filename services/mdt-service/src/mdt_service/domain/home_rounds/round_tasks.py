"""The Tasks in which a round keeps what was done for a resident, and what is to be done (EHCH-032, EHCH-037)."""

from __future__ import annotations

from typing import Any, Final

from mdt_service.domain.home_rounds.codes import ACTION, ROUND_REVIEW
from tandem.canonical import SNOMED_CT, TASK_KIND
from tandem.fhir.body import Resource

MEDICATION_REVIEW: Final = "1239511000000100"
"""SNOMED CT: structured medication review."""
_ON_THE_WAY: Final = {
    "requested": "accepted", "received": "accepted", "accepted": "in-progress", "ready": "in-progress",
    "on-hold": "in-progress", "in-progress": "completed",
}  # fmt: skip


def review_task(identity: str, appointment: str, patient: str, leader: str, at: str) -> Resource:
    """What a round did for one resident; its notes are what was found and decided."""
    return {
        "resourceType": "Task", "id": identity, "status": "completed", "intent": "order", "code": _kind(ROUND_REVIEW),
        "description": "Reviewed on the home round", "for": {"reference": f"Patient/{patient}"},
        "focus": {"reference": f"Appointment/{appointment}"}, "owner": {"reference": leader}, "authoredOn": at,
        "executionPeriod": {"start": at, "end": at},
    }  # fmt: skip


def with_note(review: Resource, said: dict[str, Any]) -> Resource:
    """The review with a note; the same words of the same author once, so that a request may be sent again."""
    held = list(review.get("note") or ())
    if any((each.get("text"), each.get("authorReference")) == (said["text"], said["authorReference"]) for each in held):
        return review
    return {**review, "note": [*held, said]}


def action_task(
    identity: str, review: Resource, what: str, owner: str, due: str, at: str, reason: dict[str, Any] | None = None
) -> Resource:
    """What is to be done for the resident, by whom and by when."""
    return {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order", "code": _kind(ACTION),
        "description": what, "for": review["for"], "focus": review["focus"], "owner": {"reference": owner},
        "partOf": [{"reference": f"Task/{review['id']}"}], "authoredOn": at, "restriction": {"period": {"end": due}},
        **({"reasonCode": reason} if reason else {}),
    }  # fmt: skip


def based_on(action: Resource, plan: str | None) -> Resource:
    """An action of the resident's shared plan (CarePlan.id), where it is shown among the activities."""
    return {**action, "basedOn": [{"reference": f"CarePlan/{plan}"}]} if plan is not None else action


def medication_review_reason() -> dict[str, Any]:
    """The reason that makes an action a structured medication review."""
    return {"coding": [{"system": SNOMED_CT, "code": MEDICATION_REVIEW, "display": "Structured medication review"}]}


def asks_for_medication_review(task: Resource) -> bool:
    """Whether an action is a structured medication review that a round gave."""
    codings = (task.get("reasonCode") or {}).get("coding") or ()
    kinds = (task.get("code") or {}).get("coding") or ()
    return any(each.get("system") == SNOMED_CT and each.get("code") == MEDICATION_REVIEW for each in codings) and any(
        each.get("system") == TASK_KIND and each.get("code") == ACTION for each in kinds
    )


def dealt_with(flag: Resource, review: str) -> list[Resource]:
    """The versions by which a flag is completed, with the review (id) as output; none if it had ended."""
    versions, status = [], str(flag["status"])
    output = {
        "type": {"coding": [{"system": TASK_KIND, "code": ROUND_REVIEW}]},
        "valueReference": {"reference": f"Task/{review}"},
    }
    held = {**flag, "output": [*(flag.get("output") or ()), output]}
    while (following := _ON_THE_WAY.get(status)) is not None:
        status = following
        versions.append({**held, "status": status})
    return versions


def _kind(code: str) -> dict[str, Any]:
    return {"coding": [{"system": TASK_KIND, "code": code}]}
