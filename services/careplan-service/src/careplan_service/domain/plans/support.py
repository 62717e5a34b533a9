"""A person's support is based on their plan: each item traces to an activity of it, and one that does not is a gap.

AC-020, 000 §4.10 b3. Support is what is done for the person: ServiceRequests and Tasks that are open. What the teams do
among themselves (agenda items, chasing, triage) is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tandem.canonical import TASK_KIND
from tandem.fhir.body import Resource

AMONG_TEAMS = frozenset({
    "agenda-item", "home-flag", "triage", "duty", "chase", "urgent-enquiry", "case-finding", "admission-review",
    "assessment-part",
})  # fmt: skip
"""Kinds of Task that coordinate care and are none."""


@dataclass(frozen=True, slots=True)
class Traced:
    """An item of support, and how it traces to the plan: `activity`, `based-on`, through another item, or None."""

    item: Resource
    by: str | None
    through: str | None = None


def is_support(item: Resource) -> bool:
    """Whether a Task or ServiceRequest is something done for the person."""
    codings = (item.get("code") or {}).get("coding") or ()
    return not any(each.get("system") == TASK_KIND and each.get("code") in AMONG_TEAMS for each in codings)


def traced(plan: Resource, items: Sequence[Resource]) -> list[Traced]:
    """Each item with its way to the plan: named in `activity`, based on the plan, or serving an item that is."""
    path = f"CarePlan/{plan['id']}"
    named = {_literal(activity.get("reference")) for activity in plan.get("activity") or ()}
    ways: dict[str, tuple[str, str | None]] = {}
    for item in items:
        own = _own(item)
        if own in named:
            ways[own] = ("activity", None)
        elif path in _links(item, ("basedOn",)):
            ways[own] = ("based-on", None)
    # A Task for a ServiceRequest traces by it, and a part of that Task by the Task.
    remaining = [item for item in items if _own(item) not in ways]
    while True:
        reached = [
            (item, link) for item in remaining
            for link in _links(item, ("focus", "partOf", "basedOn", "replaces"))
            if link in ways or link in named
        ]  # fmt: skip
        for item, link in reached:
            ways.setdefault(_own(item), ("through", link))
        remaining = [item for item in remaining if _own(item) not in ways]
        if not reached:
            return [Traced(item, *ways.get(_own(item), (None, None))) for item in items]


def _own(item: Resource) -> str:
    return f"{item['resourceType']}/{item['id']}"


def _links(item: Resource, names: Sequence[str]) -> list[str]:
    found: list[Any] = []
    for name in names:
        value = item.get(name)
        found += value if isinstance(value, list) else [value]
    return [_literal(each) for each in found if each]


def _literal(reference: Any) -> str:
    text = reference.get("reference") if isinstance(reference, dict) else None
    return str(text or "").partition("/_history/")[0]
