"""What happens when a performer does not answer, or does not come to an end: each step once, at its own time.

How long it may take, and when the requester's organisation hears that nobody came back, is the kind's
(`tandem/nhs/referral_kinds.yaml`). Whatever ends the waiting ends the steps that have not been taken.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from referral_service.domain.loop_state import ANSWERED, IN_PROGRESS, WAITING
from tandem.nhs.referral_kind import Allowance


class Step(Enum):
    """A step of chasing; its value is the outcome that `tandem.referral.overdue` names."""

    ANSWER_LATE = "late-answer"
    ANSWER_ESCALATED = "late-answer-escalated"
    DONE_LATE = "overdue"
    DONE_ESCALATED = "overdue-escalated"


TO_THE_REQUESTER = frozenset({Step.ANSWER_ESCALATED, Step.DONE_ESCALATED})
FOR_AN_ANSWER = (Step.ANSWER_LATE, Step.ANSWER_ESCALATED)
FOR_AN_END = (Step.DONE_LATE, Step.DONE_ESCALATED)
_WORDS = {
    Step.ANSWER_LATE: "Answer a referral that waits: accept it, or reject it with the reason",
    Step.ANSWER_ESCALATED: "Nobody has answered your referral: ask again, redirect or withdraw it",
    Step.DONE_LATE: "Finish a referral that is overdue, or say what holds it up",
    Step.DONE_ESCALATED: "Your referral is overdue: ask the performer, redirect or withdraw it",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for: how the referral stands, by when, and which steps were taken in this round."""

    stands: str
    answer_due: datetime | None
    done_due: datetime | None
    escalate: int
    taken: Collection[Step]


def next_step(waiting: Waiting) -> tuple[Step, datetime] | None:
    """The next step and its time; None when nothing is waited for, or all has been said."""
    if waiting.stands == WAITING:
        due, steps = waiting.answer_due, FOR_AN_ANSWER
    elif waiting.stands in (ANSWERED, IN_PROGRESS):
        due, steps = waiting.done_due, FOR_AN_END
    else:
        return None
    step = next((each for each in steps if each not in waiting.taken), None)
    if due is None or step is None:
        return None
    return step, due if step is steps[0] else escalated_at(due, waiting.escalate)


def escalated_at(due: datetime, working_days: int) -> datetime:
    """The end of so many working days after the day that `due` belongs to; `due` itself with none."""
    if working_days == 0:
        return due
    # A due time of working days is the midnight that ends the last of them.
    return Allowance(working_days=working_days).until(due - timedelta(microseconds=1))


def answered_by(due: datetime) -> datetime:
    """By when a chase is to be answered: the end of the next working day."""
    return Allowance(working_days=1).until(due - timedelta(microseconds=1))


def words_for(step: Step) -> str:
    """What whoever is chased is asked to do."""
    return _WORDS[step]
