"""Real time, for leases and retries: a domain clock that stands still must stop neither."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

Now = Callable[[], int]
"""Tells real time in microseconds since 1970."""

SECOND = 1_000_000


def now_micros() -> int:
    """The machine's time in microseconds since 1970."""
    return time.time_ns() // 1000


def backoff(attempt: int, *, first: float, longest: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the `attempt`th failure (1, 2, ...): doubled each time, and spread by up to a half.

    The spread keeps many that failed together from coming back together.
    """
    exact = min(longest, first * 2.0 ** min(attempt - 1, 30))
    return exact * (1 - chance() / 2)
