"""Flags of a home, their triage, and what a round records: the Tasks of home rounds (EHCH-032, EHCH-034, EHCH-036)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from mdt_service.domain.home_rounds.codes import (
    FLAG_REASON,
    HOME_FLAG,
    OUTCOMES,
    ROUND_PREPARATION,
    TRIAGE,
    TRIAGE_OUTCOME,
)
from tandem.canonical import TASK_KIND
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.service import Change

KINDS: Final = (HOME_FLAG, TRIAGE, ROUND_PREPARATION)
ENDED: Final = frozenset(("completed", "cancelled", "failed", "rejected", "entered-in-error"))


def kind_of(task: Resource | None) -> str | None:
    """Which Task of home rounds it is."""
    codings = ((task or {}).get("code") or {}).get("coding") or ()
    found = [each.get("code") for each in codings if each.get("system") == TASK_KIND]
    return next((kind for kind in KINDS if kind in found), None)


def reason_code(task: Resource) -> str | None:
    """The code of FLAG_REASON that a flag gives."""
    codings = (task.get("reasonCode") or {}).get("coding") or ()
    return next((str(each["code"]) for each in codings if each.get("system") == FLAG_REASON and each.get("code")), None)


def reason_text(task: Resource) -> str | None:
    """The home's reason in its own words."""
    reason = task.get("reasonCode") or {}
    displays = [each["display"] for each in reason.get("coding") or () if each.get("display")]
    return reason.get("text") or task.get("description") or next(iter(displays), None)


def outcome_of(task: Resource) -> str | None:
    """The code of TRIAGE_OUTCOME that a triage came to."""
    for output in task.get("output") or ():
        for coding in (output.get("valueCodeableConcept") or {}).get("coding") or ():
            if coding.get("system") == TRIAGE_OUTCOME:
                return str(coding.get("code"))
    return None


def focus_of(task: Resource, kind: str) -> str | None:
    """The id of what the Task is about, of a type."""
    literal = str((task.get("focus") or {}).get("reference") or "")
    return literal.removeprefix(f"{kind}/").partition("/")[0] if literal.startswith(f"{kind}/") else None


def triage_output(outcome: str) -> dict[str, Any]:
    """The output that says what a triage came to."""
    concept = {"coding": [{"system": TRIAGE_OUTCOME, "code": outcome}]}
    return {"type": {"coding": [{"system": TASK_KIND, "code": TRIAGE}]}, "valueCodeableConcept": concept}


def flags_are_whole(change: Change) -> Iterable[Issue]:
    """A flag that is raised here names the resident and says why (000 §3.16 r6 b3: people the home identifies)."""
    task = change.after
    if task is None or change.before is not None or kind_of(task) != HOME_FLAG or task.get("status") != "requested":
        return
    if task.get("for") is None:
        yield Issue("A home-flag names the resident to be seen (000 §3.16 r6 b3)", "Task.for")
    if reason_text(task) is None:
        yield Issue("A home-flag gives the home's reason (000 §3.16 r6 b3)", "Task.reasonCode")


def triage_faults(triage: Resource) -> Iterable[Issue]:
    """A triage of a flag that is completed says how urgent it is and what came of it (000 §3.16 r6, community)."""
    if triage.get("priority") is None:
        yield Issue("A triage gives the priority (000 §3.16 r6, community)", "Task.priority")
    if outcome_of(triage) not in OUTCOMES:
        text = f"A triage gives its outcome: one of {', '.join(OUTCOMES)} (000 §3.16 r6, community)"
        yield Issue(text, "Task.output")
