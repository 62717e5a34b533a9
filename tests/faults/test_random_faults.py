"""Writes through faults of every kind, chosen by a seed: kills, cuts, silence; then everything is there once.

`make test-faults-long` runs 100,000 writes; the form that every run has is short. TANDEM_FAULT_WRITES and
TANDEM_FAULT_SEED choose others; the seed of a failure is in the name of the test.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random

import pytest

from tandem.fhir.ownership import SERVICES
from tandem_tests.faulty_tandem import GATEWAY, POSTGRESQL, RABBITMQ, FaultyTandem, NewFaultyTandem
from tandem_tests.writing_through_faults import Story, story_of_writes

_log = logging.getLogger(__name__)
WRITES = int(os.environ.get("TANDEM_FAULT_WRITES", "2000"))
SEED = int(os.environ.get("TANDEM_FAULT_SEED", "20"))
WRITERS = 8
FAULTS = max(4, WRITES // 2000)
"""So many faults are spread evenly over the writes."""
PARTS = (*SERVICES, GATEWAY, RABBITMQ, POSTGRESQL)


async def one_fault(story: Story, tandem: FaultyTandem, chance: random.Random) -> str:
    """Break something, let the writers try on it, and mend it. Answers what it was."""
    kind = chance.choice(("kill", "cut", "hold"))
    if kind == "kill":
        name = chance.choice(PARTS)
        await asyncio.to_thread(tandem.kill, name)
        await asyncio.to_thread(tandem.begin_again, name)
        return f"{name} killed"
    link = chance.choice(sorted(tandem.links))
    broken = tandem.links[link]
    if kind == "cut":
        broken.cut()
        await story.writers.tried_more(WRITERS)
        broken.mend()
    else:
        broken.hold()
        await story.writers.tried_more(WRITERS)
        if chance.random() < 0.5:
            # What was held back never arrives: both ends find their connections broken afterwards.
            broken.cut()
            broken.mend()
        broken.heal()
    return f"{' - '.join(link)} {kind}"


@pytest.mark.parametrize("seed", [SEED])
async def test_writes_through_faults(
    new_faulty_tandem: NewFaultyTandem, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    tandem = new_faulty_tandem("--clock", "2020-07-01T09:00+01:00")
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("network")
    async with story_of_writes(tandem, folder, seed=seed, together=50 if WRITES > 10_000 else 20) as story:
        ledger = story.writers.ledger
        story.writers.begin(WRITERS)
        for number in range(1, FAULTS + 1):
            await story.writers.until(number * WRITES // (FAULTS + 1))
            fault = await one_fault(story, tandem, chance)
            _log.info("fault %d: %s; %d acknowledged, %d not", number, fault, ledger.acknowledged, ledger.refused)
        await story.writers.until(WRITES)
        found, tasks = await story.check()
        _log.info("%d acknowledged, %d refused or in doubt; %s; %s", ledger.acknowledged, ledger.refused, found, tasks)
