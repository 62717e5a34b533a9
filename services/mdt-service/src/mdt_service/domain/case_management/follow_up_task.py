"""The follow-up after a discharge from hospital, as a Task of the person's care coordinator (PCPC-035)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from mdt_service.domain.task_transitions import may_follow
from mdt_service.domain.tasks.due import ENDED
from tandem.canonical import TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id

FOLLOW_UP: Final = "follow-up"


def follow_up_id(encounter: str, ended: int) -> str:
    """The id of the Task that follows up the discharge of a stay at a moment (microseconds).

    One that was taken back has ended for good; a discharge at a corrected time has a Task of its own.
    """
    return deterministic_id("follow-up", encounter, str(ended))


def follow_up_task(
    held: Resource | None, identity: str, encounter: str, patient: str, owner: str, due: date, now: datetime
) -> Resource:
    """The Task as it should be: due by the end of a day; who has begun keeps it, whoever coordinates care by now."""
    period = {"end": due.isoformat()}
    if held is not None:
        if held.get("status") in ENDED:
            return held
        kept = held if held.get("status") != "requested" else {**held, "owner": {"reference": owner}}
        return {**kept, "restriction": {**(held.get("restriction") or {}), "period": period}}
    return {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": FOLLOW_UP, "display": "Follow-up after hospital"}]},
        "description": "Follow up after the discharge from hospital", "for": {"reference": f"Patient/{patient}"},
        "focus": {"reference": f"Encounter/{encounter}"}, "owner": {"reference": owner},
        "authoredOn": to_instant(now), "lastModified": to_instant(now), "restriction": {"period": period},
    }  # fmt: skip


def not_discharged(held: Resource) -> Resource | None:
    """The Task taken back because there was no such discharge; None when it has ended already."""
    if not may_follow(str(held.get("status")), "cancelled") or held.get("status") == "cancelled":
        return None
    return {**held, "status": "cancelled", "statusReason": {"text": _TAKEN_BACK}}


_TAKEN_BACK: Final = "The record of the discharge was corrected"
