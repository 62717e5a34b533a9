"""Wrong passwords: after five for one name within a quarter of an hour, the name is refused until that time is over.

Source: https://pages.nist.gov/800-63-3/sp800-63b.html, 5.2.2. Counted in memory: the local issuer is one process.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

MOST_WRONG: Final = 5
SPAN: Final = 15 * 60
_MOST_NAMES = 10_000


class PasswordAttempts:
    """What went wrong lately, by name, of so many names at most. `now` is seconds since 1970."""

    def __init__(self, *, now: Callable[[], float] = time.time, most: int = _MOST_NAMES) -> None:
        self._now, self._most = now, most
        self._wrong: dict[str, deque[float]] = {}

    def refused(self, name: str) -> bool:
        """Whether no password is tried for this name just now."""
        return len(self._recent(name)) >= MOST_WRONG

    def wrong(self, name: str) -> None:
        """A wrong password was given."""
        if name not in self._wrong and len(self._wrong) >= self._most:
            del self._wrong[next(iter(self._wrong))]
        self._wrong.setdefault(name, deque(maxlen=MOST_WRONG)).append(self._now())

    def right(self, name: str) -> None:
        """The right one was given: it starts anew."""
        self._wrong.pop(name, None)

    def _recent(self, name: str) -> deque[float]:
        times = self._wrong.get(name, deque())
        while times and times[0] <= self._now() - SPAN:
            times.popleft()
        return times
