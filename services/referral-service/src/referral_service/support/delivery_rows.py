"""The deliveries of regular support as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from referral_service.domain.loop_state import ENDS
from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Delivery:
    """As the table `support_delivery` has it; times in microseconds."""

    task: str
    request: str
    place: str
    due: int
    task_status: str | None
    task_version: int
    ended: int | None
    reason: str | None

    @property
    def is_open(self) -> bool:
        """Whether its Task is still to be done."""
        return self.task_status not in ENDS


_COLUMNS = "task, request, place, due, task_status, task_version, ended, reason"


async def deliveries_of(connection: Connection, request: str) -> Sequence[Delivery]:
    """What was asked for of one request, in the order of its days."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM support_delivery WHERE request = $1 ORDER BY due, place", request
    )
    return [Delivery(*(row[name] for name in _COLUMNS.split(", "))) for row in rows]


async def request_of_delivery(connection: Connection, task: str) -> str | None:
    """The request whose delivery a Task is."""
    found: str | None = await connection.fetchval("SELECT request FROM support_delivery WHERE task = $1", task)
    return found


async def keep_delivery(connection: Connection, task: str, request: str, place: str, due: int) -> None:
    """Keep that a delivery was asked for."""
    await connection.execute(
        "INSERT INTO support_delivery (task, request, place, due, task_version) VALUES ($1, $2, $3, $4, 0)"
        " ON CONFLICT DO NOTHING", task, request, place, due,
    )  # fmt: skip


async def note_delivery(
    connection: Connection, task: str, status: str, version: int, at: int, reason: str | None
) -> None:  # fmt: skip
    """Keep what the Task of a delivery says now, unless a newer version was heard of."""
    ended = at if status in ENDS else None
    await connection.execute(
        "UPDATE support_delivery SET task_status = $2, task_version = $3, ended = $4, reason = $5"
        " WHERE task = $1 AND task_version <= $3", task, status, version, ended, reason,
    )  # fmt: skip
