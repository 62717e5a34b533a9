"""The clocks of a plan: what is due by when, and where each stands at a moment.

The plan is agreed within seven days of admission to the home (EHCH-039, EHCH-040). Community providers give their
input within seven working days (EHCH-046, EHCH-047). The day of admission is day 0, days are London's, and the last
day counts to its end. Nothing here is stored: overdue is a comparison made when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from tandem.nhs.working_days import add_days, add_working_days, end_of_london_day, start_of_london_day


@dataclass(frozen=True, slots=True)
class Policy:
    """How long something may take. `name` says kind and version, and is kept beside each clock."""

    kind: str
    name: str
    days: int
    working_days: bool = False

    def due(self, admitted: date) -> datetime:
        """The last instant, in UTC, of the last day."""
        day = add_working_days(admitted, self.days) if self.working_days else add_days(admitted, self.days)
        return end_of_london_day(day)


AGREED = Policy("agreed-within-seven-days", "agreed-within-seven-days@1", 7)
COMMUNITY_INPUT = Policy("community-input-within-seven-working-days", "community-input@1", 7, working_days=True)
RESIDENT_POLICIES = (AGREED, COMMUNITY_INPUT)


class State(Enum):
    """Where a clock stands: `closed` when its reason went away before it was stopped."""

    RUNNING = "running"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one plan, times in UTC."""

    plan: str
    kind: str
    policy: str
    starts: datetime
    due: datetime
    stopped: datetime | None = None
    closed: datetime | None = None

    def state(self, moment: datetime) -> State:
        """Where it stands, or stood, at a moment."""
        if self.stopped is not None and self.stopped <= moment:
            return State.STOPPED
        if self.closed is not None and self.closed <= moment:
            return State.CLOSED
        return State.OVERDUE if moment > self.due else State.RUNNING

    def met(self, moment: datetime) -> bool | None:
        """Whether it was stopped in time; None while that is open."""
        match self.state(moment):
            case State.STOPPED:
                return self.stopped is not None and self.stopped <= self.due
            case State.OVERDUE:
                return False
        return None


def admission(since: str) -> date:
    """The date of admission of a FHIR date. Raises ValueError."""
    return date.fromisoformat(since[:10])


def starts(admitted: date) -> datetime:
    """When a clock begins: with the day of admission."""
    return start_of_london_day(admitted)
