"""A referral is completed by itself when its Task was done, unless a rule still asks for something."""

from __future__ import annotations

from typing import Final

from referral_service.domain.request_transitions import may_follow
from referral_service.loops.loop_rows import Loop
from referral_service.suspected_cancer.completion import may_complete
from tandem.fhir.body import Resource
from tandem.service import Work

_WAITS_FOR: Final = "Not completed yet: "


async def complete_what_is_done(work: Work, loop: Loop, request: Resource) -> bool:
    """Complete the request whose Task was done in whole; whether that was so.

    One that may not be completed yet stays open, partly done, says as its reason what is missing, and is tried again
    with its next version.
    """
    status = str(request.get("status"))
    if loop.task_status != "completed" or loop.partly or not loop.waits or not may_follow(status, "completed"):
        return False
    if missing := may_complete(request, work.now):
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
