"""A Task that is not done by its day is told of then, and chased later, each once."""

from __future__ import annotations

from datetime import datetime

from mdt_service.domain.tasks.due import ENDED, due_of
from mdt_service.domain.tasks.escalation import chase_at, chase_task, is_escalated
from tandem.clock import from_micros, to_instant, to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.ids import deterministic_id
from tandem.service import Change, Work

OVERDUE = "tandem.task.overdue"
CHASED = "tandem.task.chased"
FELL_DUE = "mdt.task.due"
"""The timed event of a Task that falls due; nobody outside hears of it."""
CHASE = "mdt.task.chase"


async def plan_escalation(change: Change, work: Work) -> None:
    """Set the times at which an unfinished Task is told of and chased, or take them back.

    A record that was overdue when it came starts nothing.
    """
    due = _due(change.after, change)
    if due is None or due <= change.now:
        if _due(change.before, change) is not None:
            await work.unschedule(FELL_DUE, change.id)
            await work.unschedule(CHASE, change.id)
        return
    await work.schedule(FELL_DUE, change.id, due, {"task": change.id})
    later = chase_at(due)
    if later is not None:
        await work.schedule(CHASE, change.id, later, {"task": change.id})


def _due(task: Resource | None, change: Change) -> datetime | None:
    if task is None or change.patient is None or task.get("status") in ENDED or not is_escalated(task):
        return None
    due = due_of(task, to_micros(change.now))
    return from_micros(due) if due is not None else None


async def task_fell_due(event: Event, work: Work) -> None:
    """Say that a Task was not done by its day, unless it was, or has another day now."""
    held = await _overdue(event, work)
    if held is not None:
        task, due = held
        data = {"task": f"Task/{task['id']}", "due": to_instant(due), "owner": task.get("owner")}
        await work.emit(OVERDUE, data, key=f"{task['id']}/{to_instant(due)}", patient=_patient(task))


async def chase_overdue(event: Event, work: Work) -> None:
    """Give whoever asked for the Task another one: to chase it."""
    held = await _overdue(event, work)
    if held is None:
        return
    task, due = held
    identity = deterministic_id("mdt-service", "chase", task["id"], to_instant(due))
    if await work.read("Task", identity) is None:
        await work.put(chase_task(identity, task, work.now))
        data = {"task": f"Task/{task['id']}", "chase": f"Task/{identity}", "due": to_instant(due)}
        await work.emit(CHASED, data, key=f"{task['id']}/{to_instant(due)}", patient=_patient(task))


async def _overdue(event: Event, work: Work) -> tuple[Resource, datetime] | None:
    task = await work.read("Task", str((event.data or {})["task"]))
    if task is None or task.get("status") in ENDED:
        return None
    due = due_of(task, bounds(str(task["meta"]["lastUpdated"]))[0])
    return (task, from_micros(due)) if due is not None and from_micros(due) <= work.now else None


def _patient(task: Resource) -> str | None:
    return str((task.get("for") or {}).get("reference") or "").removeprefix("Patient/") or None
