"""The rows of clocks: brought in step with what follows from the facts, and what is said of each change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from careplan_service.clocks.clock_events import say
from careplan_service.domain.clocks.clock import Clock
from tandem.clock import from_micros, micros_if_known, moment_if_known, to_instant, to_micros
from tandem.clocks.event_kinds import BREACH_WITHDRAWN, CLOSED, STARTED, STOPPED
from tandem.database.connection import Row
from tandem.database.places import placed
from tandem.identity.periods import FOREVER
from tandem.service import Work

DUE = "careplan.clock.due"
"""The timed event of a clock: first its warning, then its due time. Nobody outside hears of it."""

_WRITE = """INSERT INTO plan_clock (cause, kind, plan, patient, policy, starts, due, warn, stopped, closed, settled,
  first, revision, warned, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (cause, kind) DO UPDATE SET plan = excluded.plan, patient = excluded.patient, policy = excluded.policy,
  starts = excluded.starts, due = excluded.due, warn = excluded.warn, stopped = excluded.stopped,
  closed = excluded.closed, settled = excluded.settled, first = excluded.first, revision = excluded.revision,
  warned = excluded.warned, told = excluded.told"""


@dataclass(frozen=True, slots=True)
class Held:
    """A clock as it is kept: how often it changed, and the due times of which warning and breach were told."""

    clock: Clock
    patient: str
    revision: int
    warned: datetime | None = None
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    before: Held | None
    after: Held


async def bring_in_step(work: Work, patient: str, wanted: Mapping[tuple[str, str], Clock]) -> None:
    """Make the person's clocks these. A clock that is no longer wanted is closed where it starts."""
    held = {(each.clock.cause, each.clock.kind): each for each in await _held(work, patient, wanted)}
    gone = {key: withdrawn(each.clock) for key, each in held.items() if key not in wanted and each.patient == patient}
    changes = [
        change for key, clock in sorted({**wanted, **gone}.items())
        if (change := _change(held.get(key), clock, patient)) is not None
    ]  # fmt: skip
    # Timers before rows, as when a timer fires: so that nobody waits for the other in a circle.
    for change in changes:
        await _set_timer(work, change)
    if changes:
        await work.connection.executemany(_WRITE, [_values(each.after) for each in changes])
    for change in changes:
        await _tell(work, change)


def held_clock(row: Row) -> Held:
    """The clock of a row."""
    stopped, closed, warned, told = (moment_if_known(row[name]) for name in ("stopped", "closed", "warned", "told"))
    clock = Clock(
        row["cause"], row["kind"], row["policy"], from_micros(row["starts"]), from_micros(row["due"]),
        from_micros(row["warn"]), stopped, closed, row["plan"] or None, bool(row["first"]),
    )  # fmt: skip
    return Held(clock, row["patient"], row["revision"], warned, told)


def withdrawn(clock: Clock) -> Clock:
    """A clock whose cause never was."""
    return replace(clock, stopped=None, closed=clock.starts)


async def _held(work: Work, patient: str, wanted: Mapping[tuple[str, str], Clock]) -> list[Held]:
    # With those that the same causes started for somebody else, when a record is now said to be about this person.
    causes = sorted({cause for cause, _ in wanted})
    params: list[Any] = [patient]
    also = f" OR cause IN ({placed(params, causes)})" if causes else ""
    rows = await work.connection.fetch(f"SELECT * FROM plan_clock WHERE patient = $1{also}", *params)
    return [held_clock(row) for row in rows]


def _change(before: Held | None, clock: Clock, patient: str) -> _Change | None:
    if before is None:
        return _Change(None, Held(clock, patient, 1))
    if clock.plan is None or (clock.settled is not None and before.clock.settled is not None):
        # A clock that has ended stays with the plan that it was about.
        clock = replace(clock, plan=before.clock.plan)
    if clock == before.clock and patient == before.patient:
        return None
    after = Held(clock, patient, before.revision + 1, before.warned, before.told)
    return _Change(before, replace(after, told=None) if _taken_back(after) else after)


def _taken_back(held: Held) -> bool:
    """Whether a breach was told that is none now."""
    return held.told is not None and not (held.clock.due == held.told and held.clock.breached)


async def _set_timer(work: Work, change: _Change) -> None:
    clock, before = change.after.clock, change.before
    key = f"{clock.cause}/{clock.kind}"
    if not clock.breached:
        if before is not None and before.clock.breached:
            await work.unschedule(DUE, key)
        return
    if before is None or not before.clock.breached or before.clock.due != clock.due or before.clock.warn != clock.warn:
        at = clock.warn if clock.due > work.now and change.after.warned != clock.due else clock.due
        data = {"cause": clock.cause, "kind": clock.kind, "patient": change.after.patient}
        await work.schedule(DUE, key, at, data)


async def _tell(work: Work, change: _Change) -> None:
    before, after = change.before, change.after
    old, new = (before.clock if before is not None else None), after.clock
    if before is not None and before.told is not None and after.told is None:
        await say(work, BREACH_WITHDRAWN, after.patient, new, after.revision, due=to_instant(before.told))
    if old is None or (old.starts, old.due) != (new.starts, new.due) or (old.settled and not new.settled):
        await say(work, STARTED, after.patient, new, after.revision)
    if new.stopped is not None and (old is None or (old.stopped, old.due) != (new.stopped, new.due)):
        await say(work, STOPPED, after.patient, new, after.revision)
    if new.closed is not None and (old is None or old.closed != new.closed):
        await say(work, CLOSED, after.patient, new, after.revision)


def _values(held: Held) -> tuple[object, ...]:
    clock = held.clock
    stopped, closed = micros_if_known(clock.stopped), micros_if_known(clock.closed)
    warned, told = micros_if_known(held.warned), micros_if_known(held.told)
    settled = FOREVER if clock.settled is None else to_micros(clock.settled)
    return (
        clock.cause, clock.kind, clock.plan or "", held.patient, clock.policy, to_micros(clock.starts),
        to_micros(clock.due), to_micros(clock.warn), stopped, closed, settled, int(clock.first), held.revision, warned,
        told,
    )  # fmt: skip
