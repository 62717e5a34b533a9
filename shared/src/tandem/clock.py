"""The injected clock: every rule of care and every `lastUpdated` takes its time from here.

Tokens, TLS and leases use real time instead, because a moved domain clock must not extend a right or a lock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is moved forward; for tests and `tandem serve --clock`."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock needs a time with an offset")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to `moment`. Raises ValueError when that lies before the present: clocks of care never run back."""
        if moment.tzinfo is None:
            raise ValueError("the clock needs a time with an offset")
        if moment < self._now:
            raise ValueError("the clock moves forward only")
        self._now = moment.astimezone(UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z, the form in which times are stored on every database."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


_FIRST_MOMENT: Final = to_micros(datetime.min.replace(day=2, tzinfo=UTC))
"""The second day of the year 1: in London, then behind UTC, the first moment of UTC has no date."""
_LAST_MOMENT: Final = to_micros(datetime.max.replace(tzinfo=UTC))


# Versions that are written together share their time, and so do the events about them.
@lru_cache(maxsize=1024)
def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of stored microseconds; the first or last that there is for a moment before or after it.

    A FHIR date may stand for such a moment: 9999-12-31 ends in the year 10000, 0001-01-01T00:00+14:00 lies in none.
    """
    seconds, rest = divmod(min(max(micros, _FIRST_MOMENT), _LAST_MOMENT), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def moment_if_known(micros: int | None) -> datetime | None:
    """`from_micros` of what may be missing."""
    return None if micros is None else from_micros(micros)


def micros_if_known(moment: datetime | None) -> int | None:
    """`to_micros` of what may be missing."""
    return None if moment is None else to_micros(moment)


@lru_cache(maxsize=1024)
def to_instant(moment: datetime) -> str:
    """A FHIR `instant` in UTC with milliseconds, e.g. `2020-07-01T08:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
