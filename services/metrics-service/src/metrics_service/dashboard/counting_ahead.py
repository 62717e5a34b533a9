"""Overviews are counted before they are asked for: after a start, on a new day, and when too much has changed.

Each process counts for itself, for figures are kept in its memory; only for organisations whose overview was read in
the last two weeks, one group of figures at a time, resting as long as it worked and as long as pages count.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import Final

from metrics_service.dashboard.kept_figures import Rest, kept_of
from metrics_service.dashboard.overview_figures import due_on, of_an_overview, of_homes
from metrics_service.dashboard.overviews_read import Read, lately_read
from metrics_service.dashboard.peers import peers_of
from metrics_service.dashboard.periods import year_so_far
from metrics_service.measures.area import area_of
from metrics_service.measures.homes import homes_of
from tandem.clock import to_micros
from tandem.database.connection import StatementTimedOut
from tandem.fhir.kernel import Kernel
from tandem.identity.organisations import COMMISSIONER
from tandem.london_days import london_date

_log = logging.getLogger(__name__)
_EVERY: Final = 60.0


async def run(kernel: Kernel) -> None:
    """Look every minute what there is to count, until cancelled."""
    while True:
        try:
            await turn(kernel, asyncio.sleep)
        except Exception as error:
            # Nobody waits for it: a page counts what it needs.
            _log.warning("overviews were not counted ahead: %s", type(error).__name__)
        await asyncio.sleep(_EVERY)


async def turn(kernel: Kernel, rest: Rest) -> int:
    """Count what the overviews of today would wait for; answers how many figures."""
    counted = 0
    today = london_date(kernel.clock.now())
    for each in await lately_read(kernel.database, today):
        try:
            counted += await _count(kernel, each, today, rest)
        except StatementTimedOut:
            # One whose figures take too long does not keep the others waiting.
            _log.warning("an overview was not counted ahead: a statement took too long")
    return counted


async def _count(kernel: Kernel, read: Read, today: date, rest: Rest) -> int:
    now = to_micros(kernel.clock.now())
    async with kernel.database.read() as connection:
        area = await area_of(connection, read.organisation, read.kind, now)
        peers = await peers_of(connection, area, now)
        # As for who cares for the people, who is the one to read on from an overview to a home.
        homes = await homes_of(connection, area, now, exact=True) if area.kind != COMMISSIONER else {}
    due, period = due_on(today), year_so_far(today)
    wanted = [*of_an_overview(due, area, peers, period), *of_homes(due, area, homes, period)]
    return await kept_of(kernel).count_ahead(kernel, wanted, rest)
