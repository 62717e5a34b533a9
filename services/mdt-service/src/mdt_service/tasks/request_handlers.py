"""What follows when another service asks for a Task, wants it no more, or withdraws what it asked for."""

from __future__ import annotations

from mdt_service.domain.requested_task import WITHDRAWN, ended, requested_task, withdrawn
from tandem.events.event import Event
from tandem.service import Work


async def create_requested_task(event: Event, work: Work) -> None:
    """Create the Task under the id that was asked for, once, unless it ended meanwhile, or the request it is to fulfil
    was withdrawn.

    A Task of a `kind` of its own goes with the request and does not fulfil it. Whoever asked for it ends it, and may
    ask for one about a request that was withdrawn: what becomes of the person is to be decided (000 §6.2 fn13).
    """
    asked = event.data or {}
    if event.patient is None:
        return
    if not asked.get("kind"):
        await work.connection.execute(
            "INSERT INTO fulfilment (request, task) VALUES ($1, $2)"
            " ON CONFLICT (request) DO UPDATE SET task = excluded.task",
            asked["request"], asked["task"],
        )  # fmt: skip
    gone = await work.connection.fetchval(
        "SELECT 1 FROM fulfilment WHERE request = $1 AND withdrawn = 1 AND $3 = 1"
        " UNION ALL SELECT 1 FROM ended_task WHERE task = $2 LIMIT 1",
        asked["request"], asked["task"], int(not asked.get("kind")),
    )  # fmt: skip
    if not gone and await work.read("Task", asked["task"]) is None:
        await work.put(requested_task(asked, event.patient))


async def end_asked_task(event: Event, work: Work) -> None:
    """Bring a Task that was asked for to its end, unless it has one; one that is not there yet will never be."""
    asked = event.data or {}
    await work.connection.execute(
        "INSERT INTO ended_task (task) VALUES ($1) ON CONFLICT (task) DO NOTHING", asked["task"]
    )
    task = await work.read("Task", asked["task"])
    if task is None:
        return
    for version in ended(task, asked["status"], asked.get("reason"), asked.get("businessStatus")):
        task = await work.put({**version, "meta": task["meta"]})


async def cancel_withdrawn(event: Event, work: Work) -> None:
    """Cancel the Task of a request that was revoked, found to be an error, or deleted, if it has not ended yet."""
    status = (event.data or {}).get("status")
    if not event.granted or (event.data is not None and status not in WITHDRAWN):
        return
    request = f"ServiceRequest/{event.resource_id}"
    await work.connection.execute(
        "INSERT INTO fulfilment (request, withdrawn) VALUES ($1, 1) ON CONFLICT (request) DO UPDATE SET withdrawn = 1",
        request,
    )
    task_id = await work.connection.fetchval("SELECT task FROM fulfilment WHERE request = $1", request)
    task = await work.read("Task", task_id) if task_id is not None else None
    cancelled = withdrawn(task) if task is not None else None
    if cancelled is not None:
        await work.put(cancelled)
