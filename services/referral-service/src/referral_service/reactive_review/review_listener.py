"""A medication review that was completed answers the referrals that asked for it: their Tasks are done (AC-049)."""

from __future__ import annotations

from typing import Final

from referral_service.domain.loop_state import ANSWERED, IN_PROGRESS
from referral_service.domain.reactive_review.guidance import MEDICATION_REVIEW_KIND
from referral_service.loops.telling import TASK_ENDED
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.service import Work

REVIEWED: Final = "tandem.medication-review.completed"


async def end_answered_referrals(event: Event, work: Work) -> None:
    """End the Task of each referral for a review of the person that was taken on, and sent before the review ended.

    One that nobody has accepted is left to its triage: who was asked may not know of the review.
    """
    if event.patient is None:
        return
    rows = await work.connection.fetch(
        "SELECT request, task FROM referral_loop WHERE patient = $1 AND waits = 1 AND kind = $2"
        f" AND stands IN ('{ANSWERED}', '{IN_PROGRESS}') AND asked <= $3 ORDER BY opened, request",
        event.patient, MEDICATION_REVIEW_KIND, to_micros(event.time),
    )  # fmt: skip
    review = (event.data or {}).get("review")
    for row in rows:
        data = {"task": row["task"], "status": "completed", "reason": f"The review was completed: {review}"}
        await work.emit(TASK_ENDED, data, key=row["task"], patient=event.patient)
