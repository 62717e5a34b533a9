"""The rest of an erasure: what else in the log names the person, a range of it at a time.

An erasure takes the person's own records at once. Events about them that are no version of a record, and records of
others that name them, can stand anywhere in a log of any length: a timed event goes through it, each step in a
transaction of its own that also keeps how far it came, so that a process that is killed loses one step. The row of the
timed event is the only one that still says who it was, and goes with the last step.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.due import schedule
from tandem.events.lease import hold_off
from tandem.events.relay import LEASE
from tandem.fhir.body import decode
from tandem.retention.log_entries import forget_entries
from tandem.retention.log_heads import lower_heads
from tandem.retention.naming_rows import naming
from tandem.retention.redaction import Traces, redacted

SWEEP: Final = "tandem.erasure.sweep"
SPAN: Final = 20_000
"""So many numbers of rows of the log are looked at in a step."""
_BEFORE: Final = timedelta(minutes=1)
_STEP: Final = timedelta(microseconds=1)


async def begin_sweep(
    connection: Connection, digest: str, traces: Traces, rows: dict[str, int], now: datetime, *, told: bool
) -> None:
    """Have the log gone through; `rows` is what the erasure has taken already, `told` whether a finished one said so.

    One that is under way begins anew. It still knows by what the person was named, which is nowhere else by then, and
    what it has counted.
    """
    numbers, counted = set(traces.numbers), None if told else dict(rows)
    if (said := await _payload(connection, digest)) is not None:
        numbers |= set(said["numbers"])
        counted = None if said["rows"] is None else dict(Counter(said["rows"]) + Counter(rows))
    await schedule(connection, SWEEP, digest, now - _BEFORE, {
        "patient": traces.patient, "numbers": sorted(numbers), "after": 0, "rows": counted,
    })  # fmt: skip


async def sweep_step(connection: Connection, digest: str, at: datetime, data: dict[str, Any]) -> bool:
    """Do the step that fell due `at`, and have the next one fall due; answers whether it was the last. `data["rows"]`
    counts on. A step that was retried after the next had been scheduled has no effect: its data is old.

    The next step is later, or it would count as done, and still past.
    """
    if await _due_at(connection, digest) != to_micros(at):
        return False
    changed, after = await sweep_range(connection, Traces(data["patient"], tuple(data["numbers"])), data["after"])
    if changed and data["rows"] is not None:
        data["rows"]["log"] = data["rows"].get("log", 0) + changed
    if after is None:
        await connection.execute("DELETE FROM due WHERE kind = $1 AND key = $2", SWEEP, digest)
        return True
    await schedule(connection, SWEEP, digest, at + _STEP, {**data, "after": after})
    return False


async def sweep_range(connection: Connection, traces: Traces, after: int) -> tuple[int, int | None]:
    """Take the person out of the rows of the log behind number `after`: how many went or were changed, and up to which
    number; None at the end of the log, once the heads of kinds are right too."""
    upto = after + SPAN
    theirs = await connection.fetch(
        "SELECT id FROM log WHERE id > $1 AND id <= $2 AND patient = $3", after, upto, traces.patient
    )
    if theirs:
        # Who gives positions must not have given one to a row that goes, or moved the head of its kind, unseen.
        await hold_off(connection, LEASE)
    changed = await forget_entries(connection, [row["id"] for row in theirs])
    for row in await naming(connection, "log", ("id", "body"), "body", traces, within=(after, upto)):
        body = redacted(row["body"], traces)
        if body is not None:
            changed += await connection.execute("UPDATE log SET body = $1 WHERE id = $2", body, row["id"])
    settled = await lower_heads(connection)
    following = await connection.fetchval("SELECT MIN(id) FROM log WHERE id > $1", upto)
    if following is not None:
        return changed, following - 1
    return changed, None if settled else upto


async def go_on(connection: Connection, digest: str, now: datetime) -> None:
    """Have the step fall due again that fell due and was lost: a process of a release without it may have taken it."""
    lost = await connection.fetchval(
        "SELECT payload FROM due WHERE kind = $1 AND key = $2 AND fired_at IS NOT NULL", SWEEP, digest
    )
    if lost is not None:
        await schedule(connection, SWEEP, digest, now - _BEFORE, decode(lost))


async def is_sweeping(connection: Connection, digest: str) -> bool:
    """Whether the log is still being gone through for this person."""
    return await _due_at(connection, digest) is not None


async def _due_at(connection: Connection, digest: str) -> int | None:
    at: int | None = await connection.fetchval("SELECT at FROM due WHERE kind = $1 AND key = $2", SWEEP, digest)
    return at


async def _payload(connection: Connection, digest: str) -> dict[str, Any] | None:
    found = await connection.fetchval("SELECT payload FROM due WHERE kind = $1 AND key = $2", SWEEP, digest)
    return None if found is None else decode(found)
