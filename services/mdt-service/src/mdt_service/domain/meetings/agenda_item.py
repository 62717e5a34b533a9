"""An agenda item as a Task: whom a meeting discusses and why, and what was said and decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mdt_service.domain.meetings.codes import (
    AGENDA_ITEM,
    CONTRIBUTIONS,
    DECISION,
    KIND_SYSTEM,
    NO_ACTION,
    REASONS,
    RECORD,
)
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id, target_ids
from tandem.fhir.outcome import Issue
from tandem.service import Change

ENDED: Final = frozenset(("completed", "cancelled", "failed", "rejected", "entered-in-error"))
_NEXT: Final = {"draft": "ready", "requested": "accepted", "received": "accepted", "accepted": "in-progress",
                "ready": "in-progress", "on-hold": "in-progress", "in-progress": "completed"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is discussed: a code of REASONS, words, and the Task it came from if there is one."""

    code: str
    text: str
    task: str | None = None


def is_kind(task: Resource | None, code: str) -> bool:
    """Whether a Task is of this kind of the shared process."""
    codings = ((task or {}).get("code") or {}).get("coding") or ()
    return any(each.get("system") == KIND_SYSTEM and each.get("code") == code for each in codings)


def meeting_of(task: Resource) -> str | None:
    """The id of the Appointment that a Task is based on."""
    return next(iter(target_ids(task.get("basedOn"), "Appointment")), None)


def agenda_task(
    identity: str, meeting: str, patient: str, reasons: list[Reason], plan: str | None, at: datetime
) -> Resource:
    """The item for one person; `plan` is a CarePlan's id."""
    codes = dict.fromkeys(each.code for each in reasons)
    codings = [{"system": RECORD, "code": each, "display": REASONS[each]} for each in codes]
    task: Resource = {
        "resourceType": "Task", "id": identity, "status": "ready", "intent": "order",
        "code": {"coding": [{"system": KIND_SYSTEM, "code": AGENDA_ITEM, "display": "Agenda item"}]},
        "basedOn": [{"reference": f"Appointment/{meeting}"}], "for": {"reference": f"Patient/{patient}"},
        "authoredOn": to_instant(at), "lastModified": to_instant(at),
        "reasonCode": {"coding": codings, "text": "; ".join(dict.fromkeys(each.text for each in reasons))},
    }  # fmt: skip
    sources = [{"reference": f"Task/{each.task}"} for each in reasons if each.task is not None]
    if plan is not None:
        task["focus"] = {"reference": f"CarePlan/{plan}"}
    return task | ({"partOf": sources} if sources else {})


def plan_of(item: Resource) -> str | None:
    """The id of the plan that an item is about."""
    return target_id(item.get("focus"), "CarePlan")


def contribution(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """An output that holds what somebody said: `said` is an Annotation."""
    return {"type": {"coding": [{"system": RECORD, "code": kind}]}, "valueAnnotation": said}


def contributions(item: Resource) -> list[tuple[str, dict[str, Any]]]:
    """Kind and Annotation of everything that was said, in order."""
    found = []
    for output in item.get("output") or ():
        codings = (output.get("type") or {}).get("coding") or ()
        kind = next((each.get("code") for each in codings if each.get("system") == RECORD), None)
        if kind in CONTRIBUTIONS and isinstance(output.get("valueAnnotation"), dict):
            found.append((str(kind), output["valueAnnotation"]))
    return found


def with_contributions(item: Resource, said: list[tuple[str, dict[str, Any]]]) -> Resource:
    """The item with what was said; the same words of the same author once."""
    held = {(kind, each.get("text"), str(each.get("authorReference"))) for kind, each in contributions(item)}
    new = [(kind, each) for kind, each in said if (kind, each["text"], str(each["authorReference"])) not in held]
    return {**item, "output": [*(item.get("output") or ()), *(contribution(*each) for each in new)]} if new else item


def says(item: Resource, kind: str) -> bool:
    """Whether something of a kind was said."""
    return any(each == kind for each, _ in contributions(item))


def next_status(status: str) -> str | None:
    """The status on the way from here to completed; None from one that has ended."""
    return _NEXT.get(status)


def items_are_discussed(change: Change) -> Iterator[Issue]:
    """An item is completed by a decision, or by why none is needed (000 §4.10 b3: a set of support is agreed)."""
    item = change.after
    if item is None or change.before is None or not is_kind(item, AGENDA_ITEM):
        return
    status = item.get("status")
    if status == change.before.get("status"):
        return
    if status == "completed" and not (says(item, DECISION) or says(item, NO_ACTION)):
        text = (
            "An agenda item is completed by a decision (000 §4.10 b3): an output of code system meeting-record with"
            " code decision, or no-action with the reason. Record it with Appointment/[id]/$record"
        )
        yield Issue(text, "Task.output")
    if status == "cancelled" and not item.get("statusReason"):
        yield Issue("An agenda item that is not discussed says why: statusReason (000 §4.12 r4)", "Task.statusReason")
