"""When a shared plan may become active, which is how it is agreed (EHCH-043, PCPC-050).

It is developed with the person or their carer and reflects personal goals: without a goal it is not agreed, and
without a voice it is flagged. The person's voice is heard when the plan
names them as author or contributor, carries a note of theirs, or has a goal that they expressed; a carer's likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue

_PEOPLE = ("Patient", "RelatedPerson")
_DROPPED = {"rejected", "cancelled", "entered-in-error"}


def is_person(reference: Any) -> bool:
    """Whether a Reference names the person or someone close, literally or by type and identifier."""
    if not isinstance(reference, dict):
        return False
    text = str(reference.get("reference") or "")
    return text.startswith(tuple(f"{kind}/" for kind in _PEOPLE)) or reference.get("type") in _PEOPLE


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


def agreement_faults(plan: Resource, goals: int) -> Iterator[Issue]:
    """What keeps a plan from being agreed; `goals` is how many goals the person has here."""
    if not goals and not plan.get("goal"):
        yield Issue("A plan is agreed with at least one personal goal: add a Goal and name it", "CarePlan.goal")


def agreement_flags(plan: Resource, expressed: int) -> Iterator[Issue]:
    """What an agreed plan lacks; `expressed` is how many of the person's goals the person or a carer expressed.

    A flag and no refusal: systems that agree a plan with the person cannot all write down who spoke.
    """
    if not expressed and not person_contributed(plan):
        yield Issue(
            "No voice of the person is named: put the person or a carer in contributor, or in expressedBy of a Goal",
            "CarePlan.contributor", severity="warning",
        )  # fmt: skip


SECOND_PLAN = Issue("The person has an active shared plan already; add to that one", "CarePlan.status")
"""One single care plan a person (PCPC-050)."""
