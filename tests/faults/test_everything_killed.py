"""kill -9 of each service, of the gateway, of RabbitMQ and of PostgreSQL, each in the middle of writes."""

from __future__ import annotations

import asyncio

import pytest

from tandem.fhir.ownership import SERVICES
from tandem_tests.faulty_tandem import GATEWAY, POSTGRESQL, RABBITMQ, NewFaultyTandem
from tandem_tests.writing_through_faults import story_of_writes

WRITERS, BETWEEN = 6, 60


async def test_each_part_in_turn(new_faulty_tandem: NewFaultyTandem, tmp_path_factory: pytest.TempPathFactory) -> None:
    tandem = new_faulty_tandem("--clock", "2020-07-01T09:00+01:00")
    async with story_of_writes(tandem, tmp_path_factory.mktemp("network"), seed=1) as story:
        story.writers.begin(WRITERS)
        for name in (*SERVICES, GATEWAY, RABBITMQ, POSTGRESQL):
            await story.writers.answered_more(BETWEEN)
            await asyncio.to_thread(tandem.kill, name)
            await asyncio.to_thread(tandem.begin_again, name)
        await story.writers.answered_more(BETWEEN)
        found, tasks = await story.check()
        assert tasks["overdue"] > 0
        assert tasks["referrals"] > 0
        assert found.taken > 0
