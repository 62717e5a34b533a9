"""Tasks that assign parts of an assessment, kept as mdt-service tells them."""

from __future__ import annotations

from careplan_service.domain.assessments.assigned_part import sections_assigned, whole_assigned
from tandem.events.event import Event
from tandem.fhir.body import encode
from tandem.service import Work


async def keep_assignment(event: Event, work: Work) -> None:
    """Keep who is to assess what. Only from an organisation with access to the person."""
    if event.data is None:
        await work.connection.execute("DELETE FROM assessment_assignment WHERE task = $1", event.resource_id)
        return
    whole = whole_assigned(event.data)
    if whole is None or event.patient is None or not event.granted:
        return
    task = event.data
    await work.connection.execute(
        "INSERT INTO assessment_assignment (task, whole, patient, owner, sections, status)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (task) DO UPDATE SET whole = excluded.whole,"
        " patient = excluded.patient, owner = excluded.owner, sections = excluded.sections, status = excluded.status",
        event.resource_id, whole, event.patient, encode(task.get("owner") or {}).decode(),
        encode(sections_assigned(task)).decode(), str(task.get("status")),
    )  # fmt: skip
