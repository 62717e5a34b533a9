"""When a shared plan counts as agreed, refreshed or reviewed, and when it is over (EHCH-039 to EHCH-042).

A plan is *untouched* as long as nobody agrees it, reviews it, or changes what it says. Becoming active is agreeing it.
A review is what `CarePlan/[id]/$review` puts on the plan. The practice or the network changing an active plan refreshes
it, unless only the work of the plan goes on: a new activity, its progress, a note, or a response that is linked to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from careplan_service.domain.clocks.facts import PLAN_AGREED, PLAN_ENDED, PLAN_REVIEWED
from careplan_service.domain.plans.review import next_review
from careplan_service.domain.shared_plan import is_shared_plan
from tandem.canonical import PLAN_REVIEW
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

IN_FORCE = ("active", "on-hold")
_WORK_GOES_ON = frozenset({"activity", "note", "supportingInfo", "contributor", "meta", "text"})


def plan_touch(before: Resource | None, after: Resource | None, *, by_network: bool) -> str | None:
    """What a write does to the plan: PLAN_AGREED, PLAN_REVIEWED, PLAN_ENDED, or None. `by_network`: or its practice."""
    if not _in_force(after):
        return PLAN_ENDED if _in_force(before) else None
    assert after is not None
    if _reviewed_at(after) is not None and _reviewed_at(after) != _reviewed_at(before):
        return PLAN_REVIEWED
    if after.get("status") != "active":
        return None
    if not _in_force(before) or (before or {}).get("status") != "active":
        return PLAN_AGREED
    return PLAN_AGREED if by_network and _content(before) != _content(after) else None


def touched_at(before: Resource | None, after: Resource | None, now: datetime) -> datetime:
    """When: now; a plan that arrives in force was agreed when it says it was created."""
    created = (after or {}).get("created")
    if before is not None or not isinstance(created, str):
        return now
    return min(now, from_micros(bounds(created)[0]))


def day_set(after: Resource | None) -> date | None:
    """The day that the last review set for the next one."""
    return next_review(after) if after is not None else None


def _in_force(plan: Resource | None) -> bool:
    return plan is not None and plan.get("status") in IN_FORCE and is_shared_plan(plan)


def _content(plan: Resource | None) -> dict[str, Any]:
    return {name: value for name, value in (plan or {}).items() if name not in _WORK_GOES_ON}


def _reviewed_at(plan: Resource | None) -> str | None:
    return next(_review_times(plan), None)


def _review_times(plan: Resource | None) -> Iterator[str]:
    for extension in (plan or {}).get("extension") or ():
        if extension.get("url") == PLAN_REVIEW:
            for part in extension.get("extension") or ():
                if part.get("url") == "at" and isinstance(part.get("valueDateTime"), str):
                    yield part["valueDateTime"]
