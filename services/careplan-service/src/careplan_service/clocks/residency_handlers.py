"""What follows when cohort-service says who is on a list, and who no longer: a plan for a resident, and clocks."""

from __future__ import annotations

from careplan_service.clocks.fact_rows import open_plan_of
from careplan_service.clocks.keep_clocks import keep_clocks
from careplan_service.clocks.shipped_policies import followed_lists
from careplan_service.domain.shared_plan import plan_for_residency
from tandem.events.event import Event
from tandem.ids import deterministic_id
from tandem.service import Work

_COHORT = "care-home-residents"


async def list_changed(event: Event, work: Work) -> None:
    """Open a plan for a resident who has none, and start, move or close the clocks of the list.

    The memberships themselves were kept before, in the same transaction (`tandem.cohort_membership`).
    """
    data = event.data or {}
    if data.get("cohort") not in followed_lists() or event.patient is None:
        return
    if data["cohort"] == _COHORT and event.kind == "tandem.cohort.entered":
        await _open_plan(event, work, str(data["residency"]), int(data["revision"]))
    await keep_clocks(work, event.patient, f"{event.kind}/{data['residency']}/{data['revision']}")


async def _open_plan(event: Event, work: Work, residency: str, revision: int) -> None:
    """A resident has one shared plan: the one that is open, else a new draft. A stay that is over opens none."""
    over = await work.connection.fetchval("SELECT until FROM cohort_member WHERE residency = $1", residency)
    known = await work.connection.fetchval("SELECT plan FROM residency WHERE id = $1", residency)
    if over is not None or known is not None:
        return
    plan = await open_plan_of(work.connection, str(event.patient)) or await _draft(event, work, residency)
    await work.connection.execute(
        "INSERT INTO residency (id, patient, plan, revision) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        residency, event.patient, plan, revision,
    )  # fmt: skip


async def _draft(event: Event, work: Work, residency: str) -> str:
    data, identity = event.data or {}, deterministic_id("CarePlan", residency)
    since, evidence = str(data["since"]), data.get("evidence") or []
    await work.put(plan_for_residency(identity, str(event.patient), since, evidence, work.now))
    return identity
