"""What comes late for somebody who was erased has no effect, is not kept, and holds nothing up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tandem.retention.tombstones import bury, digest_of, erased_among


async def test_a_late_event_about_somebody_erased_leaves_nothing(consumer: Any, kit: Any) -> None:
    async with consumer.database.transaction() as connection:
        assert await bury(connection, digest_of("p1"), 1, "{}")
        assert not await bury(connection, digest_of("p1"), 2, "{}")
        assert await erased_among(connection, {"p1", "p2"}) == {"p1"}
    inbox = consumer.inbox()
    # Of p1, like all of these events: the next, one that is early, and another resource; then a fact about nobody.
    await inbox.receive([kit.received(kit.change("1", 1)), kit.received(kit.change("1", 3))])
    await inbox.receive([kit.received(kit.change("2", 7)), kit.received(kit.fact("a"), 4)])
    assert await consumer.effects() == ["tandem.clock.breached-a"]
    assert await consumer.parked() == {}
    assert await consumer.column("SELECT version FROM inbox_version ORDER BY subject") == [3, 7]


async def test_a_record_that_is_about_somebody_else_by_now_goes_on(consumer: Any, kit: Any) -> None:
    async with consumer.database.transaction() as connection:
        await bury(connection, digest_of("p1"), 1, "{}")
    await consumer.inbox().receive([kit.received(kit.change("1", 1))])
    moved = kit.received(kit.change("1", 2))
    await consumer.inbox().receive([moved._replace(event=replace(moved.event, patient="p2"))])
    assert await consumer.effects() == ["Task-1-2"]
