"""The rows of the register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mdt_service.domain.duties.standing import DutyDays
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty as the register keeps it."""

    task: str
    owner: str
    owner_kind: str
    network: str | None
    requirement: str | None
    service: str | None
    text: str
    days: DutyDays


async def keep(connection: Connection, row: DutyRow) -> None:
    """Keep what a Task says now."""
    days = row.days
    await connection.execute(
        "INSERT INTO duty (task, owner, owner_kind, network, requirement, service, text, first_day, due_day, met_day,"
        " until_day, withdrawn_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (task) DO UPDATE SET owner = excluded.owner, owner_kind = excluded.owner_kind,"
        " network = excluded.network, requirement = excluded.requirement, service = excluded.service,"
        " text = excluded.text, first_day = excluded.first_day, due_day = excluded.due_day, met_day = excluded.met_day,"
        " until_day = excluded.until_day, withdrawn_day = excluded.withdrawn_day",
        row.task, row.owner, row.owner_kind, row.network, row.requirement, row.service, row.text, days.first, days.due,
        days.met, days.until, days.withdrawn,
    )  # fmt: skip


async def forget(connection: Connection, task: str) -> None:
    """The Task is no duty any more."""
    await connection.execute("DELETE FROM duty WHERE task = $1", task)


async def duty_row(connection: Connection, task: str) -> DutyRow | None:
    """The row of a Task; None when it is no duty."""
    row = await connection.fetchrow("SELECT * FROM duty WHERE task = $1", task)
    return _read(row) if row is not None else None


async def owed_by(connection: Connection, owners: Collection[str]) -> list[DutyRow]:
    """The duties of organisations, by the day they are due."""
    if not owners:
        return []
    condition, values = among(connection.dialect, "owner", 1, sorted(owners))
    rows = await connection.fetch(
        f"SELECT * FROM duty WHERE {condition} ORDER BY due_day, requirement, owner, network, task", *values
    )
    return [_read(row) for row in rows]


async def take(connection: Connection, task: str) -> bool:
    """Take the id of a duty that is to be given; False when somebody has, or is about to."""
    sql = "INSERT INTO duty_given (task) VALUES ($1) ON CONFLICT (task) DO NOTHING"
    return await connection.execute(sql, task) == 1


async def taken(connection: Connection, tasks: Sequence[str]) -> set[str]:
    """Those of the ids that were taken."""
    if not tasks:
        return set()
    condition, values = among(connection.dialect, "task", 1, tasks)
    rows = await connection.fetch(f"SELECT task FROM duty_given WHERE {condition}", *values)
    return {row["task"] for row in rows}


async def chases(connection: Connection, tasks: Collection[str]) -> dict[str, list[Row]]:
    """Who was asked to chase which duty: the rows of each, by step."""
    if not tasks:
        return {}
    condition, values = among(connection.dialect, "duty", 1, sorted(tasks))
    rows = await connection.fetch(f"SELECT * FROM duty_chase WHERE {condition} ORDER BY duty, step", *values)
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["duty"], []).append(row)
    return found


def _read(row: Row) -> DutyRow:
    return DutyRow(
        row["task"], row["owner"], row["owner_kind"], row["network"], row["requirement"], row["service"], row["text"],
        DutyDays(row["first_day"], row["due_day"], row["met_day"], row["until_day"], row["withdrawn_day"]),
    )  # fmt: skip
