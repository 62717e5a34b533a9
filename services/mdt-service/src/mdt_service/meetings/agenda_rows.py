"""The rows of agendas: items, the actions that came out of them, and why somebody should be discussed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mdt_service.domain.meetings.meeting_transitions import HELD, PLANNED, UNDER_WAY
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of a meeting's agenda."""

    task: str
    appointment: str
    patient: str | None
    status: str


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action that came out of a meeting; days are numbers, `closed_day` None as long as it is open."""

    task: str
    appointment: str
    item: str | None
    patient: str | None
    owner: str
    status: str
    due_day: int
    closed_day: int | None


async def keep_item(connection: Connection, row: ItemRow) -> None:
    """Keep what an agenda item says now."""
    await connection.execute(
        "INSERT INTO agenda_item (task, appointment, patient, status) VALUES ($1, $2, $3, $4) ON CONFLICT (task)"
        " DO UPDATE SET appointment = excluded.appointment, patient = excluded.patient, status = excluded.status",
        row.task, row.appointment, row.patient, row.status,
    )  # fmt: skip


async def item_row(connection: Connection, task: str | None) -> ItemRow | None:
    """The item of a Task's id."""
    row = await connection.fetchrow("SELECT * FROM agenda_item WHERE task = $1", task)
    return _item(row) if row is not None else None


async def items_of(connection: Connection, appointment: str) -> list[ItemRow]:
    """All items of a meeting, whoever may see them."""
    rows = await connection.fetch("SELECT * FROM agenda_item WHERE appointment = $1 ORDER BY task", appointment)
    return [_item(row) for row in rows]


async def keep_action(connection: Connection, row: ActionRow) -> None:
    """Keep what an action says now."""
    await connection.execute(
        "INSERT INTO meeting_action (task, appointment, item, patient, owner, status, due_day, closed_day)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (task) DO UPDATE SET owner = excluded.owner,"
        " status = excluded.status, due_day = excluded.due_day, closed_day = excluded.closed_day",
        row.task, row.appointment, row.item, row.patient, row.owner, row.status, row.due_day, row.closed_day,
    )  # fmt: skip


async def forget(connection: Connection, task: str) -> None:
    """The Task is no item, action or chase any more."""
    for table in ("agenda_item", "meeting_action", "action_chase"):
        await connection.execute(f"DELETE FROM {table} WHERE task = $1", task)


async def action_row(connection: Connection, task: str) -> ActionRow | None:
    """The action of a Task's id."""
    row = await connection.fetchrow("SELECT * FROM meeting_action WHERE task = $1", task)
    return action_of(row) if row is not None else None


async def actions_of(connection: Connection, appointment: str) -> list[ActionRow]:
    """All actions of a meeting, by the day they are due."""
    rows = await connection.fetch(
        "SELECT * FROM meeting_action WHERE appointment = $1 ORDER BY due_day, task", appointment
    )
    return [action_of(row) for row in rows]


def action_of(row: Row) -> ActionRow:
    """An action as the table keeps it."""
    return ActionRow(
        row["task"], row["appointment"], row["item"], row["patient"], row["owner"], row["status"], row["due_day"],
        row["closed_day"],
    )  # fmt: skip


async def keep_chase(connection: Connection, task: str, action: str, day: int) -> None:
    """An action was chased by a Task on a day (a number); the first day stays."""
    await connection.execute(
        "INSERT INTO action_chase (task, action, day) VALUES ($1, $2, $3) ON CONFLICT (task) DO NOTHING",
        task, action, day,
    )  # fmt: skip


async def chases_of(connection: Connection, action: str) -> list[Row]:
    """When an action was chased, and by which Task."""
    rows = await connection.fetch("SELECT task, day FROM action_chase WHERE action = $1 ORDER BY day, task", action)
    return list(rows)


async def keep_reason(
    connection: Connection, source: str, patient: str, code: str, text: str, since: int, *, holds: bool,
    revision: int = 0,
) -> None:  # fmt: skip
    """Keep why somebody should be discussed, or that it holds no more; an older revision changes nothing."""
    await connection.execute(
        "INSERT INTO agenda_reason (source, patient, code, text, since, revision, holds)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source) DO UPDATE SET patient = excluded.patient,"
        " text = excluded.text, since = excluded.since, revision = excluded.revision, holds = excluded.holds"
        " WHERE agenda_reason.revision <= excluded.revision",
        source, patient, code, text, since, revision, int(holds),
    )  # fmt: skip


async def forget_reason(connection: Connection, source: str) -> None:
    """What gave the reason is gone."""
    await connection.execute("DELETE FROM agenda_reason WHERE source = $1", source)


async def reasons_of(connection: Connection, patients: Collection[str]) -> list[Row]:
    """The reasons that hold for these people, oldest first."""
    if not patients:
        return []
    condition, values = among(connection.dialect, "patient", 1, sorted(patients))
    return list(
        await connection.fetch(
            f"SELECT * FROM agenda_reason WHERE holds = 1 AND {condition} ORDER BY since, source", *values
        )
    )


async def discussed_by(connection: Connection, team: str) -> dict[str, Row]:
    """Patient.id -> `appointment`, `starts`, `day`, `task` of a team's last held meeting that did."""
    rows = await connection.fetch(
        "SELECT i.patient, i.task, m.appointment, m.starts, m.day FROM agenda_item i JOIN meeting m"
        " ON m.appointment = i.appointment WHERE m.team = $1 AND m.status = $2 AND i.status = 'completed'"
        " AND i.patient IS NOT NULL ORDER BY m.starts, i.task", team, HELD,
    )  # fmt: skip
    return {row["patient"]: row for row in rows}


async def waiting_for(connection: Connection, team: str, now: int, besides: str) -> set[str]:
    """Who is on the agenda of another meeting of the team that is still to come, and was not discussed."""
    states, values = among(connection.dialect, "m.status", 4, (*PLANNED, UNDER_WAY))
    params: list[Any] = [team, now, besides, *values]
    rows = await connection.fetch(
        "SELECT DISTINCT i.patient FROM agenda_item i JOIN meeting m ON m.appointment = i.appointment"
        f" WHERE m.team = $1 AND m.ends > $2 AND m.appointment <> $3 AND {states} AND i.patient IS NOT NULL"
        " AND i.status NOT IN ('cancelled', 'rejected', 'failed', 'entered-in-error')", *params,
    )  # fmt: skip
    return {row["patient"] for row in rows}


def _item(row: Row) -> ItemRow:
    return ItemRow(row["task"], row["appointment"], row["patient"], row["status"])
