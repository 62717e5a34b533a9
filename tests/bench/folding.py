"""Events folded into facts, as a message brings them and as a rebuild reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

import asyncpg
from places import Place

from metrics_service.facts.declaration import PART as FACTS
from metrics_service.facts.fold import FOREVER
from tandem.database.connection import open_database
from tandem.events.envelope import encode_event, received
from tandem.events.event import Event
from tandem.events.inbox import Inbox

_TOGETHER: Final = (50, 500)
"""Events a message, as the relay groups them; and a page, as a rebuild reads them."""
_START: Final = datetime(2020, 4, 1, 9, tzinfo=UTC)


async def measures_fold(place: Place, *, events: int, rounds: int) -> dict[str, Any]:
    """Events a second that are folded, exactly once and durably, by one process; beside it their rows by COPY alone.

    The events are contacts: a row each, with a code. The aim is 5,000 a second.
    """
    url = place.database("metrics-service")
    raw = await asyncpg.connect(url)
    database = await open_database(url, pool_size=2)
    found: dict[str, Any] = {"events": events, "aim_per_second": 5_000}
    listeners = tuple(each for each in FACTS.listeners if each.name == "keep-facts")
    for together in _TOGETHER:
        rates = []
        for number in range(rounds):
            await raw.execute("TRUNCATE told_fact, told_version, inbox, inbox_version")
            envelopes = [encode_event(each) for each in _contacts(number * events, events)]
            inbox = Inbox(database, "metrics-service", listeners, _no_work)
            started = time.perf_counter()
            for start in range(0, events, together):
                await inbox.receive([each for one in envelopes[start : start + together] for each in received(one)])
            rates.append(events / (time.perf_counter() - started))
            held = await raw.fetchval("SELECT count(*) FROM told_fact")
            assert held == events, f"every event, and once: {held} of {events}"
        found[f"{together} together"] = {"per_second": round(median(rates)), "all": [round(each) for each in rates]}
    found["floor, rows by COPY"] = {"per_second": round(await _copied(raw, events))}
    await raw.close()
    await database.close()
    return found


def _contacts(start: int, number: int) -> Iterator[Event]:
    for each in range(start, start + number):
        identity = f"bench-{each}"
        at = _START + timedelta(minutes=each % 500_000)
        contact = {
            "resourceType": "Encounter", "id": identity, "status": "finished", "class": {"code": "AMB"},
            "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185317003"}]}],
            "period": {"start": at.isoformat(), "end": (at + timedelta(minutes=10)).isoformat()},
        }  # fmt: skip
        yield Event(
            f"event-{each}", "fhir.Encounter.create", "cohort-service", at, f"Encounter/{identity}/_history/1",
            "Encounter", identity, 1, f"p{each % 50_000}", "A81000", position=each + 1, data=contact,
        )  # fmt: skip


async def _copied(raw: asyncpg.Connection, number: int) -> float:
    await raw.execute("TRUNCATE told_fact")
    rows = [
        (f"Encounter/{each}", 1, 0, "encounter", f"p{each % 50_000}", None, 737_500, 1, *[None] * 9, 0, FOREVER)
        for each in range(number)
    ]  # fmt: skip
    started = time.perf_counter()
    await raw.copy_records_to_table("told_fact", records=rows)
    return number / (time.perf_counter() - started)


async def _no_work(*_: Any) -> Any:
    raise AssertionError("facts are folded together")
