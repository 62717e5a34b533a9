"""A second look finds something while the log is still gone through: nothing that was known or counted is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tandem.clock import from_micros
from tandem.fhir.body import decode
from tandem.retention import log_sweep
from tandem.retention.log_sweep import SWEEP, begin_sweep, is_sweeping, sweep_step
from tandem.retention.redaction import Traces

HER, NUMBER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "9990001234"
DIGEST, LENGTH, SPAN = "d", 12, 4
LISTS = (2, 11)


@pytest.fixture
async def log(owner: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(log_sweep, "SPAN", SPAN)
    body = json.dumps({"member": ["somebody"], "note": NUMBER}).encode()
    for number in range(1, LENGTH + 1):
        entry = replace(kit.change(str(number), 1, resource_type="Group"), patient=None)
        await owner.write(replace(entry, body=body) if number in LISTS else entry)
    await owner.sequence()
    return owner


async def due(node: Any) -> Any:
    async with node.database.read() as connection:
        return await connection.fetchrow("SELECT at, payload FROM due WHERE kind = $1 AND key = $2", SWEEP, DIGEST)


async def step(node: Any, row: Any) -> tuple[bool, dict[str, Any]]:
    data = decode(row["payload"])
    async with node.database.transaction() as connection:
        return await sweep_step(connection, DIGEST, from_micros(row["at"]), data), data


async def begin(node: Any, traces: Traces, rows: dict[str, int], at: Any, *, told: bool) -> None:
    async with node.database.transaction() as connection:
        await begin_sweep(connection, DIGEST, traces, rows, at, told=told)


async def to_the_end(node: Any) -> dict[str, int] | None:
    for _ in range(LENGTH):
        last, data = await step(node, await due(node))
        if last:
            rows: dict[str, int] | None = data["rows"]
            return rows
    raise AssertionError("it comes to no end")


async def test_it_keeps_the_numbers_and_what_was_counted(log: Any, kit: Any) -> None:
    await begin(log, Traces(HER, (NUMBER,)), {"patient": 1}, kit.start, told=False)
    assert not (await step(log, await due(log)))[0]
    later = kit.start + timedelta(minutes=15)
    await begin(log, Traces(HER, ()), {"resource": 2}, later, told=True)
    assert decode((await due(log))["payload"])["after"] == 0
    assert await to_the_end(log) == {"patient": 1, "resource": 2, "log": len(LISTS)}
    assert [body for body in await log.column("SELECT body FROM log") if NUMBER.encode() in body] == []


async def test_a_step_that_was_overtaken_has_no_effect(log: Any, kit: Any) -> None:
    await begin(log, Traces(HER, ()), {}, kit.start, told=False)
    parked = await due(log)
    later = kit.start + timedelta(minutes=15)
    await begin(log, Traces(HER, (NUMBER,)), {}, later, told=True)
    now = await due(log)
    assert not (await step(log, parked))[0]
    assert dict(await due(log)) == dict(now), "the new one is as it was"
    assert await to_the_end(log) == {"log": len(LISTS)}
    assert not (await step(log, now))[0], "nor does one that comes after the end"
    async with log.database.read() as connection:
        assert not await is_sweeping(connection, DIGEST)


async def test_one_that_begins_after_the_end_is_not_told_again(log: Any, kit: Any) -> None:
    await begin(log, Traces(HER, (NUMBER,)), {}, kit.start, told=True)
    assert await to_the_end(log) is None
