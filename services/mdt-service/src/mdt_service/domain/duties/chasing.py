"""When an organisation is reminded of a duty, and to whom an overdue one goes, by dated policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.nhs.working_days import add_days


@dataclass(frozen=True, slots=True)
class Step:
    """So many days after a duty was due it goes to the organisation of this kind."""

    after_days: int
    to: str


@dataclass(frozen=True, slots=True)
class ChasingPolicy:
    """`escalate` gives the steps by the kind of organisation that owes the duty.

    Whoever is given a duty late has `grace_days` from then before it goes to anybody.
    """

    version: str
    starts: date
    remind_days_before: tuple[int, ...]
    grace_days: int
    chase_days: int
    renewal_days: int
    escalate: Mapping[str, tuple[Step, ...]]

    def reminders(self, due: date, today: date) -> list[tuple[int, date]]:
        """Days before, and the day of each reminder that is still to come."""
        days = [(before, add_days(due, -before)) for before in self.remind_days_before]
        return [(before, day) for before, day in days if day > today]

    def escalations(self, kind: str, due: date, today: date) -> list[tuple[int, date]]:
        """Number and day of each step, of a duty that was given today (or whose day was moved today)."""
        base = max(due, add_days(today, self.grace_days)) if due < today else due
        return [(place, add_days(base, step.after_days)) for place, step in enumerate(self.steps(kind))]

    def steps(self, kind: str) -> tuple[Step, ...]:
        """The steps for a duty of an organisation of this kind."""
        return self.escalate.get(kind, ())


def policies_of(told: Sequence[Mapping[str, Any]]) -> tuple[ChasingPolicy, ...]:
    """The versions of the file, earliest first."""
    return tuple(sorted((_policy(each) for each in told), key=lambda policy: policy.starts))


def policy_on(policies: Sequence[ChasingPolicy], day: date) -> ChasingPolicy:
    """The version in force on a day: the last that has begun, else the first."""
    return next((each for each in reversed(policies) if each.starts <= day), policies[0])


def _policy(told: Mapping[str, Any]) -> ChasingPolicy:
    steps = {
        kind: tuple(Step(each["after_days"], each["to"]) for each in listed)
        for kind, listed in told["escalate"].items()
    }
    return ChasingPolicy(
        str(told["version"]), told["from"], tuple(told["remind_days_before"]), told["grace_days"], told["chase_days"],
        told["renewal_days"], steps,
    )  # fmt: skip
