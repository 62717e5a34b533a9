"""The story that every test of faults tells: a small network, writers on it, then time passes and all is compared."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import aio_pika
import httpx

from tandem.database.connection import open_database
from tandem.demo.client import FhirClient, Refused
from tandem.events.rabbitmq_topology import Topology
from tandem.synth import generate
from tandem_tests.acknowledged_writes import DUE, Parties, Writers
from tandem_tests.everything_once import Found, check_everything_once, check_task_story
from tandem_tests.faulty_tandem import FaultyTandem
from tandem_tests.list_story import check_lists
from tandem_tests.loopback import http_client

PEOPLE, PRACTICES, NETWORK_SEED = 12, 2, 7
AFTER_ALL = "2020-07-31T09:00:00+01:00"
"""Later than the day of the Tasks, and than the day on which they are chased."""
PATIENCE = 600.0
"""A system that never comes to rest ends a test after so many seconds; nothing else depends on it."""


@dataclass(frozen=True, slots=True)
class Story:
    """The writers at work, and the check that ends the story."""

    tandem: FaultyTandem
    writers: Writers
    operator: FhirClient

    async def check(self) -> tuple[Found, Counter[str]]:
        """End the writers, let everything arrive and time pass, and assert that nothing is lost, torn or doubled."""
        await self.writers.end()
        self.tandem.everything_flows()
        await self.comes_to_rest()
        await self._time_passes()
        await self.comes_to_rest()
        databases = self.tandem.databases
        found = await check_everything_once(databases, self.writers.ledger)
        tasks = await check_task_story(databases, DUE)
        await self._check_figures(found)
        await self._check_lists()
        assert await self._unreadable() == 0
        return found, tasks

    async def comes_to_rest(self) -> dict[str, Any]:
        """Wait until everybody has taken everything; assert that nothing was given up."""
        async with asyncio.timeout(PATIENCE):
            while True:
                state = await self._asked()
                if state.get("caughtUp") is True:
                    assert not state["dead"], state
                    return state
                await asyncio.sleep(0.2)

    async def _asked(self) -> dict[str, Any]:
        try:
            return await self.operator.call("GET", "$caught-up")
        except (httpx.TransportError, Refused):
            return {}

    async def _time_passes(self) -> None:
        headers = {"Authorization": self.operator._headers["Authorization"]}
        async with http_client(timeout=300) as http:
            for process in self.tandem.system.processes.values():
                answer = await http.post(f"{process.url}/clock", json={"now": AFTER_ALL}, headers=headers)
                assert answer.status_code == 200, answer.text

    async def _check_figures(self, found: Found) -> None:
        report = await self.writers.client.call(
            "GET", "Measure/shared-care-activity/$evaluate-measure?periodStart=2000-01-01&periodEnd=2040-12-31"
        )
        counts = {
            each["code"]["coding"][0]["code"]: each["count"]
            for group in report["group"] for each in group["population"]
        }  # fmt: skip
        assert counts["actions-opened"] == found.resources["Task"], "metrics-service has counted each Task once"

    async def _check_lists(self) -> None:
        database = await open_database(self.tandem.databases["cohort-service"], pool_size=1)
        try:
            async with database.read() as connection:
                assert await check_lists(connection, date.fromisoformat(AFTER_ALL[:10])) > 0
        finally:
            await database.close()

    async def _unreadable(self) -> int:
        """How many messages lie in the queue of those that cannot be read."""
        connection = await aio_pika.connect(self.tandem.rabbitmq.server.url, timeout=10)
        try:
            channel = await connection.channel()
            queue = await channel.declare_queue(Topology().dead, passive=True)
            return int(queue.declaration_result.message_count or 0)
        finally:
            await connection.close()


@asynccontextmanager
async def story_of_writes(tandem: FaultyTandem, folder: Path, *, seed: int, together: int = 20) -> AsyncIterator[Story]:
    """Load a network, and have writers ready for one of its practices."""
    summary = await asyncio.to_thread(generate, PEOPLE, PRACTICES, NETWORK_SEED, folder)
    practice, performer = summary.practice_codes[:2]
    limits = httpx.Limits(max_connections=64)
    async with http_client(timeout=httpx.Timeout(60, pool=None), limits=limits) as http:
        operator = FhirClient(http, tandem.url, tandem.system.token("T0001", operator=True))
        await operator.ingest(_ndjson(folder))
        await operator.caught_up()
        client = FhirClient(http, tandem.url, tandem.system.token(practice))
        patients = [each["id"] for each in await client.search("Patient?_count=100")]
        parties, token = Parties(practice, performer, patients), tandem.system.token(practice)
        writers = Writers(http, tandem.url, token, parties, seed, together)
        yield Story(tandem, writers, operator)


def _ndjson(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))
