"""How a service takes part in an erasure: it hears of it from cohort-service, carries it out, and says that it did.

Both events know the person by a digest. So they can stay in the logs for ever, and a database that is restored from
before an erasure carries it out again when it reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.fhir.body import encode
from tandem.ids import deterministic_id
from tandem.retention.erasing import Erased, erase
from tandem.retention.tombstones import bury, digest_of
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


def erasure_timer(service: Service) -> Timer:
    """The timer that looks a second time for what was under way during an erasure."""

    async def on_time(event: Event, work: Work) -> None:
        assert event.data is not None, "scheduled below, with data"
        for patient in await patients_of(work.connection, event.data["digest"]):
            await erase(work.connection, service, patient)

    return Timer(AGAIN, on_time)


async def carry_out(service: Service, digest: str, work: Work) -> Erased:
    """Erase whoever has this digest, leave the tombstone, and say what went. Done again it finds nothing and says so
    once."""
    at = to_micros(work.now)
    if service.name != OWNER:
        # Before the rows of the log go: SQLite would give the number of the last one again.
        await work.emit(ANSWERED, {"digest": digest, "removed": {}}, key=digest)
    rows: dict[str, int] = {}
    for patient in await patients_of(work.connection, digest):
        for table, number in (await erase(work.connection, service, patient)).rows.items():
            rows[table] = rows.get(table, 0) + number
    if await bury(work.connection, digest, at, json.dumps(rows, sort_keys=True)):
        await _say(work.connection, service, {"digest": digest, "removed": rows})
        await work.schedule(AGAIN, digest, work.now + _LATER, {"digest": digest})
    return Erased(rows)


async def _say(connection: Connection, service: Service, data: dict[str, Any]) -> None:
    # The event of this transaction, which nobody has seen yet.
    event_id = deterministic_id(service.name, ANSWERED, data["digest"])
    await connection.execute("UPDATE log SET body = $2 WHERE event_id = $1", event_id, encode(data))


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
