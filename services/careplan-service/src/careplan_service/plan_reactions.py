"""What a write of a CarePlan or Goal changes besides itself, in the same transaction."""

from __future__ import annotations

from careplan_service.activity_handlers import show_waiting_activities
from careplan_service.clock_rows import stop_clocks
from careplan_service.domain.plan_agreement import (
    SECOND_PLAN,
    agreement_faults,
    is_expressed_by_person,
    is_personal_goal,
)
from careplan_service.domain.plan_clocks import AGREED, COMMUNITY_INPUT
from careplan_service.domain.shared_plan import is_shared_plan, is_untouched
from tandem.clock import to_micros
from tandem.database.connection import UniqueViolation
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import PROVIDER
from tandem.identity.reference_rights import kind_of_caller
from tandem.service import Change, Work


async def keep_plan(change: Change, work: Work) -> None:
    """Keep where the shared plan stands, hold it to its agreement, and stop the clock that asks for it.

    Raises FhirError 422 for a plan that is made active without a goal, or beside another active one.
    """
    if not is_shared_plan(change.after) and not is_shared_plan(change.before):
        return
    if change.after is None or change.patient is None or not is_shared_plan(change.after):
        await work.connection.execute("DELETE FROM shared_plan WHERE id = $1", change.id)
        return
    active = change.after.get("status") == "active"
    if active and (change.before or {}).get("status") != "active":
        await _check_agreement(change, work)
    await _keep_row(change, work, active)
    if active and change.caller.service is None:
        await stop_clocks(work, change.patient, AGREED.kind, change.now)
        await _withdraw_empty_drafts(change, work)


async def keep_goal(change: Change, work: Work) -> None:
    """Keep which goals a person has, and whether the person or a carer expressed them."""
    goal = change.after
    if goal is None or change.patient is None or not is_personal_goal(goal):
        await work.connection.execute("DELETE FROM personal_goal WHERE id = $1", change.id)
        return
    await work.connection.execute(
        "INSERT INTO personal_goal (id, patient, expressed) VALUES ($1, $2, $3)"
        " ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, expressed = excluded.expressed",
        change.id, change.patient, int(is_expressed_by_person(goal)),
    )  # fmt: skip


async def count_community_input(change: Change, work: Work) -> None:
    """Whatever a community provider writes towards the plan is its input (EHCH-046)."""
    if change.patient is None or change.after is None or change.caller.service is not None:
        return
    if await kind_of_caller(work.connection, change.caller.organisation) == PROVIDER:
        await stop_clocks(work, change.patient, COMMUNITY_INPUT.kind, change.now)


async def show_activities(change: Change, work: Work) -> None:
    """Work that was based on this plan before the plan came here is shown on it."""
    if change.action == "create":
        await show_waiting_activities(work, change.id, change.patient)


async def _check_agreement(change: Change, work: Work) -> None:
    assert change.after is not None
    goals = await work.connection.fetchval("SELECT COUNT(*) FROM personal_goal WHERE patient = $1", change.patient)
    faults = list(agreement_faults(change.after, goals))
    other = "SELECT 1 FROM shared_plan WHERE patient = $1 AND status = 'active' AND id <> $2"
    if await work.connection.fetchval(other, change.patient, change.id) is not None:
        faults.append(SECOND_PLAN)
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


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
            for table in ("residency", "plan_clock"):
                await work.connection.execute(f"UPDATE {table} SET plan = $1 WHERE plan = $2", change.id, row["id"])
