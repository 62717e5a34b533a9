"""All cohorts on PostgreSQL by ranges of people's numbers, in several sessions that see the same state."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import Any

import asyncpg
from population import AS_OF

from cohort_service.selection.compile import members_sql
from cohort_service.selection.selection import Selection

RANGE = 100_000
"""Numbers in one statement at most, as in a dry run. Among a million, one range of 25,000 took three fifths of the
time of one of 100,000, so a person cost more than twice as much."""


async def by_ranges(url: str, selection: Selection, rounds: int) -> dict[str, Any]:
    """Seconds for all cohorts in statements over ranges of people: in one session and in two."""
    taken: dict[int, list[float]] = {1: [], 2: []}
    counts: list[dict[str, int]] = []
    for _ in range(rounds):
        for sessions, seconds in taken.items():
            started = time.perf_counter()
            counts.append(await counted_by_ranges(url, selection, sorted(selection.definitions), sessions))
            seconds.append(time.perf_counter() - started)
    if any(each != counts[0] for each in counts):
        raise RuntimeError("ranges of people give different counts from one round to the next")
    return {
        "all_by_ranges_s": round(median(taken[1]), 3), "all_in_two_sessions_s": round(median(taken[2]), 3),
        "counts_by_ranges": counts[0],
    }  # fmt: skip


async def counted_by_ranges(url: str, selection: Selection, cohorts: Sequence[str], sessions: int) -> dict[str, int]:
    """How many members each cohort has, asked in so many sessions at once."""
    members = members_sql(selection, cohorts, AS_OF, "postgresql", scope="range")
    sql = f"SELECT cohort, COUNT(*) AS members FROM ({members}) AS m GROUP BY cohort"
    async with _sessions(url, sessions) as opened:
        last = await opened[0].fetchval("SELECT COALESCE(MAX(number), 0) FROM person")
        size = min(RANGE, -(-last // sessions) or 1)
        left = iter([(first, first + size - 1) for first in range(1, last + 1, size)])
        parts = await asyncio.gather(*(_counted(session, sql, left) for session in opened))
    return dict(sum(parts, Counter[str]()))


async def _counted(session: asyncpg.Connection, sql: str, left: Iterator[tuple[int, int]]) -> Counter[str]:
    """Take ranges as long as there are any."""
    found: Counter[str] = Counter()
    for numbers in left:
        found.update({row["cohort"]: row["members"] for row in await session.fetch(sql, *numbers)})
    return found


@asynccontextmanager
async def _sessions(url: str, number: int) -> AsyncIterator[list[asyncpg.Connection]]:
    settings = {"jit": "off", "plan_cache_mode": "force_custom_plan"}
    async with AsyncExitStack() as stack:
        opened = []
        snapshot = None
        for _ in range(number):
            session = await asyncpg.connect(url, server_settings=settings)
            stack.push_async_callback(session.close)
            await stack.enter_async_context(session.transaction(isolation="repeatable_read", readonly=True))
            if snapshot is None:
                snapshot = await session.fetchval("SELECT pg_export_snapshot()")
            else:
                await session.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            opened.append(session)
        yield opened
