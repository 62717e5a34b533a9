"""Adding people to the register and taking them off: what each needs to be said (PCPC-017, PCPC-019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cohort_service.domain.case_register.sources import MEETING, SOURCES

Decision = Literal["add", "decline", "remove"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
Status = Literal["candidate", "on-register", "declined", "removed"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of one person. `meeting` refers to the meeting of the multidisciplinary team that decided."""

    decision: str
    sources: tuple[str, ...]
    reason: str | None
    meeting: str | None
    standing: Status | None


def faults_of(asked: Asked) -> list[tuple[str, str]]:
    """Pairs of the part and what is wrong with it; none when the entry can be made."""
    if asked.decision not in DECISIONS:
        return [("decision", f"decision is one of {', '.join(DECISIONS)}")]
    faults = [("source", f"source is one of {', '.join(SOURCES)}") for each in asked.sources if each not in SOURCES]
    if asked.decision == "add":
        faults += _of_adding(asked)
    elif not asked.reason:
        faults.append(("reason", "Give the reason why the person is not, or no longer, on the register"))
    if asked.decision == "decline" and asked.standing == "on-register":
        faults.append(("decision", "The person is on the register: decision is remove"))
    if asked.decision == "remove" and asked.standing != "on-register":
        faults.append(("decision", "The person is not on the register: decision is decline"))
    return faults


def _of_adding(asked: Asked) -> list[tuple[str, str]]:
    faults = []
    if not asked.sources and asked.standing != "candidate":
        faults.append(("source", f"An entry names its source, one or more of {', '.join(SOURCES)}"))
    if MEETING in asked.sources and asked.meeting is None:
        faults.append(("meeting", f"The source {MEETING} needs meeting, a reference to the meeting that decided"))
    return faults


def status_after(decision: str) -> Status:
    """How the person stands once it is decided."""
    if decision == "add":
        return "on-register"
    return "declined" if decision == "decline" else "removed"
