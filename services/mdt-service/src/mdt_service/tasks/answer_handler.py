"""What follows when a performer answered a referral elsewhere, by message: its Task says so here."""

from __future__ import annotations

from mdt_service.domain.task_transitions import may_follow
from tandem.clock import to_instant
from tandem.events.event import Event
from tandem.service import Work


async def take_answer(event: Event, work: Work) -> None:
    """Move the Task to the status that was answered, by way of those between; an answer that comes too late is left."""
    answer = event.data or {}
    task = await work.read("Task", answer["task"])
    if task is None:
        return
    for status in _way(str(task["status"]), answer["status"]):
        task = {**task, "status": status, "lastModified": to_instant(event.time)}
        if status == "rejected":
            task["statusReason"] = answer["reason"]
        task = await work.put(task)


def _way(held: str, wanted: str) -> list[str]:
    """The statuses to go through: who answers by message says accepted and completed, and nothing between."""
    if held == wanted:
        return []
    if may_follow(held, wanted):
        return [wanted]
    for between in ("accepted", "in-progress"):
        if between != held and may_follow(held, between):
            rest = _way(between, wanted)
            if rest:
                return [between, *rest]
    return []
