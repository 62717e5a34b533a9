"""Where a referral stands: folded from what the request says and what its Task says, in any order.

Every followed request is closed, or on exactly one worklist: not yet sent, waiting for an answer (late after a while),
answered, in progress (overdue after a while), on hold, partly done, or unanswered, when the performer said no or gave
it up and the need is still there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from referral_service.domain.referral_loop import OVER
from tandem.canonical import REFERRAL_PROGRESS

CLOSED: Final = "closed"
NOT_SENT: Final = "not-sent"
WAITING: Final = "waiting-for-answer"
ANSWERED: Final = "answered"
IN_PROGRESS: Final = "in-progress"
ON_HOLD: Final = "on-hold"
UNANSWERED: Final = "unanswered"
PARTLY_DONE: Final = "partly-done"
LATE_ANSWER: Final = "late-answer"
OVERDUE: Final = "overdue"

STANDS: Final = (NOT_SENT, WAITING, ANSWERED, IN_PROGRESS, ON_HOLD, UNANSWERED, PARTLY_DONE)
"""What an open referral may be kept as."""
WORKLISTS: Final = (*STANDS, LATE_ANSWER, OVERDUE)
"""What it may be shown as: late is a comparison at read."""

GIVEN_UP: Final = frozenset({"rejected", "failed", "cancelled", "entered-in-error", "deleted"})
"""Ends of a Task that leave the need of the request open."""
ENDS: Final = GIVEN_UP | {"completed"}
TAKEN_ON: Final = frozenset({"accepted", "ready", "in-progress", "on-hold", "completed"})
"""Statuses of a Task that say that somebody took it on."""
_BY_TASK: Final = {
    "accepted": ANSWERED, "ready": ANSWERED, "in-progress": IN_PROGRESS, "on-hold": IN_PROGRESS,
    "completed": PARTLY_DONE, **dict.fromkeys(GIVEN_UP, UNANSWERED),
}  # fmt: skip
PARTLY_FULFILLED: Final = "partly-fulfilled"


def stands_as(request_status: str | None, sent: bool, task_status: str | None) -> str:
    """Where the referral stands. `request_status` is None when the request was deleted.

    `sent` says whether it asks somebody at present; a completed Task of a request that is still open did a part of it.
    """
    if request_status is None or request_status in OVER:
        return CLOSED
    if request_status == "on-hold":
        return ON_HOLD
    if not sent:
        return NOT_SENT
    return _BY_TASK.get(task_status or "requested", WAITING)


def shown_as(stands: str, answer_due: int | None, done_due: int | None, at: int) -> str:
    """The worklist that it is on at a moment; all in microseconds."""
    if stands == WAITING and answer_due is not None and answer_due < at:
        return LATE_ANSWER
    if stands in (ANSWERED, IN_PROGRESS) and done_due is not None and done_due < at:
        return OVERDUE
    return stands


def is_partly_fulfilled(task: Mapping[str, Any]) -> bool:
    """Whether a completed Task says by its businessStatus that only a part was done."""
    codings = (task.get("businessStatus") or {}).get("coding") or ()
    return any(each.get("system") == REFERRAL_PROGRESS and each.get("code") == PARTLY_FULFILLED for each in codings)
