"""A referral is a loop: somebody is asked, answers, does it, and whoever asked sees the end of it (AC-050).

A ServiceRequest is followed when it claims a kind of referral that is to be answered, or is based on a plan. It is sent
when it is active, asks for something to be done (a proposal does not yet) and names an organisation as performer. It
then gets a Task, owned by the first organisation among its performers. Every other ServiceRequest is a record.

A request that is put on hold takes its Task back; taken up again it gets another one, of the next round.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tandem.canonical import TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.identity.organisations import reference_code
from tandem.ids import deterministic_id
from tandem.nhs.referral_kind import ReferralKind, ReferralKinds

NOT_ASKING: Final = frozenset({"proposal", "plan", "option"})
"""Intents that ask nobody yet: http://hl7.org/fhir/R4/valueset-request-intent.html"""
OVER: Final = frozenset({"completed", "revoked", "entered-in-error"})
"""Statuses of a request that nobody waits for any more."""
_OTHER: Final = "other"


def followed_kind(request: Resource, kinds: ReferralKinds) -> ReferralKind | None:
    """As what kind of referral a request is followed; None for a record.

    One of a kind that asks nobody is none on a plan either: a concern has its safety net and waits for no performer.
    """
    claimed = kinds.of(request)
    if claimed is not None:
        return claimed if claimed.answer is not None else None
    based = target_ids(request.get("basedOn"), "CarePlan")
    return kinds.kinds[_OTHER] if based else None


def performer_organisation(request: Resource) -> dict[str, Any] | None:
    """The Reference to the first organisation that is asked."""
    return next((each for each in request.get("performer") or () if reference_code(each) is not None), None)


def asks_now(request: Resource) -> bool:
    """Whether a request is active and asks for something to be done."""
    asks = request.get("intent") not in NOT_ASKING and request.get("doNotPerform") is not True
    return asks and request.get("status") == "active"


def is_sent(request: Resource) -> bool:
    """Whether a followed request asks an organisation for something now."""
    return asks_now(request) and performer_organisation(request) is not None


def task_id(request_id: str, round_number: int = 1) -> str:
    """The id of the Task of a request: one for each time that it is sent."""
    again = () if round_number == 1 else (str(round_number),)
    return deterministic_id("Task", "ServiceRequest", request_id, *again)


def asked_task(request: Resource, now: datetime, round_number: int = 1) -> dict[str, Any]:
    """What mdt-service is asked for: the data of `tandem.task.requested`."""
    asked: dict[str, Any] = {
        "task": task_id(request["id"], round_number),
        "request": f"ServiceRequest/{request['id']}",
        "owner": performer_organisation(request),
        "authoredOn": (request.get("authoredOn") if round_number == 1 else None) or to_instant(now),
    }
    description = words_of(request.get("code"))
    optional = {"requester": request.get("requester"), "priority": request.get("priority"), "description": description}
    return asked | {name: value for name, value in optional.items() if value is not None}


def carries_the_state(task: Mapping[str, Any]) -> bool:
    """Whether a Task about a request may say how far it has come; a chase, or a part of another Task, does not."""
    codings = (task.get("code") or {}).get("coding") or ()
    kinds = {each.get("code") for each in codings if each.get("system") == TASK_KIND}
    return kinds <= {"action"} and not task.get("partOf")


def words_of(concept: Any) -> str | None:
    """What a CodeableConcept says in words."""
    if not isinstance(concept, dict):
        return None
    displays = [coding.get("display") for coding in concept.get("coding") or ()]
    return next((str(text) for text in (concept.get("text"), *displays) if text), None)
