"""What is known of a person that starts, stops or closes clocks, in whatever order it was heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

PLAN_AGREED = "plan-agreed"
"""The shared plan became active, or the network changed what it says (see `plan_touch`)."""
PLAN_REVIEWED = "plan-reviewed"
PLAN_ENDED = "plan-ended"
COMMUNITY_INPUT = "community-input"


@dataclass(frozen=True, slots=True)
class Stay:
    """A membership of a list, `[since, until)` in days. One that ends where it begins never was."""

    id: str
    list: str
    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it was a day of the stay."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class HospitalStay:
    """An inpatient Encounter; without `ends` it was still going on. `home` is False when it ended elsewhere."""

    source: str
    starts: datetime
    ends: datetime | None
    home: bool = True


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done: of a plan, or the name of the Questionnaire of a completed assessment.

    `next` is the day that a review set for the next one, `version` the version of the plan that says so.
    """

    source: str
    kind: str
    at: datetime
    plan: str | None = None
    next: date | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Support:
    """A community provider has a part in the person's care, `[since, until)`."""

    source: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of one person. `plan` is the shared plan that is worked with."""

    stays: tuple[Stay, ...] = ()
    hospital: tuple[HospitalStay, ...] = ()
    happenings: tuple[Happening, ...] = ()
    supports: tuple[Support, ...] = ()
    died: datetime | None = None
    plan: str | None = None
