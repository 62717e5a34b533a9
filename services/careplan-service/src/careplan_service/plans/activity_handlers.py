"""Tasks and ServiceRequests based on a plan, shown on the plan."""

from __future__ import annotations

from careplan_service.domain.plan_activities import activity_named, with_activity, with_statuses_of_requests
from careplan_service.domain.plans.goal_activities import work_towards
from careplan_service.plans.activity_rows import forget_activity, keep_activity
from tandem.clock import from_micros, to_micros
from tandem.events.event import Event
from tandem.fhir.literal_reference import target_ids
from tandem.service import Work


async def show_on_plan(event: Event, work: Work) -> None:
    """Put the work and its progress on the plan that it says it is based on.

    Only when it was written by an organisation with access to the person, and is about the person of the plan. The
    plan gets a new version, so who holds an older one reads it again before writing. Work that was moved to another
    plan, or deleted, is no open action of this one; what the plan shows of it stays.
    """
    data, reference = event.data, f"{event.type}/{event.resource_id}"
    if data is None:
        await forget_activity(work.connection, reference, [])
        return
    if event.patient is None or not event.granted:
        return
    plans = target_ids(data.get("basedOn"), "CarePlan")
    await forget_activity(work.connection, reference, plans)
    for plan in plans:
        shown = work_towards(data, reference)
        await keep_activity(work.connection, plan, event.patient, shown, to_micros(event.time))
        await show_waiting_activities(work, plan, await _patient_of(work, plan), reference, activity_named(data))


async def show_waiting_activities(
    work: Work, plan: str, patient: str | None, only: str | None = None, activity: str | None = None
) -> None:  # fmt: skip
    """Show on the plan what is known to be based on it: all of it, or only one reference, with the activity of the plan
    that it was asked for of."""
    rows = await work.connection.fetch(
        "SELECT reference, status, at FROM plan_activity WHERE plan = $1 AND patient = $2 ORDER BY at, reference",
        plan, patient or "",
    )  # fmt: skip
    held = await work.read("CarePlan", plan) if rows else None
    if held is None:
        return
    shown = held
    for row in rows:
        if only is None or row["reference"] == only:
            shown = with_activity(shown, row["reference"], row["status"], from_micros(row["at"]), activity)
    shown = with_statuses_of_requests(shown, {row["reference"]: row["status"] for row in rows})
    if shown != held:
        await work.put(shown)


async def _patient_of(work: Work, plan: str) -> str | None:
    sql = "SELECT patient FROM resource WHERE type = 'CarePlan' AND id = $1 AND deleted = 0"
    patient: str | None = await work.connection.fetchval(sql, plan)
    return patient
