"""Tasks and ServiceRequests based on a plan, shown on the plan."""

from __future__ import annotations

from careplan_service.domain.plan_activities import with_activity
from tandem.clock import from_micros, to_micros
from tandem.events.event import Event
from tandem.fhir.literal_reference import target_ids
from tandem.service import Work


async def show_on_plan(event: Event, work: Work) -> None:
    """Put the work and its progress on the plan that it says it is based on.

    Only when it was written by an organisation with access to the person, and is about the person of the plan. The
    plan gets a new version, so who holds an older one reads it again before writing.
    """
    data = event.data
    if data is None or event.patient is None or not event.granted:
        return
    for plan in target_ids(data.get("basedOn"), "CarePlan"):
        reference, status = f"{event.type}/{event.resource_id}", str(data.get("status"))
        await work.connection.execute(
            "INSERT INTO plan_activity (plan, reference, patient, status, at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (plan, reference) DO UPDATE SET patient = excluded.patient, status = excluded.status,"
            " at = excluded.at",
            plan, reference, event.patient, status, to_micros(event.time),
        )  # fmt: skip
        await show_waiting_activities(work, plan, await _patient_of(work, plan), reference)


async def show_waiting_activities(work: Work, plan: str, patient: str | None, only: str | None = None) -> None:
    """Show on the plan what is known to be based on it: all of it, or only one reference."""
    rows = await work.connection.fetch(
        "SELECT reference, status, at FROM plan_activity WHERE plan = $1 AND patient = $2"
        " AND ($3 = '' OR reference = $3) ORDER BY at, reference",
        plan, patient or "", only or "",
    )  # fmt: skip
    held = await work.read("CarePlan", plan) if rows else None
    if held is None:
        return
    shown = held
    for row in rows:
        shown = with_activity(shown, row["reference"], row["status"], from_micros(row["at"]))
    if shown != held:
        await work.put(shown)


async def _patient_of(work: Work, plan: str) -> str | None:
    sql = "SELECT patient FROM resource WHERE type = 'CarePlan' AND id = $1 AND deleted = 0"
    patient: str | None = await work.connection.fetchval(sql, plan)
    return patient
