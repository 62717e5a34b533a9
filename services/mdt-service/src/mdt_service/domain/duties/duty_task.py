"""A duty as a Task about nobody: given to an organisation, dated, met by evidence, or chased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from mdt_service.domain.duties.catalogue import Occurrence
from mdt_service.domain.duties.codes import CHASE, DUTY, KIND_SYSTEM, REQUIREMENT, REQUIREMENT_ID
from mdt_service.domain.duties.evidence import outputs_of
from tandem.clock import from_micros, to_instant
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.service import Change

WITHDRAWN: Final = frozenset(("cancelled", "rejected", "failed", "entered-in-error"))
"""Statuses in which a duty is owed no more although it was not met."""
_NEXT: Final = {
    "draft": "ready", "requested": "accepted", "received": "accepted", "accepted": "in-progress",
    "ready": "in-progress", "on-hold": "in-progress", "in-progress": "completed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """Who owes a duty, and the network it is owed to; references and codes."""

    code: str
    reference: dict[str, Any]
    network: str | None = None
    network_reference: dict[str, Any] | None = None


def is_kind(task: Resource | None, code: str) -> bool:
    """Whether a Task is of this kind of the shared process."""
    codings = ((task or {}).get("code") or {}).get("coding") or []
    return any(each.get("system") == KIND_SYSTEM and each.get("code") == code for each in codings)


def duty_id(requirement: str, version: int, owner: str, network: str | None, due: date) -> str:
    """The id of the Task of a duty: the same whoever gives it, and however often."""
    return deterministic_id("duty", requirement, str(version), owner, network or "", due.isoformat())


def duty_task(occurrence: Occurrence, holder: Holder, now: datetime) -> Resource:
    """The Task by which an organisation is given a duty of the catalogue."""
    duty = occurrence.duty
    reason = {
        "coding": [{"system": REQUIREMENT_ID, "code": duty.requirement, "version": str(duty.version)}],
        "text": duty.source,
    }
    task = free_duty(
        duty_id(duty.requirement, duty.version, holder.code, holder.network, occurrence.due), duty.text,
        occurrence.first, occurrence.due, holder, now,
    )  # fmt: skip
    return task | {
        "instantiatesCanonical": duty.canonical, "reasonCode": reason, "note": [{"text": f"Shown by: {duty.shown_by}"}],
    }  # fmt: skip


def free_duty(identity: str, text: str, first: date, due: date, holder: Holder, now: datetime) -> Resource:
    """A duty that is of nobody's catalogue, in words."""
    task: Resource = {
        "resourceType": "Task", "id": identity, "status": "ready", "intent": "order",
        "code": {"coding": [{"system": KIND_SYSTEM, "code": DUTY}]}, "description": text,
        "authoredOn": to_instant(now), "lastModified": to_instant(now), "owner": holder.reference,
        "restriction": {"period": {"start": first.isoformat(), "end": due.isoformat()}},
    }  # fmt: skip
    return task | ({"focus": holder.network_reference} if holder.network_reference is not None else {})


def chase_task(duty: Resource, identity: str, owner: dict[str, Any], day: date, due: date, policy: str) -> Resource:
    """The Task by which somebody is asked to chase a duty that is overdue, begun on a day and to be done by another."""
    reference = {"reference": f"Task/{duty['id']}"}
    return {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": KIND_SYSTEM, "code": CHASE}]}, "partOf": [reference], "focus": reference,
        "description": f"Overdue: {duty['description']}", "owner": owner,
        "reasonCode": {"text": f"Chasing policy {policy}"},
        "restriction": {"period": {"start": day.isoformat(), "end": due.isoformat()}},
    }  # fmt: skip


def requirement_of(task: Resource) -> str | None:
    """The id of the requirement that a duty cites."""
    canonical = str(task.get("instantiatesCanonical") or "")
    return canonical.removeprefix(REQUIREMENT).partition("|")[0] if canonical.startswith(REQUIREMENT) else None


def days_given(task: Resource) -> tuple[date, date] | None:
    """The first day of a duty (else the day of its Task) and the day it is to be met by; None without that day."""
    period = (task.get("restriction") or {}).get("period") or {}
    if not period.get("end"):
        return None
    due = london_date(from_micros(bounds(str(period["end"]))[1] - 1))
    start = period.get("start") or task.get("authoredOn")
    return (london_date(from_micros(bounds(str(start))[0])) if start else due), due


def next_status(status: str) -> str | None:
    """The status on the way from here to completed; None from one that has ended."""
    return _NEXT.get(status)


def duty_is_whole(change: Change) -> Iterator[Issue]:
    """A duty is about nobody, given to an organisation, dated, told in words, and completed by evidence alone."""
    task = change.after
    if task is None or not is_kind(task, DUTY):
        return
    if task.get("for") is not None:
        yield Issue("A duty is given to an organisation and about no person: leave for out", "Task.for")
    if not task.get("owner"):
        yield Issue("A duty is given to an organisation: owner is missing", "Task.owner")
    days = days_given(task)
    if days is None:
        yield Issue("A duty is dated: restriction.period.end is the day to meet it by", "Task.restriction.period.end")
    elif days[0] > days[1]:
        yield Issue("A duty is due on its first day or later", "Task.restriction.period")
    if not str(task.get("description") or "").strip():
        yield Issue("A duty says in description what is owed", "Task.description")
    if task.get("status") == "completed" and not outputs_of(task):
        yield Issue(
            "A duty is completed by evidence (docs/duties.md): an output whose type is of the code system"
            " duty-evidence, with the day it is of. Add it with Task/[id]/$evidence",
            "Task.output",
        )  # fmt: skip
