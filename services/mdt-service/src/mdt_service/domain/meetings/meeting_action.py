"""An action of a meeting as a Task: who does what by when, and how it is closed (AC-019, PCPC-043)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from mdt_service.domain.meetings.codes import ACTION, CHASE, KIND_SYSTEM
from tandem.clock import from_micros, to_instant
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.london_days import day_number, london_date

_GIVEN_UP: Final = ("rejected", "failed", "cancelled")


def action_task(
    identity: str, meeting: str, item: Resource | None, what: str, owner: dict[str, Any], due: date,
    role: dict[str, Any] | None, at: datetime, *, about_person: bool,
) -> Resource:  # fmt: skip
    """The Task; based on the person's plan when the item names one."""
    based = [{"reference": f"Appointment/{meeting}"}]
    task: Resource = {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": KIND_SYSTEM, "code": ACTION, "display": "Action"}]}, "description": what,
        "authoredOn": to_instant(at), "lastModified": to_instant(at), "owner": owner,
        "restriction": {"period": {"end": due.isoformat()}},
    }  # fmt: skip
    if item is not None:
        task["partOf"] = [{"reference": f"Task/{item['id']}"}]
        if about_person:
            task["for"] = item["for"]
            based = [*([item["focus"]] if item.get("focus") else []), *based]
    return task | {"basedOn": based} | ({"performerType": [role]} if role is not None else {})


def chase_task(identity: str, action: Resource, by: str, text: str, due: date, at: datetime) -> Resource:
    """The Task by which the key contact chases an action with whoever owns it."""
    reference = {"reference": f"Task/{action['id']}"}
    task: Resource = {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": KIND_SYSTEM, "code": CHASE, "display": "Chase"}]}, "partOf": [reference],
        "focus": reference, "description": text, "requester": {"reference": by}, "owner": action["owner"],
        "authoredOn": to_instant(at), "lastModified": to_instant(at),
        "restriction": {"period": {"end": due.isoformat()}},
    }  # fmt: skip
    return task | ({"for": action["for"]} if action.get("for") else {})


def due_day(task: Resource) -> int | None:
    """The number of the day by which it is to be done; None when the Task does not say."""
    end = ((task.get("restriction") or {}).get("period") or {}).get("end")
    return day_number(london_date(from_micros(bounds(str(end))[1] - 1))) if end else None


def faults_when_made(task: Resource) -> Iterator[Issue]:
    """An action of a meeting has an owner and a day (AC-019)."""
    if not task.get("owner"):
        yield Issue("An action of a meeting has an owner (000 §4.10 b3)", "Task.owner")
    if due_day(task) is None:
        text = "An action of a meeting says by when: restriction.period.end (000 §4.10 b3)"
        yield Issue(text, "Task.restriction.period.end")


def faults_when_closed(task: Resource) -> Iterator[Issue]:
    """An action of a meeting ends with an outcome, or with a reason why it was not carried out (PCPC-043)."""
    if task.get("status") == "completed" and not task.get("output"):
        text = (
            "An action of a meeting is closed with its outcome (003 §2.3 ex6: a key contact tracks actions to"
            " delivery): add an output that says what came of it"
        )
        yield Issue(text, "Task.output")
    if task.get("status") in _GIVEN_UP and not task.get("statusReason") and not task.get("output"):
        text = "An action of a meeting that is not carried out says why: statusReason (003 §2.3 ex6)"
        yield Issue(text, "Task.statusReason")
