"""Free slots, and whose they are: kept from Slots and Schedules."""

from __future__ import annotations

from mdt_service.domain.appointments.offer import FreeSlot
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.identity.access import visible
from tandem.identity.caller import Caller
from tandem.identity.periods import bounds
from tandem.service import Change, Work

_MOST = 1000


async def keep_slot(change: Change, work: Work) -> None:
    """Keep when a Slot is, and whether it is free."""
    await work.connection.execute("DELETE FROM slot_time WHERE slot = $1", change.id)
    slot = change.after
    if slot is None or not slot.get("start") or not slot.get("end"):
        return
    schedule = next(iter(target_ids([slot.get("schedule") or {}], "Schedule")), "")
    await work.connection.execute(
        "INSERT INTO slot_time (slot, schedule, status, starts, ends) VALUES ($1, $2, $3, $4, $5)",
        change.id, schedule, str(slot.get("status")), bounds(str(slot["start"]))[0], bounds(str(slot["end"]))[0],
    )  # fmt: skip


async def keep_schedule_actors(change: Change, work: Work) -> None:
    """Keep whose Schedule it is."""
    if change.before is not None and (change.after or {}).get("actor") == change.before.get("actor"):
        return
    await work.connection.execute("DELETE FROM schedule_actor WHERE schedule = $1", change.id)
    for actor in sorted({reference for reference in _literals(change.after or {}) if reference}):
        await work.connection.execute(
            "INSERT INTO schedule_actor (schedule, actor) VALUES ($1, $2)", change.id, actor
        )


def _literals(schedule: Resource) -> list[str]:
    return [str(each.get("reference") or "") for each in schedule.get("actor") or ()]


async def free_slots(
    connection: Connection, caller: Caller, after: int, before: int, now: int, registered_only: bool
) -> list[FreeSlot]:
    """The free slots that begin in a time and that the caller may see, 1000 at most, the earliest first."""
    params: list[object] = [after, before]
    seen = visible(caller, "r", params, now, resource_type="Slot", registered_only=registered_only)
    rows = await connection.fetch(
        "SELECT t.slot, t.starts, t.ends, t.schedule FROM slot_time t"
        " JOIN resource r ON r.type = 'Slot' AND r.id = t.slot AND r.deleted = 0"
        f" WHERE t.status = 'free' AND t.starts >= $1 AND t.starts < $2 AND {seen}"
        f" ORDER BY t.starts, t.slot LIMIT {_MOST}", *params,
    )  # fmt: skip
    actors: dict[str, frozenset[str]] = {}
    for schedule in {row["schedule"] for row in rows}:
        held = await connection.fetch("SELECT actor FROM schedule_actor WHERE schedule = $1", schedule)
        actors[schedule] = frozenset(each["actor"] for each in held)
    return [FreeSlot(row["slot"], row["starts"], row["ends"], actors[row["schedule"]]) for row in rows]
