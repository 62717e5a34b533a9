"""What follows when cohort-service says that a person came to live in a care home, or left it."""

from __future__ import annotations

from careplan_service.clock_rows import close_clocks, start_clocks, stop_clocks, tell_breach
from careplan_service.domain.plan_clocks import AGREED, admission
from careplan_service.domain.shared_plan import plan_for_residency
from tandem.clock import from_micros
from tandem.events.event import Event
from tandem.ids import deterministic_id
from tandem.service import Work

_COHORT = "care-home-residents"


async def open_plan(event: Event, work: Work) -> None:
    """A resident has one shared plan: the one that is open, else a new draft; and its clocks run from admission."""
    data = event.data or {}
    if data.get("cohort") != _COHORT or event.patient is None:
        return
    residency, revision = str(data["residency"]), int(data["revision"])
    known = await work.connection.fetchrow("SELECT plan, revision FROM residency WHERE id = $1", residency)
    if known is not None and known["revision"] >= revision:
        return
    plan = known["plan"] if known is not None else await _plan(event, work, residency)
    await work.connection.execute(
        "INSERT INTO residency (id, patient, plan, revision) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET revision = excluded.revision",
        residency, event.patient, plan, revision,
    )  # fmt: skip
    await start_clocks(work, residency, revision, event.patient, plan, admission(str(data["since"])))
    agreed = await work.connection.fetchval(
        "SELECT agreed FROM shared_plan WHERE patient = $1 AND status = 'active'", event.patient
    )
    if agreed is not None:
        # The plan may have been agreed after the admission and before the record of the admission came here.
        await stop_clocks(work, event.patient, AGREED.kind, from_micros(agreed))


async def end_residency(event: Event, work: Work) -> None:
    """The stay is over: its clocks are closed, and the plan is left as it is."""
    data = event.data or {}
    if data.get("cohort") != _COHORT or event.patient is None:
        return
    residency, revision = str(data["residency"]), int(data["revision"])
    # Kept also when the entering was not heard of yet, so that it opens nothing when it comes late.
    changed = await work.connection.execute(
        "INSERT INTO residency (id, patient, plan, revision) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET revision = excluded.revision WHERE residency.revision < excluded.revision",
        residency, event.patient, _plan_id(residency), revision,
    )  # fmt: skip
    if changed:
        await close_clocks(work, residency, work.now)


async def clock_fell_due(event: Event, work: Work) -> None:
    """A clock that was not stopped by its due time is breached."""
    data = event.data or {}
    await tell_breach(work, str(data["residency"]), str(data["kind"]))


async def _plan(event: Event, work: Work, residency: str) -> str:
    data, patient = event.data or {}, str(event.patient)
    held: str | None = await work.connection.fetchval(
        "SELECT id FROM shared_plan WHERE patient = $1 AND status IN ('draft', 'active', 'on-hold')"
        " ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'on-hold' THEN 1 ELSE 2 END, id LIMIT 1",
        patient,
    )
    if held is not None:
        return held
    identity = _plan_id(residency)
    await work.put(plan_for_residency(identity, patient, str(data["since"]), data.get("evidence") or [], work.now))
    return identity


def _plan_id(residency: str) -> str:
    return deterministic_id("CarePlan", residency)
