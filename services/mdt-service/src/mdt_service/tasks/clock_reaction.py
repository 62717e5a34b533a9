"""Whose Task is due when: a row for each Task about a person, in step with it."""

from __future__ import annotations

from typing import Any

from mdt_service.domain.tasks.due import ENDED, due_of, kind_of
from tandem.canonical import STAFF_KIND
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import bounds
from tandem.service import Change, Work

_SQL = (
    "INSERT INTO task_clock (task, patient, kind, owner, performer, status, made, due, ended)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (task) DO UPDATE SET patient = excluded.patient,"
    " kind = excluded.kind, owner = excluded.owner, performer = excluded.performer, status = excluded.status,"
    " due = excluded.due, ended = excluded.ended"
)


async def keep_task_clock(change: Change, work: Work) -> None:
    """Keep who has the Task, by when it is to be done, and when it came to an end."""
    task = change.after
    if task is None or change.patient is None:
        if change.before is not None:
            await work.connection.execute("DELETE FROM task_clock WHERE task = $1", change.id)
        return
    now = to_micros(change.now)
    await work.connection.execute(
        _SQL, change.id, change.patient, kind_of(task), _owner(task), _performer(task), str(task.get("status")),
        _made(task, now), due_of(task, now), await _ended(change, task, work, now),
    )  # fmt: skip


def _made(task: Resource, now: int) -> int:
    return bounds(str(task["authoredOn"]))[0] if task.get("authoredOn") else now


def _owner(task: Resource) -> str | None:
    """An organisation's code, or the reference of somebody of the staff."""
    owner: dict[str, Any] = task.get("owner") or {}
    return reference_code(owner) or (str(owner["reference"]) if owner.get("reference") else None)


def _performer(task: Resource) -> str | None:
    codings = [each for concept in task.get("performerType") or () for each in concept.get("coding") or ()]
    return next((str(each.get("code")) for each in codings if each.get("system") == STAFF_KIND), None)


async def _ended(change: Change, task: Resource, work: Work, now: int) -> int | None:
    """When it ended: the end that the Task gives of its execution, else when a version first said so."""
    if task.get("status") not in ENDED:
        return None
    told = (task.get("executionPeriod") or {}).get("end")
    if told is not None:
        return bounds(str(told))[0]
    kept: int | None = None
    if change.before is not None and change.before.get("status") in ENDED:
        kept = await work.connection.fetchval("SELECT ended FROM task_clock WHERE task = $1", change.id)
    if kept is None and change.before is None and task.get("lastModified"):
        return bounds(str(task["lastModified"]))[0]
    return now if kept is None else kept
