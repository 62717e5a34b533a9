"""A person's arrangements and contacts, read from the Tasks that hold them, and written anew."""

from __future__ import annotations

from typing import Any

from mdt_service.case_management.contact_rows import team_members
from mdt_service.case_management.shipped_policies import need_levels_on
from mdt_service.domain.case_management.arrangement import (
    PROACTIVE_CONTACT,
    REGISTER_REVIEW,
    Arrangement,
    arrangement_in,
    arrangement_task,
    contact_task,
    replaced,
)
from mdt_service.domain.case_management.codes import value_of
from mdt_service.domain.tasks.due import ENDED, kind_of
from mdt_service.meetings.answers import body_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.identity.organisation_reference import reference_to
from tandem.service import Change, Work


async def arrangements_of(connection: Connection, patient: str) -> list[tuple[Resource, Arrangement]]:
    """All of a person, the first first."""
    rows = await connection.fetch(
        "SELECT task FROM task_clock WHERE patient = $1 AND kind = $2", patient, REGISTER_REVIEW
    )
    bodies = [await body_of(connection, row["task"]) for row in rows]
    found = [(body, held) for body in bodies if (held := arrangement_in(body)) is not None]
    return sorted(found, key=lambda each: each[1].number)


async def arrange(work: Work, patient: str, practice: str, item: str | None, arrangement: Arrangement) -> None:
    """Begin an arrangement: what was open of the one before ends, and its first contacts are planned."""
    rows = await work.connection.fetch(
        "SELECT task FROM task_clock WHERE patient = $1 AND kind IN ($2, $3) AND ended IS NULL ORDER BY task",
        patient, REGISTER_REVIEW, PROACTIVE_CONTACT,
    )  # fmt: skip
    for row in rows:
        held = await work.read("Task", row["task"])
        ended = replaced(held) if held is not None else None
        if ended is not None:
            await work.put(ended)
    by = await reference_to(work.connection, practice)
    review = await work.put(arrangement_task(arrangement, patient, by, item, work.now))
    for number in range(1, need_levels_on(arrangement.since).ahead + 1):
        await _plan(work, review, arrangement, number)


async def plan_next_contact(change: Change, work: Work) -> None:
    """A proactive contact ended: another is planned, as long as its arrangement goes on."""
    task, before = change.after, change.before
    if task is None or kind_of(task) != PROACTIVE_CONTACT or task.get("status") not in ("completed", "failed"):
        return
    if before is not None and before.get("status") == task.get("status"):
        return
    for identity in target_ids(task.get("partOf"), "Task"):
        review, number = await work.read("Task", identity), value_of(task, "number", "input")
        held = arrangement_in(review) if review is not None and review.get("status") not in ENDED else None
        if review is not None and held is not None and number is not None:
            await _plan(work, review, held, int(number) + need_levels_on(held.since).ahead)


async def _plan(work: Work, review: Resource, arrangement: Arrangement, number: int) -> None:
    patient = str(review["for"]["reference"]).removeprefix("Patient/")
    coordinators = await team_members(work.connection, patient, "care-coordinator", to_micros(work.now))
    owner: dict[str, Any] = {"reference": coordinators[0]} if coordinators else review["owner"]
    contact = contact_task(arrangement, review, number, owner, work.now)
    if await work.read("Task", contact["id"]) is None:
        await work.put(contact)
