"""A referral is a loop: somebody is asked, answers, does it, and whoever asked sees the end of it (AC-050).

A ServiceRequest claims this process when it is active, names an organisation as performer, and either asks for social
prescribing or is based on a plan. It then gets one Task, owned by that organisation. Every other ServiceRequest is a
record and gets none.

The end of the Task closes the loop. Completed, it completes the request. Rejected, failed or cancelled, the request
stays active, because the need is still there: the requester is told, and asks another or revokes. One request has one
Task; to ask another organisation is another request.
"""

from __future__ import annotations

from typing import Any

from tandem.canonical import SNOMED_CT
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.identity.organisations import reference_code
from tandem.ids import deterministic_id

SOCIAL_PRESCRIBING = "871731000000106"
"""SNOMED CT: Referral to social prescribing service (procedure)."""

UNANSWERED = frozenset({"rejected", "failed", "cancelled", "entered-in-error"})
"""Ends of a Task that leave the need of the request open."""
ENDS = UNANSWERED | {"completed"}

STILL_OPEN = frozenset({"active", "on-hold"})
"""Statuses of a request whose need is still open; of one that was revoked, nobody waits for an answer."""


def performer_organisation(request: Resource) -> dict[str, Any] | None:
    """The Reference to the first organisation that is asked."""
    return next((each for each in request.get("performer") or () if reference_code(each) is not None), None)


def claims_the_loop(request: Resource | None) -> bool:
    """Whether the request is to be answered and followed here."""
    if request is None or request.get("status") != "active" or request.get("doNotPerform") is True:
        return False
    if performer_organisation(request) is None:
        return False
    return _asks_for_social_prescribing(request) or bool(target_ids(request.get("basedOn"), "CarePlan"))


def task_id(request_id: str) -> str:
    """The id of the one Task of a request."""
    return deterministic_id("Task", "ServiceRequest", request_id)


def asked_task(request: Resource, now: Any) -> dict[str, Any]:
    """What mdt-service is asked for: the data of `tandem.task.requested`."""
    asked: dict[str, Any] = {
        "task": task_id(request["id"]),
        "request": f"ServiceRequest/{request['id']}",
        "owner": performer_organisation(request),
        "authoredOn": request.get("authoredOn") or to_instant(now),
    }
    description = _text(request.get("code"))
    optional = {"requester": request.get("requester"), "priority": request.get("priority"), "description": description}
    return asked | {name: value for name, value in optional.items() if value is not None}


def _asks_for_social_prescribing(request: Resource) -> bool:
    concepts = [request.get("code"), *(request.get("category") or ())]
    return any(
        coding.get("system") == SNOMED_CT and coding.get("code") == SOCIAL_PRESCRIBING
        for concept in concepts if isinstance(concept, dict)
        for coding in concept.get("coding") or ()
    )  # fmt: skip


def _text(concept: Any) -> str | None:
    if not isinstance(concept, dict):
        return None
    displays = [coding.get("display") for coding in concept.get("coding") or ()]
    return next((str(text) for text in (concept.get("text"), *displays) if text), None)
