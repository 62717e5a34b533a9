"""Personalised care and support plans: that one is there, when it was agreed, and what it held then (docs/plans.md).

A CarePlan of another category is a record and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import day_after_end, day_at, given_day
from metrics_service.domain.shared_care_facts import SHARED_PLAN
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of

_ENDED: Final = ("completed", "revoked")


def read_plan(plan: Resource, event: Event) -> Iterable[Fact]:
    """A shared plan, a draft too: `status` is CarePlan.status, `group` the plan itself.

    It holds from its period's start, else from when it was created. One that has ended holds no more after the end of
    its period, else from the day on which that was written.
    """
    named = {(system, code) for system, code, _ in codings_of(*(plan.get("category") or ()))}
    if (SNOMED_CT, SHARED_PLAN) not in named:
        return
    period = plan.get("period") or {}
    first = given_day(period.get("start")) or given_day(plan.get("created"))
    status = plan.get("status")
    last = _end(period.get("end"), event) if status in _ENDED else None
    yield Fact("plan", first, last, status=status, group=f"CarePlan/{plan.get('id')}")


def told_plan_agreed(event: Event) -> Told | None:
    """That a plan was made active (`plan-agreed`, `value` its score from 0 to 100), and what it held then."""
    return _told(event, "agreed")


def told_plan_reviewed(event: Event) -> Told | None:
    """That a plan was reviewed (`plan-reviewed`, likewise), and what it held after it."""
    return _told(event, "reviewed")


def _told(event: Event, done: str) -> Told | None:
    """Beside the act a `plan-quality` for each thing of the checklist: `category` its name, `value` 1 or 0.

    `detail` of these is what was done, `group` the plan. Every act is a source of its own: a later one takes nothing
    back of what an earlier one found.
    """
    data = event.data or {}
    plan, day = data.get("plan"), given_day(data.get("at"))
    if not plan or day is None:
        return None
    score = data.get("score")
    act = Fact(f"plan-{done}", day, value=None if score is None else float(score), group=str(plan))
    things: dict[str, Any] = data.get("things") or {}
    held = (
        Fact("plan-quality", day, category=name, detail=done, value=float(bool(there)), group=str(plan))
        for name, there in sorted(things.items())
    )
    return Told(f"plan-{done}/{event.id}", 1, event.time, event.patient, (act, *held))


def _end(given: Any, event: Event) -> int:
    return day_after_end(given) if given_day(given) is not None else day_at(event.time)
