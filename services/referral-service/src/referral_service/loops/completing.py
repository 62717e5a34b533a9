"""A referral is completed by itself when its Task was done, unless a rule still asks for something."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from referral_service.domain.request_transitions import may_follow
from referral_service.domain.suspected_cancer.completion import missing_for_completion
from referral_service.loops.loop_rows import Loop
from tandem.fhir.body import Resource
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Work

_WAITS_FOR: Final = "Not completed yet: "


def missing_for_the_end(request: Resource, now: datetime) -> list[str]:
    """Why a request whose work is done may not be completed yet; an empty list when it may."""
    kind = kind_of(request)
    return missing_for_completion(request, kind.code if kind else None, now)


async def complete_what_is_done(work: Work, loop: Loop, request: Resource) -> bool:
    """Complete the request whose Task was done in whole; whether that was so.

    One that may not be completed yet stays open, partly done, says as its reason what is missing, and is tried again
    with its next version.
    """
    status = str(request.get("status"))
    if loop.task_status != "completed" or loop.partly or not loop.waits or not may_follow(status, "completed"):
        return False
    if missing := missing_for_the_end(request, work.now):
        # Only the reason: the rest of this loop may be a supposition of the caller's.
        await work.connection.execute(
            "UPDATE referral_loop SET reason = $2 WHERE request = $1 AND reason IS NULL",
            loop.request, _WAITS_FOR + "; ".join(missing),
        )  # fmt: skip
        return False
    await work.connection.execute(
        "UPDATE referral_loop SET reason = NULL WHERE request = $1 AND reason LIKE $2", loop.request, f"{_WAITS_FOR}%"
    )
    await work.put({**request, "status": "completed"})
    return True
