"""What a write of a CarePlan or Goal changes besides itself, in the same transaction."""

from __future__ import annotations

from careplan_service.domain.plan_agreement import SECOND_PLAN, is_expressed_by_person, is_personal_goal
from careplan_service.domain.shared_plan import is_shared_plan, is_untouched
from careplan_service.plans.activity_handlers import show_waiting_activities
from careplan_service.plans.plan_rules import check_agreement, check_closing, check_goal_dates, check_plan_dates
from careplan_service.plans.standing import Standing, told_of
from tandem.clock import to_instant, to_micros
from tandem.database.connection import UniqueViolation
from tandem.fhir.outcome import FhirError, Kind
from tandem.service import Change, Work

AGREED_PLAN = "tandem.plan.agreed"


async def keep_plan(change: Change, work: Work) -> None:
    """Keep where the shared plan stands, and hold it to its agreement.

    Raises FhirError 422 for a plan that is made active without what it is agreed with or beside another active one, for
    one that is closed with open actions, and for a date outside the person's life.
    """
    if not is_shared_plan(change.after) and not is_shared_plan(change.before):
        return
    if change.after is None or change.patient is None or not is_shared_plan(change.after):
        await check_closing(change, work)
        await work.connection.execute("DELETE FROM shared_plan WHERE id = $1", change.id)
        return
    active = change.after.get("status") == "active"
    # A draft of ours begins when the stay does, whatever is known of the person.
    if change.action != "create" or change.caller.service is None:
        await check_plan_dates(change, work)
    await check_closing(change, work)
    if active and (change.before or {}).get("status") != "active":
        await _say_agreed(change, work, await check_agreement(change, work))
    await _keep_row(change, work, active)
    if active and change.caller.service is None:
        await _withdraw_empty_drafts(change, work)


async def keep_goal(change: Change, work: Work) -> None:
    """Keep which goals a person has, and whether the person or a carer expressed them."""
    goal = change.after
    if goal is None or change.patient is None or not is_personal_goal(goal):
        await work.connection.execute("DELETE FROM personal_goal WHERE id = $1", change.id)
        return
    await check_goal_dates(change, work)
    await work.connection.execute(
        "INSERT INTO personal_goal (id, patient, expressed) VALUES ($1, $2, $3)"
        " ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, expressed = excluded.expressed",
        change.id, change.patient, int(is_expressed_by_person(goal)),
    )  # fmt: skip


async def show_activities(change: Change, work: Work) -> None:
    """Work that was based on this plan before the plan came here is shown on it."""
    if change.action == "create":
        await show_waiting_activities(work, change.id, change.patient)


async def _say_agreed(change: Change, work: Work, standing: Standing) -> None:
    assert change.after is not None
    data = {
        "plan": f"CarePlan/{change.id}", "at": to_instant(change.now), **told_of(standing),
        "programmes": sorted(standing.activation.programmes),
    }  # fmt: skip
    key = f"{change.id}/{change.after['meta']['versionId']}"
    await work.emit(AGREED_PLAN, data, key=key, patient=change.patient)


async def _keep_row(change: Change, work: Work, active: bool) -> None:
    assert change.after is not None
    agreed = to_micros(change.now) if active and change.caller.service is None else None
    try:
        await work.connection.execute(
            "INSERT INTO shared_plan (id, patient, status, agreed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE"
            " SET patient = excluded.patient, status = excluded.status,"
            " agreed = COALESCE(excluded.agreed, shared_plan.agreed)",
            change.id, change.patient, str(change.after.get("status")), agreed,
        )  # fmt: skip
    except UniqueViolation:
        # Two plans agreed at once: the look before the write saw neither, the index sees both.
        raise FhirError(Kind.BUSINESS_RULE, issues=[SECOND_PLAN]) from None


async def _withdraw_empty_drafts(change: Change, work: Work) -> None:
    """A draft opened here that nobody used gives way to the plan that the organisation agreed in its place."""
    rows = await work.connection.fetch(
        "SELECT DISTINCT p.id FROM shared_plan p JOIN residency r ON r.plan = p.id"
        " WHERE p.patient = $1 AND p.status = 'draft' AND p.id <> $2", change.patient, change.id,
    )  # fmt: skip
    for row in rows:
        draft = await work.read("CarePlan", row["id"])
        if draft is not None and is_untouched(draft):
            await work.put({**draft, "status": "revoked"})
            sql = "UPDATE residency SET plan = $1 WHERE plan = $2"
            await work.connection.execute(sql, change.id, row["id"])
