"""Whose voice a shared plan carries, and that a person has one plan (EHCH-043, PCPC-050).

It is developed with the person or their carer and reflects personal goals. The person's voice is heard when the plan
names them as author or contributor, carries a note of theirs, has a goal that they expressed, or has answers that they
gave; a carer's likewise. What else a plan is agreed with is the checklist (`domain/plans/checklist.py`).
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue

PEOPLE = ("Patient", "RelatedPerson")
"""Types of those whose own voice it is."""
_DROPPED = {"rejected", "cancelled", "entered-in-error"}


def is_person(reference: Any) -> bool:
    """Whether a Reference names the person or someone close, literally or by type and identifier."""
    if not isinstance(reference, dict):
        return False
    text = str(reference.get("reference") or "")
    return text.startswith(tuple(f"{kind}/" for kind in PEOPLE)) or reference.get("type") in PEOPLE


def is_personal_goal(goal: Resource) -> bool:
    """Whether the goal is one the person still has."""
    return goal.get("lifecycleStatus") not in _DROPPED


def is_expressed_by_person(goal: Resource) -> bool:
    """Whether the person or a carer expressed the goal."""
    return is_personal_goal(goal) and is_person(goal.get("expressedBy"))


def person_contributed(plan: Resource) -> bool:
    """Whether the plan itself names the person or a carer among those who made it."""
    voices = [plan.get("author"), *(plan.get("contributor") or ())]
    voices += [note.get("authorReference") for note in plan.get("note") or ()]
    return any(map(is_person, voices))


SECOND_PLAN = Issue(
    "The person has an active shared plan already; add to that one (003 §2.4 b4; PCPC-050)", "CarePlan.status"
)
"""One single care plan a person (PCPC-050)."""
DEAD = Issue(
    "The person has died: a plan is agreed with somebody who lives (000 §3.16 r7 b2, Patient.deceased)",
    "CarePlan.status",
)  # fmt: skip
"""Nobody can agree it."""
