"""How a service takes part in an erasure: it hears of it from cohort-service, carries it out, and says that it did.

Both events know the person by a digest. So they can stay in the logs for ever, and a database that is restored from
before an erasure carries it out again when it reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.retention.erasing import erase
from tandem.retention.log_sweep import SWEEP, begin_sweep, go_on, is_sweeping, sweep_step
from tandem.retention.tombstones import bury, count_removed, digest_of, is_erased
from tandem.service import Listener, Service, Timer, Work

OWNER: Final = "cohort-service"
ORDERED: Final = "tandem.patient.erased"
ANSWERED: Final = "tandem.erasure.answered"
AGAIN: Final = "tandem.erasure.again"
_LATER: Final = timedelta(minutes=15)
"""A request that was under way when a person was erased has long ended by then; what it wrote goes as well."""
_PAGE: Final = 5000


def erasure_listeners(service: Service) -> tuple[Listener, ...]:
    """What a service listens to for erasures; cohort-service orders them itself and has a listener of its own."""
    if service.name == OWNER:
        return ()

    async def on_order(event: Event, work: Work) -> None:
        assert event.data is not None, "an order has data"
        await carry_out(service, event.data["digest"], work)

    return (Listener("erasure", (ORDERED,), on_order),)


def erasure_timers(service: Service) -> tuple[Timer, Timer]:
    """The timer that looks a second time for what was under way during an erasure, and the one that goes through the
    log."""

    async def look_again(event: Event, work: Work) -> None:
        assert event.data is not None, "scheduled below, with data"
        await erase_known(service, event.data["digest"], work)
        await go_on(work.connection, event.data["digest"], work.now)

    async def sweep(event: Event, work: Work) -> None:
        assert event.data is not None, "a step has data"
        digest = str(event.subject)
        if await sweep_step(work.connection, digest, event.time, event.data):
            await _end(service, digest, event.data["rows"], work)

    return Timer(AGAIN, look_again), Timer(SWEEP, sweep)


async def carry_out(service: Service, digest: str, work: Work) -> dict[str, int]:
    """Erase whoever has this digest, leave the tombstone, and have the log gone through: then it is said what went.

    Answers what went at once, by table. Done again it finds nothing, and nothing is said twice.
    """
    at = to_micros(work.now)
    rows = await erase_known(service, digest, work)
    if await bury(work.connection, digest, at, json.dumps(rows, sort_keys=True)):
        await work.schedule(AGAIN, digest, work.now + _LATER, {"digest": digest})
        if not await is_sweeping(work.connection, digest):
            await _end(service, digest, rows, work)
    return rows


async def erase_known(service: Service, digest: str, work: Work) -> dict[str, int]:
    """Erase who is known here by this digest, if anybody is; answers what went at once, by table."""
    rows: dict[str, int] = {}
    for patient in await patients_of(work.connection, digest):
        told = await is_erased(work.connection, patient)
        erased = await erase(work.connection, service, patient)
        rows = erased.rows
        await begin_sweep(work.connection, digest, erased.traces, rows, work.now, told=told)
    return rows


async def _end(service: Service, digest: str, removed: dict[str, int] | None, work: Work) -> None:
    if removed is not None:
        await count_removed(work.connection, digest, json.dumps(removed, sort_keys=True))
    if service.name != OWNER:
        # Said once: again it is the same event.
        await work.emit(ANSWERED, {"digest": digest, "removed": removed or {}}, key=digest)


async def patients_of(connection: Connection, digest: str) -> Sequence[str]:
    """The ids of this digest that are known here: all ids are looked through, a page at a time."""
    found: set[str] = set()
    for table, column in (("patient", "id"), ("resource", "patient")):
        after = ""
        while True:
            sql = f"SELECT DISTINCT {column} AS id FROM {table} WHERE {column} > $1 ORDER BY {column} LIMIT {_PAGE}"
            rows = await connection.fetch(sql, after)
            found |= {row["id"] for row in rows if digest_of(row["id"]) == digest}
            if len(rows) < _PAGE:
                break
            after = rows[-1]["id"]
    return sorted(found)
