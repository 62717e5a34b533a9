"""What has become of support that was asked for, in one word: offered, accepted, declined, delivered, overdue (AC-047).

000 §4.12 r6 PCN. Folded from where the referral stands (domain/loop_state.py), what the person said to an offer, and,
of regular support, its deliveries.
"""

from __future__ import annotations

from typing import Final

from referral_service.domain import loop_state

OFFERED, ACCEPTED, DECLINED, DELIVERED = "offered", "accepted", "declined", "delivered"
OVERDUE, WITHDRAWN = "overdue", "withdrawn"
STATES: Final = (
    OFFERED, loop_state.NOT_SENT, loop_state.WAITING, ACCEPTED, OVERDUE, loop_state.ON_HOLD, loop_state.UNANSWERED,
    loop_state.PARTLY_DONE, DECLINED, DELIVERED, WITHDRAWN,
)  # fmt: skip
_SHOWN_AS: Final = {
    loop_state.ANSWERED: ACCEPTED, loop_state.IN_PROGRESS: ACCEPTED, loop_state.LATE_ANSWER: OVERDUE,
    loop_state.OVERDUE: OVERDUE,
}  # fmt: skip

PLANNED, NOT_DELIVERED = "planned", "not-delivered"
"""A delivery that is asked for, and one that was rejected, failed or cancelled."""


def support_state(shown: str, outcome: str | None, task_status: str | None, *, offer: bool, choice: str | None) -> str:
    """`shown` is the state on the worklists, or closed; `outcome` how it was closed; `choice` the person's answer.

    Declined is what the person did not want, and what the organisation that was asked turned down.
    """
    if choice == "declined":
        return DECLINED
    if choice == "accepted":
        return ACCEPTED
    if shown == loop_state.CLOSED:
        return DELIVERED if outcome == "completed" else WITHDRAWN
    if offer and shown == loop_state.NOT_SENT:
        return OFFERED
    if shown == loop_state.UNANSWERED and task_status == "rejected":
        return DECLINED
    return _SHOWN_AS.get(shown, shown)


def delivery_state(task_status: str | None, due: int, at: int) -> str:
    """Of one delivery of regular support, by its Task; times in microseconds."""
    if task_status == "completed":
        return DELIVERED
    if task_status in loop_state.GIVEN_UP:
        return NOT_DELIVERED
    return OVERDUE if due <= at else PLANNED
