"""What a performer's answer to a referral means for its Task: the data of `tandem.task.answered`."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind

_STATUS = {"active": "accepted", "on-hold": "on-hold", "completed": "completed", "revoked": "rejected"}
"""Status of the ServiceRequest in a servicerequest-response -> status of the Task."""


def answered_task(task: str, request: Resource) -> dict[str, Any]:
    """`task` (the id), `status` and, of a rejection, `reason` (a CodeableConcept).

    Raises FhirError 422 for a status that answers nothing, and for a rejection without its reason.
    """
    status = _STATUS.get(str(request.get("status")))
    if status is None:
        text = f"The status of an answered ServiceRequest is one of {', '.join(_STATUS)}"
        raise FhirError(Kind.UNPROCESSABLE, issues=[Issue(text, "ServiceRequest.status", "value")])
    answer: dict[str, Any] = {"task": task, "status": status}
    if status == "rejected":
        notes = [{"text": note["text"]} for note in request.get("note") or () if note.get("text")]
        reasons = [*(request.get("reasonCode") or ()), *notes]
        if not reasons:
            text = "A referral is rejected with a reason: reasonCode of rejected-reasons-bars, or a note"
            raise FhirError(Kind.UNPROCESSABLE, text, expression="ServiceRequest.reasonCode")
        answer["reason"] = reasons[0]
    return answer
