"""What organisations contribute to a CarePlan, entry by entry, and how an entry is known again in the next version.

An entry is known by what it is, not by its place in a list: a reference by what it refers to, a note by its content, an
activity by its content without what becomes of it (status, progress, outcome), so that progress leaves it the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tandem.fhir.body import Resource, encode

KINDS = ("goal", "activity", "note", "addresses", "supportingInfo")
"""Elements of CarePlan that hold contributions (http://hl7.org/fhir/R4/careplan.html)."""
PROGRESS = ("progress", "outcomeReference", "outcomeCodeableConcept")
"""Elements of an activity in which anybody who takes part may add what became of it."""
STATUS = ("status", "statusReason")
"""Elements of `activity.detail` that say how far it is."""


@dataclass(frozen=True, slots=True)
class PlanElement:
    """One entry: `key` stays when a plan is stored again, `path` is its FHIRPath below CarePlan."""

    kind: str
    key: str
    path: str
    value: dict[str, Any]

    @property
    def reference(self) -> str | None:
        """What it refers to: a Goal, a Task, a QuestionnaireResponse; None for an entry with content of its own."""
        return _reference(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A CarePlan with its entries by key."""

    plan: Resource
    elements: dict[str, PlanElement]


def plan_version(plan: Resource | None) -> PlanVersion | None:
    """The plan with its entries; None for none."""
    return PlanVersion(plan, elements_of(plan)) if plan is not None else None


def elements_of(plan: Resource | None) -> dict[str, PlanElement]:
    """The entries by key. Entries that are alike are counted: the second of them has a key of its own."""
    found: dict[str, PlanElement] = {}
    for kind in KINDS:
        alike: Counter[str] = Counter()
        for place, value in enumerate((plan or {}).get(kind) or ()):
            name = f"{kind}:{_identity(kind, value)}"
            alike[name] += 1
            key = name if alike[name] == 1 else f"{name}/{alike[name]}"
            found[key] = PlanElement(kind, key, f"{kind}[{place}]", value)
    return found


def goal_key(goal: str) -> str:
    """The key of a Goal (an id) in the plans that hold it."""
    return f"goal:Goal/{goal}"


def content(value: Any) -> bytes:
    """What a value holds, however its members are ordered."""
    return encode(_ordered(value))


def fixed_part(activity: dict[str, Any]) -> dict[str, Any]:
    """An activity without what becomes of it."""
    kept = {name: value for name, value in activity.items() if name not in PROGRESS}
    if isinstance(kept.get("detail"), dict):
        kept["detail"] = {name: value for name, value in kept["detail"].items() if name not in STATUS}
    return kept


def _identity(kind: str, value: dict[str, Any]) -> str:
    reference = _reference(kind, value)
    if reference is not None:
        return reference
    if kind == "activity":
        return f"#{value['id']}" if value.get("id") else _digest(fixed_part(value))
    return _digest(value)


def _reference(kind: str, value: dict[str, Any]) -> str | None:
    named = value.get("reference")
    if kind == "activity":
        named = named.get("reference") if isinstance(named, dict) else None
    return named if kind != "note" and isinstance(named, str) and named else None


def _digest(value: Any) -> str:
    return sha256(content(value)).hexdigest()[:32]


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(each) for each in value] if isinstance(value, list) else value
