"""Putting what one organisation contributes into the plan as it stands, beside all that is there (decision 0010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from careplan_service.domain.shared_plan import OPEN, is_shared_plan
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue


@dataclass(slots=True)
class Contribution:
    """Entries for the lists of a CarePlan, as they will stand there."""

    goals: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    supporting: list[dict[str, Any]] = field(default_factory=list)


def closed_to_contributions(plan: Resource) -> Issue | None:
    """What keeps a plan from taking anything: it is none that is shared, or it is over."""
    if not is_shared_plan(plan):
        return Issue("Only a shared plan (SNOMED CT 2181441000000107) takes contributions", "CarePlan.category")
    if plan.get("status") not in OPEN:
        text = f"The plan is {plan.get('status')}: contributions go to one that is {', '.join(OPEN)} (decision 0010)"
        return Issue(text, "CarePlan.status")
    return None


def merged(plan: Resource, contribution: Contribution) -> Resource:
    """The plan with the contribution at the end of its lists. A reference that is there already is not put twice."""
    added = {
        "goal": _missing(plan.get("goal"), contribution.goals),
        "activity": _missing_activities(plan.get("activity"), contribution.activities),
        "note": contribution.notes,
        "addresses": _missing(plan.get("addresses"), contribution.addresses),
        "supportingInfo": _missing(plan.get("supportingInfo"), contribution.supporting),
    }
    return {**plan, **{name: [*(plan.get(name) or ()), *new] for name, new in added.items() if new}}


def _missing(held: Sequence[dict[str, Any]] | None, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {each.get("reference") for each in held or ()} - {None}
    found = []
    for each in new:
        if each.get("reference") not in known:
            found.append(each)
            known.add(each.get("reference"))
    return found


def _missing_activities(held: Sequence[dict[str, Any]] | None, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {(each.get("reference") or {}).get("reference") for each in held or ()} - {None}
    return [each for each in new if (each.get("reference") or {}).get("reference") not in known]
