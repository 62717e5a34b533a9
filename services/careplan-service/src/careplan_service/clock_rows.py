"""The rows of plan clocks, and what is said when one starts, stops or is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from careplan_service.domain.plan_clocks import RESIDENT_POLICIES, Clock, Policy, starts
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Row
from tandem.service import Work

STARTED = "tandem.clock.started"
STOPPED = "tandem.clock.stopped"
BREACHED = "tandem.clock.breached"
CLOSED = "tandem.clock.closed"
DUE = "careplan.clock.due"
"""The timed event of a clock that falls due; nobody outside hears of it."""


def clock_of(row: Row) -> Clock:
    """The clock of a row."""
    stopped, closed = (from_micros(row[name]) if row[name] is not None else None for name in ("stopped", "closed"))
    return Clock(
        row["plan"], row["kind"], row["policy"], from_micros(row["starts"]), from_micros(row["due"]), stopped, closed
    )


async def start_clocks(work: Work, residency: str, revision: int, patient: str, plan: str, admitted: date) -> None:
    """Start the clocks of a stay, or move them when the day of admission is now known to be another.

    `revision` orders what is known of the stay.
    """
    for policy in RESIDENT_POLICIES:
        await _start(work, residency, revision, patient, plan, admitted, policy)


async def _start(
    work: Work, residency: str, revision: int, patient: str, plan: str, admitted: date, policy: Policy
) -> None:
    begins, due = starts(admitted), policy.due(admitted)
    await work.connection.execute(
        "INSERT INTO plan_clock (residency, kind, plan, patient, policy, starts, due)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (residency, kind) DO UPDATE SET"
        " starts = excluded.starts, due = excluded.due, policy = excluded.policy, closed = NULL",
        residency, policy.kind, plan, patient, policy.name, to_micros(begins), to_micros(due),
    )  # fmt: skip
    await work.schedule(DUE, f"{residency}/{policy.kind}", due, {"residency": residency, "kind": policy.kind})
    data = {
        "plan": f"CarePlan/{plan}", "kind": policy.kind, "policy": policy.name, "residency": residency,
        "revision": revision, "starts": to_instant(begins), "due": to_instant(due),
    }  # fmt: skip
    # Keyed by revision and not by the day: an admission may be moved, and moved back.
    await work.emit(STARTED, data, key=f"{residency}/{policy.kind}/{revision}", patient=patient)


async def stop_clocks(work: Work, patient: str, kind: str, at: datetime) -> None:
    """Stop the person's clocks of a kind that have begun and still run; `at` is when what they ask for was done."""
    rows = await work.connection.fetch(
        "SELECT * FROM plan_clock WHERE patient = $1 AND kind = $2 AND starts <= $3 AND stopped IS NULL"
        " AND closed IS NULL", patient, kind, to_micros(at),
    )  # fmt: skip
    for row in rows:
        await work.connection.execute(
            "UPDATE plan_clock SET stopped = $3 WHERE residency = $1 AND kind = $2",
            row["residency"], kind, to_micros(at),
        )  # fmt: skip
        await work.unschedule(DUE, f"{row['residency']}/{kind}")
        await _say(work, STOPPED, row, {"stopped": to_instant(at)})


async def close_clocks(work: Work, residency: str, at: datetime) -> None:
    """Close what still runs for a stay that is over."""
    rows = await work.connection.fetch(
        "SELECT * FROM plan_clock WHERE residency = $1 AND stopped IS NULL AND closed IS NULL", residency
    )
    for row in rows:
        await work.connection.execute(
            "UPDATE plan_clock SET closed = $3 WHERE residency = $1 AND kind = $2",
            residency, row["kind"], to_micros(at),
        )  # fmt: skip
        await work.unschedule(DUE, f"{residency}/{row['kind']}")
        await _say(work, CLOSED, row, {"closed": to_instant(at)})


async def tell_breach(work: Work, residency: str, kind: str) -> None:
    """Say that a clock was not stopped in time, unless it was, or has moved since."""
    rows: Sequence[Row] = await work.connection.fetch(
        "SELECT * FROM plan_clock WHERE residency = $1 AND kind = $2 AND due <= $3 AND stopped IS NULL"
        " AND closed IS NULL", residency, kind, to_micros(work.now),
    )  # fmt: skip
    for row in rows:
        await _say(work, BREACHED, row, {})


async def _say(work: Work, kind: str, row: Row, more: dict[str, str]) -> None:
    due = to_instant(from_micros(row["due"]))
    data = {
        "plan": f"CarePlan/{row['plan']}", "kind": row["kind"], "policy": row["policy"],
        "residency": row["residency"], "due": due, **more,
    }  # fmt: skip
    await work.emit(kind, data, key=f"{row['residency']}/{row['kind']}/{due}", patient=row["patient"])
