"""How late the event loop of this process is: what holds it up holds up every request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from prometheus_client import Histogram

_EVERY = 0.5
LAG = Histogram(
    "tandem_event_loop_lag_seconds", "How much later than asked for the event loop went on, twice a second",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


async def watch_event_loop(noticed: Callable[[float], None]) -> None:
    """Measure until cancelled; `noticed` is told each time how many seconds it was."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_EVERY)
        late = max(0.0, time.perf_counter() - before - _EVERY)
        LAG.observe(late)
        noticed(late)
