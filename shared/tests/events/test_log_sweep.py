"""The rest of an erasure goes through a long log in steps: killed in between it goes on, and it says once what went."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.clock import SettableClock, to_micros
from tandem.database.tables import declare_kernel_tables
from tandem.events.due import DueScanner, schedule
from tandem.events.event import Event
from tandem.events.lag import head
from tandem.events.outbox import Entry, append
from tandem.events.retries import Retries
from tandem.ids import deterministic_id
from tandem.retention import log_sweep
from tandem.retention.erasure_feed import AGAIN, ANSWERED, carry_out, erasure_timers
from tandem.retention.log_sweep import SWEEP
from tandem.retention.tombstones import digest_of
from tandem.service import Timer, Work

HER, OTHER, NUMBER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0c1d9a52-8f0e-4a55-9a4f-1f2f5f0c7d11", "9990001234"
DIGEST = digest_of(HER)
LENGTH, SPAN = 30, 7
FACTS, LISTS = {2, 9, 16, 30}, {5, 20, 28}
"""Rows of the log with an event about her that is no version, and with a record of others that names her."""


class Killed(BaseException):
    """Stands for the end of the process: nothing of it runs on."""


class Steps:
    """What a process does with timed events: `kill_in` ends it in that step, after the step has written."""

    def __init__(self, node: Any, clock: SettableClock, holder: str, kill_in: int = 0) -> None:
        metadata = MetaData()
        declare_kernel_tables(metadata)
        self.service: Any = SimpleNamespace(name=node.name, metadata=metadata, erases={})
        self.node, self.clock, self.steps, self._kill_in = node, clock, 0, kill_in
        again, sweep = erasure_timers(self.service)
        self.scanner = DueScanner(
            node.database, node.name, clock, [again, replace(sweep, handler=self._counted(sweep.handler))],
            lambda connection, _: self.work(connection), node.lease("due", holder), now=node.now,
        )  # fmt: skip

    def work(self, connection: Any) -> Any:
        async def emit(kind: str, data: dict[str, Any], *, key: str) -> None:
            name = deterministic_id(self.node.name, kind, key)
            await append(connection, Entry(name, kind, 0, resource_id=key, body=json.dumps(data).encode()))

        async def at(kind: str, key: str, moment: Any, payload: dict[str, Any]) -> None:
            await schedule(connection, kind, key, moment, payload)

        return SimpleNamespace(connection=connection, now=self.clock.now(), emit=emit, schedule=at)

    def _counted(self, handler: Any) -> Any:
        async def counted(event: Any, work: Any) -> None:
            self.steps += 1
            await handler(event, work)
            if self.steps == self._kill_in:
                raise Killed

        return counted

    async def erase(self) -> None:
        async with self.node.database.transaction() as connection:
            await carry_out(self.service, DIGEST, self.work(connection))


@pytest.fixture
def clock(kit: Any) -> SettableClock:
    return SettableClock(kit.start)


@pytest.fixture
async def long_log(owner: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(log_sweep, "SPAN", SPAN)
    members = json.dumps({"member": [f"Patient/{HER}", f"Patient/{OTHER}"], "note": NUMBER}).encode()
    async with owner.database.transaction() as connection:
        await connection.execute("INSERT INTO patient (id, nhs_number) VALUES ($1, $2)", HER, NUMBER)
    for number in range(1, LENGTH + 1):
        entry = replace(kit.change(str(number), 1, resource_type="Group"), patient=OTHER)
        if number in FACTS:
            entry = replace(kit.fact(str(number)), patient=HER)
        elif number in LISTS:
            entry = replace(entry, patient=None, body=members)
        await owner.write(entry)
    await owner.sequence()
    return owner


async def named(node: Any) -> list[str]:
    """Tables and columns in which she is named."""
    found = []
    async with node.database.read() as connection:
        for table in ("log", "patient", "due", "erasure", "parked", "outbox"):
            for row in map(dict, await connection.fetch(f"SELECT * FROM {table}")):
                for column, value in row.items():
                    shown = value.decode() if isinstance(value, bytes) else str(value)
                    found += [f"{table}.{column}" for word in (HER, NUMBER) if word in shown]
    return sorted(set(found))


async def answers(node: Any) -> list[dict[str, Any]]:
    return [json.loads(body) for body in await node.column(f"SELECT body FROM log WHERE kind = '{ANSWERED}'")]


@pytest.mark.parametrize("kill_in", [0, 1, 3, 5])
async def test_it_goes_on_where_it_was_killed(long_log: Any, clock: SettableClock, kill_in: int) -> None:
    first = Steps(long_log, clock, "first", kill_in)
    await first.erase()
    assert await named(long_log) == ["due.payload", "log.body", "log.patient"]
    if kill_in:
        with pytest.raises(Killed):
            await first.scanner.fire_due()
        assert await answers(long_log) == []
        assert "due.payload" in await named(long_log), "who it was is known as long as there is something to do"
        long_log.now.add(60)
    second = Steps(long_log, clock, "second")
    await second.scanner.fire_due()
    steps = -(-LENGTH // SPAN)
    assert second.steps == steps - max(0, kill_in - 1), "a step that was killed is done again, and none before it"
    assert await named(long_log) == []
    removed = {"log": len(FACTS | LISTS), "patient": 1}
    assert await answers(long_log) == [{"digest": DIGEST, "removed": removed}]
    [kept] = await long_log.column("SELECT removed FROM erasure")
    assert json.loads(kept) == removed
    async with long_log.database.read() as connection:
        assert "tandem.clock.breached" not in (await head(connection)).kinds, "nobody waits for what is gone"
        others = await connection.fetchval("SELECT COUNT(*) FROM log WHERE type = 'Group'")
    assert others == LENGTH - len(FACTS)


async def test_what_was_under_way_goes_with_the_second_look(long_log: Any, clock: SettableClock, kit: Any) -> None:
    process = Steps(long_log, clock, "one")
    await process.erase()
    await process.scanner.fire_due()
    said = await answers(long_log)
    async with long_log.database.transaction() as connection:
        await connection.execute("INSERT INTO patient (id, nhs_number) VALUES ($1, $2)", HER, NUMBER)
    await long_log.write(replace(kit.fact("late"), patient=HER))
    await wait_for_the_second_look(long_log, clock)
    await process.scanner.fire_due()
    assert await named(long_log) == []
    assert await answers(long_log) == said, "it is said once"


async def wait_for_the_second_look(node: Any, clock: SettableClock) -> None:
    [at] = await node.column("SELECT at FROM due WHERE kind = $1", AGAIN)
    while to_micros(clock.now()) < at:
        clock.set(clock.now().replace(minute=clock.now().minute + 1))


async def _without_effect(_event: Event, _work: Work) -> None:
    """What a release did that took back an event without knowing a timer for it."""


async def test_a_step_that_an_older_release_took_is_done_with_the_second_look(
    long_log: Any, clock: SettableClock
) -> None:
    process = Steps(long_log, clock, "one")
    await process.erase()
    older = DueScanner(
        long_log.database, long_log.name, clock, [], lambda connection, _: process.work(connection),
        long_log.lease("due", "one"), now=long_log.now,
    )  # fmt: skip
    assert await older.fire_due() == 1, "it parks what it has no timer for"
    long_log.now.add(2)
    inbox = long_log.inbox("fhir.Patient.*", timers=(Timer(SWEEP, _without_effect),))
    assert await Retries(inbox).step() == 1, "and a release before this one took it back so"
    assert await process.scanner.fire_due() == 0
    await wait_for_the_second_look(long_log, clock)
    await process.scanner.fire_due()
    assert await named(long_log) == []
    assert await answers(long_log) == [{"digest": DIGEST, "removed": {"log": len(FACTS | LISTS), "patient": 1}}]


async def test_who_is_not_known_is_answered_for_at_once(long_log: Any, clock: SettableClock) -> None:
    process = Steps(long_log, clock, "one")
    async with long_log.database.transaction() as connection:
        await connection.execute("DELETE FROM patient")
        await connection.execute("DELETE FROM log WHERE patient = $1", HER)
    await process.erase()
    assert await answers(long_log) == [{"digest": DIGEST, "removed": {}}]
    assert await process.scanner.fire_due() == 0
