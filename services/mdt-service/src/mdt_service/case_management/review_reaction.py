"""Keeping which contacts with hospital were reviewed in step with the Tasks that say so."""

from __future__ import annotations

from mdt_service.case_management.review_chase_timer import end_chase
from mdt_service.domain.case_management.admission_review import reviewed_by
from tandem.london_days import day_of
from tandem.service import Change, Work


async def keep_admission_review(change: Change, work: Work) -> None:
    """A Task was written: what it says was reviewed now, or nothing. The day is that of its first saying so."""
    before, after = reviewed_by(change.before), reviewed_by(change.after)
    if before == after:
        return
    await work.connection.execute("DELETE FROM admission_review WHERE task = $1", change.id)
    if after is not None:
        await work.connection.execute(
            "INSERT INTO admission_review (task, encounter, scope, decision, day) VALUES ($1, $2, $3, $4, $5)",
            change.id, after.encounter, after.scope, after.decision, day_of(change.now),
        )  # fmt: skip
        if after.scope is not None:
            await end_chase(work, after.scope)
