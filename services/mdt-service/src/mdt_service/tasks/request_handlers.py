"""What follows when another service asks for a Task, or withdraws what it asked for."""

from __future__ import annotations

from mdt_service.domain.requested_task import WITHDRAWN, requested_task, withdrawn
from tandem.events.event import Event
from tandem.service import Work


async def create_requested_task(event: Event, work: Work) -> None:
    """Create the Task under the id that was asked for, once, unless the request was withdrawn meanwhile."""
    asked = event.data or {}
    if event.patient is None:
        return
    await work.connection.execute(
        "INSERT INTO fulfilment (request, task) VALUES ($1, $2)"
        " ON CONFLICT (request) DO UPDATE SET task = excluded.task",
        asked["request"], asked["task"],
    )  # fmt: skip
    gone = await work.connection.fetchval("SELECT withdrawn FROM fulfilment WHERE request = $1", asked["request"])
    if not gone and await work.read("Task", asked["task"]) is None:
        await work.put(requested_task(asked, event.patient))


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
