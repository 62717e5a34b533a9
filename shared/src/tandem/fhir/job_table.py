"""The statements of table `job`: long work that is taken under a lease, resumed from its checkpoint, and ends once.

Every statement of a runner names the holder, so that one whose lease has run out changes nothing. Times are real time
in microseconds: a domain clock that stands still must not stop long work.

SQLite writes a whole row anew whenever a value of it changes, and reads through it to what stands behind a long value.
There the megabytes of a load are kept beside the row, in `job_request`; PostgreSQL keeps long values apart by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tandem.database.connection import Connection, Row

State = Literal["queued", "running", "completed", "failed", "cancelled"]
_LONG = 2048
"""From this many bytes on a request is kept beside its row on SQLite."""
ENDED: frozenset[str] = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `done` and `total` count whatever the kind counts; `total` is None while it is not known."""

    id: str
    kind: str
    state: str
    owner: str
    caller: bytes
    request: bytes
    checkpoint: bytes | None
    result: bytes | None
    done: int
    total: int | None
    cancelled: bool


def _job(row: Row, request: bytes) -> Job:
    return Job(
        row["id"], row["kind"], row["state"], row["owner"], row["caller"], request, row["checkpoint"],
        row["result"], row["done"], row["total"], bool(row["cancelled"]),
    )  # fmt: skip


async def insert_job(
    connection: Connection, job_id: str, kind: str, owner: str, caller: bytes, request: bytes, at: int
) -> None:
    """Queue a job."""
    if connection.dialect == "sqlite" and len(request) >= _LONG:
        await connection.execute("INSERT INTO job_request (job, request) VALUES ($1, $2)", job_id, request)
        request = b""
    await connection.execute(
        "INSERT INTO job (id, kind, state, owner, caller, request, created, updated)"
        " VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7)",
        job_id, kind, owner, caller, request, at, at,
    )  # fmt: skip


async def count_unended(connection: Connection, owner: str) -> tuple[int, int]:
    """How many jobs are queued or running, and how many of them are this owner's."""
    row = await connection.fetchrow(
        "SELECT COUNT(*) AS every, COUNT(CASE WHEN owner = $1 THEN 1 END) AS own FROM job"
        " WHERE state IN ('queued', 'running')",
        owner,
    )  # fmt: skip
    return (row["every"], row["own"]) if row is not None else (0, 0)


async def find_job(connection: Connection, job_id: str) -> Job | None:
    """The job of this id, without what was sent, which may be many megabytes."""
    row = await connection.fetchrow(
        "SELECT id, kind, state, owner, caller, checkpoint, result, done, total, cancelled FROM job WHERE id = $1",
        job_id,
    )
    return _job(row, b"") if row is not None else None


async def take_job(connection: Connection, kinds: Sequence[str], holder: str, now: int, until: int) -> Job | None:
    """Take the oldest job of these kinds that is queued and due, or whose holder has let its lease run out."""
    places = ", ".join(f"${number}" for number in range(4, 4 + len(kinds)))
    locked = " FOR UPDATE SKIP LOCKED" if connection.dialect == "postgresql" else ""
    row = await connection.fetchrow(
        "UPDATE job SET state = 'running', holder = $1, until = $2, updated = $3 WHERE id = (SELECT id FROM job"
        f" WHERE kind IN ({places}) AND state IN ('queued', 'running') AND until <= $3"
        f" ORDER BY created, id LIMIT 1{locked}) RETURNING *",
        holder, until, now, *kinds,
    )  # fmt: skip
    return _job(row, row["request"] or await _kept_beside(connection, row["id"])) if row is not None else None


async def _kept_beside(connection: Connection, job_id: str) -> bytes:
    return await connection.fetchval("SELECT request FROM job_request WHERE job = $1", job_id) or b""


async def renew_job(connection: Connection, job_id: str, holder: str, until: int) -> bool | None:
    """Prolong the lease. Answers whether the job was cancelled meanwhile; None when the lease is lost."""
    row = await connection.fetchrow(
        "UPDATE job SET until = $3 WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING cancelled",
        job_id, holder, until,
    )  # fmt: skip
    return bool(row["cancelled"]) if row is not None else None


async def save_checkpoint(
    connection: Connection, job_id: str, holder: str, checkpoint: bytes | None, done: int, total: int | None, now: int,
    until: int,
) -> bool | None:  # fmt: skip
    """Keep how far the job has come, and prolong the lease. Answers as `renew_job` does."""
    row = await connection.fetchrow(
        "UPDATE job SET checkpoint = $3, done = $4, total = $5, updated = $6, until = $7"
        " WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING cancelled",
        job_id, holder, checkpoint, done, total, now, until,
    )  # fmt: skip
    return bool(row["cancelled"]) if row is not None else None


async def end_job(
    connection: Connection, job_id: str, holder: str, state: State, result: bytes | None, now: int
) -> bool:
    """End the job; what was sent is not kept any longer. False when the lease is lost."""
    changed = await connection.execute(
        "UPDATE job SET state = $3, result = $4, updated = $5, request = $6, checkpoint = NULL, holder = NULL,"
        " until = 0 WHERE id = $1 AND holder = $2 AND state = 'running'",
        job_id, holder, state, result, now, b"",
    )  # fmt: skip
    if changed:
        await _drop_request(connection, job_id)
    return changed == 1


async def _drop_request(connection: Connection, job_id: str) -> None:
    await connection.execute("DELETE FROM job_request WHERE job = $1", job_id)


async def give_back(connection: Connection, job_id: str, holder: str, due: int) -> bool:
    """Queue the job again, to be taken at `due` at the earliest. False when the lease is lost."""
    changed = await connection.execute(
        "UPDATE job SET state = 'queued', holder = NULL, until = $3"
        " WHERE id = $1 AND holder = $2 AND state = 'running'",
        job_id, holder, due,
    )  # fmt: skip
    return changed == 1


async def cancel_job(connection: Connection, job_id: str, now: int) -> None:
    """Cancel: at once when nobody works on it or it has ended (its result goes), else its holder is told."""
    ended = await connection.execute(
        "UPDATE job SET cancelled = 1, updated = $2, state = 'cancelled', result = NULL, checkpoint = NULL,"
        " request = $3 WHERE id = $1 AND state <> 'running'",
        job_id, now, b"",
    )  # fmt: skip
    if ended:
        await _drop_request(connection, job_id)
    await connection.execute(
        "UPDATE job SET cancelled = 1, updated = $2 WHERE id = $1 AND state = 'running'", job_id, now
    )


async def forget_ended(connection: Connection, before: int) -> int:
    """Delete jobs that ended before this moment; answers how many."""
    return await connection.execute(
        "DELETE FROM job WHERE state IN ('completed', 'failed', 'cancelled') AND updated < $1", before
    )
