"""Care happens within a life: no plan, goal or activity is dated before the person's birth or after their death.

A date without a day stands for the whole month or year, and is refused only when all of it lies outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.london_days import beginning_of, day_at

_RULE = "a plan and what belongs to it lie within the person's life (Patient.birthDate, Patient.deceased)"


@dataclass(frozen=True, slots=True)
class Life:
    """`born` and `died` as Patient has them (FHIR dates); `dead` also when no date of death is recorded."""

    born: str | None = None
    died: str | None = None
    dead: bool = False


def life_of(patient: Resource) -> Life:
    """What a Patient says of birth and death."""
    died = patient.get("deceasedDateTime")
    return Life(patient.get("birthDate"), died, bool(died) or patient.get("deceasedBoolean") is True)


def plan_dates(plan: Resource) -> Iterator[tuple[str, str]]:
    """FHIRPath and value of every date that the plan gives to itself and to its activities."""
    yield from _period(plan.get("period"), "CarePlan.period")
    for place, activity in enumerate(plan.get("activity") or ()):
        scheduled = (activity.get("detail") or {}).get("scheduledPeriod")
        yield from _period(scheduled, f"CarePlan.activity[{place}].detail.scheduledPeriod")


def goal_dates(goal: Resource) -> Iterator[tuple[str, str]]:
    """FHIRPath and value of the dates of a goal: when it begins, and since when its status holds."""
    for name in ("startDate", "statusDate"):
        if isinstance(goal.get(name), str):
            yield f"Goal.{name}", goal[name]


def life_faults(life: Life, dates: Iterator[tuple[str, str]]) -> Iterator[Issue]:
    """The dates that lie outside the life; an end that was planned before a death is no fault."""
    for path, value in dates:
        first, following = bounds(value)
        if life.born is not None and following <= bounds(life.born)[0]:
            yield Issue(f"The date lies before the person's birth: {_RULE}", path)
        elif life.died is not None and not path.endswith(".end") and first >= _end_of_day(life.died):
            yield Issue(f"The date lies after the person's death: {_RULE}", path)


def _end_of_day(died: str) -> int:
    following = bounds(died)[1]
    return beginning_of(day_at(following - 1) + 1) if "T" in died else following


def _period(period: Any, path: str) -> Iterator[tuple[str, str]]:
    for name in ("start", "end"):
        if isinstance(period, dict) and isinstance(period.get(name), str):
            yield f"{path}.{name}", period[name]
