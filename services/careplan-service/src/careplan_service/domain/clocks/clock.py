"""A clock: what is due by when for one person, and where that stands at a moment.

Nothing says overdue: that is a comparison made when somebody asks. Days are London's, and the last day counts to its
end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tandem.clocks.clock_state import State


@dataclass(frozen=True, slots=True)
class Clock:
    """`cause` is what started it: `membership/[id]` of a list, or `Type/[id]`; with `kind` it names the clock.

    Times are UTC. It is warned of at `warn`. `stopped` is when what it asks for was done, `closed` when its reason went
    away; one of them at most. `first` puts it before others that are as late.
    """

    cause: str
    kind: str
    policy: str
    starts: datetime
    due: datetime
    warn: datetime
    stopped: datetime | None = None
    closed: datetime | None = None
    plan: str | None = None
    first: bool = False

    @property
    def settled(self) -> datetime | None:
        """When it ended, either way."""
        return self.stopped if self.stopped is not None else self.closed

    @property
    def breached(self) -> bool:
        """Whether it fell due before it ended, however much later that may be."""
        return self.settled is None or self.settled > self.due

    def state(self, moment: datetime) -> State:
        """Where it stands, or stood, at a moment."""
        if self.stopped is not None and self.stopped <= moment:
            return State.STOPPED
        if self.closed is not None and self.closed <= moment:
            return State.CLOSED
        return State.OVERDUE if moment > self.due else State.RUNNING

    def due_soon(self, moment: datetime) -> bool:
        """Whether it runs, and its warning is past."""
        return self.state(moment) is State.RUNNING and moment >= self.warn

    def met(self, moment: datetime) -> bool | None:
        """Whether it was stopped in time; None while that is open, and when it was closed."""
        match self.state(moment):
            case State.STOPPED:
                return self.stopped is not None and self.stopped <= self.due
            case State.OVERDUE:
                return False
        return None
