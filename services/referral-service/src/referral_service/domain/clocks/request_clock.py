"""A clock of a request: what is due by when, and where that stands at a moment.

Nothing says overdue or breached: that is a comparison made when somebody asks. Of a stop and a close the earlier one
ended the clock; at the same moment the stop counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tandem.clocks.clock_state import State


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs: `request` is a ServiceRequest.id, which names the clock together with `kind`; `patient` a Patient.id.

    Times are aware datetimes. It is warned of at `warn`, if that is given. `owner` is the code of the organisation that
    has to do what it asks for, `policy` the rule and version that it follows.
    """

    request: str
    kind: str
    patient: str
    starts: datetime
    due: datetime
    policy: str
    warn: datetime | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """When a clock ended, and how it was stopped or why it was closed, in a word or two."""

    at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class RequestClock:
    """A clock with what is known of its end."""

    clock: Clock
    stop: Ending | None = None
    close: Ending | None = None

    @property
    def stopped(self) -> Ending | None:
        """Its stop, unless it was closed before."""
        return None if self.stop is None or (self.close and self.close.at < self.stop.at) else self.stop

    @property
    def closed(self) -> Ending | None:
        """Its close, unless it was stopped by then."""
        return self.close if self.stopped is None else None

    @property
    def settled(self) -> datetime | None:
        """When it ended, either way."""
        ending = self.stopped or self.closed
        return ending.at if ending is not None else None

    @property
    def breached(self) -> bool:
        """Whether it falls due before it ends, however much later that may be."""
        return self.settled is None or self.settled > self.clock.due

    def state(self, moment: datetime) -> State:
        """Where it stands, or stood, at a moment."""
        if self.settled is not None and self.settled <= moment:
            return State.STOPPED if self.stopped is not None else State.CLOSED
        return State.OVERDUE if moment > self.clock.due else State.RUNNING

    def due_soon(self, moment: datetime) -> bool:
        """Whether it runs, and its warning is past."""
        return self.state(moment) is State.RUNNING and self.clock.warn is not None and moment >= self.clock.warn

    def met(self, moment: datetime) -> bool | None:
        """Whether it was stopped in time; None while that is open, and when it was closed before it was due."""
        if moment > self.clock.due and self.breached:
            return False
        return True if self.state(moment) is State.STOPPED else None
