"""What one organisation may take of a process: so many requests at once, and so many a second (a token bucket)."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from tandem.fhir.outcome import FhirError, Kind

_REMEMBERED = 10_000
"""Organisations with a bucket. Whoever was longest away is forgotten, and begins with a full one."""


class FairShare:
    """Shares by organisation code. `at_once` and `rate` (requests a second) of 0 set no limit.

    `burst` is how many may come at once after a quiet time. `now` tells seconds that only ever grow.
    """

    def __init__(
        self, *, at_once: int = 0, rate: int = 0, burst: int = 1, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._rate, self._burst, self._now = at_once, rate, max(burst, 1), now
        self._under_way: dict[str, int] = {}
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, organisation: str) -> None:
        """Count a request that begins. Raises FhirError(THROTTLED) with Retry-After; then nothing is counted."""
        under_way = self._under_way.get(organisation, 0)
        if self._at_once and under_way >= self._at_once:
            raise _throttled(f"This organisation has {self._at_once} requests under way, which is its share", 1)
        if self._rate:
            self._draw(organisation)
        self._under_way[organisation] = under_way + 1

    def give_back(self, organisation: str) -> None:
        """Count a request that is over."""
        left = self._under_way[organisation] - 1
        if left:
            self._under_way[organisation] = left
        else:
            del self._under_way[organisation]

    def _draw(self, organisation: str) -> None:
        now = self._now()
        held, since = self._buckets.pop(organisation, (float(self._burst), now))
        held = min(float(self._burst), held + (now - since) * self._rate)
        enough = held >= 1
        self._buckets[organisation] = (held - 1 if enough else held, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        if not enough:
            wait = math.ceil((1 - held) / self._rate)
            raise _throttled(f"This organisation may ask {self._rate} times a second, which is its share", wait)


def _throttled(text: str, seconds: int) -> FhirError:
    return FhirError(Kind.THROTTLED, text, headers={"Retry-After": str(max(seconds, 1))})
