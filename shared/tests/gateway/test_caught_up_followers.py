"""`$caught-up` waits for followers and their backlogs, and not for what a follower itself has said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from tandem.service import Changed, Follower, Work


class Held:
    """A handler that waits until it is let go, and then says something of each record."""

    def __init__(self) -> None:
        self.begun, self.free = asyncio.Event(), asyncio.Event()
        self.seen: list[str] = []

    async def __call__(self, changed: Sequence[Changed], work: Work) -> None:
        self.begun.set()
        await self.free.wait()
        for each in changed:
            self.seen.append(each.type)
            await work.emit("tandem.record.followed", {}, key=f"{each.type}/{each.id}")


class Pile:
    """A backlog in memory."""

    def __init__(self, *waiting: str) -> None:
        self.left = list(waiting)

    async def waiting(self, connection: Any, limit: int) -> list[Changed]:
        return [Changed("pile", each) for each in self.left]

    async def take(self, connection: Any, changes: Sequence[Changed]) -> None:
        self.left = [each for each in self.left if each not in {change.id for change in changes}]


async def state(system: Any) -> dict[str, Any]:
    answer = await system.ask("GET", "$caught-up")
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def level(system: Any) -> None:
    async with asyncio.timeout(300):
        while not (await state(system))["caughtUp"]:
            await asyncio.sleep(0.01)


async def test_it_is_false_until_the_follower_has_taken_everything_and_true_then(fresh_system: Any) -> None:
    handler = Held()
    async with fresh_system(Follower("facts", ("fhir.Organization.*",), handler)) as system:
        await system.follow_events()
        name = {"resourceType": "Organization", "name": "A practice"}
        assert (await system.ask("POST", "Organization", name)).status == 201
        await handler.begun.wait()
        while (found := await state(system))["unpublished"]:
            await asyncio.sleep(0.01)
        assert found["caughtUp"] is False
        assert found["behind"]["cohort-service"] == {"cohort-service": 1}
        handler.free.set()
        await level(system)
        assert handler.seen == ["Organization"]


async def test_it_is_false_while_a_backlog_waits(fresh_system: Any) -> None:
    handler, pile = Held(), Pile("x", "y")
    async with fresh_system(Follower("facts", (), handler, pile)) as system:
        await system.follow_events()
        await handler.begun.wait()
        pile.left = ["z"]
        found = await state(system)
        assert (found["caughtUp"], found["waiting"]) == (False, {"cohort-service": 1})
        handler.free.set()
        await level(system)
        assert pile.left == []
        assert handler.seen == ["pile", "pile", "pile"]


async def test_a_change_that_fails_is_waited_for_and_a_dead_one_is_told(fresh_system: Any) -> None:
    async def fails(changed: Sequence[Changed], work: Work) -> None:
        raise RuntimeError

    async with fresh_system(Follower("facts", ("fhir.Organization.*",), fails)) as system:
        await system.follow_events()
        await system.ask("POST", "Organization", {"resourceType": "Organization", "name": "A practice"})
        while not (found := await state(system))["waiting"]:
            await asyncio.sleep(0.01)
        assert found["caughtUp"] is False
        assert "cohort-service" not in found["behind"], "the cursor is past it"
        database = system.services["cohort-service"].database
        async with database.transaction() as connection:
            await connection.execute("UPDATE parked SET state = 'dead'")
        await level(system)
        assert (await state(system))["dead"] == {"cohort-service": 1}
