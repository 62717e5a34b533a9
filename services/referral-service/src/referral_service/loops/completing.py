"""A referral is completed by itself when its Task was done, unless a rule still asks for something."""

from __future__ import annotations

from referral_service.domain.request_transitions import may_follow
from referral_service.loops.loop_rows import Loop
from referral_service.suspected_cancer.completion import may_complete
from tandem.fhir.body import Resource
from tandem.service import Work


async def complete_what_is_done(work: Work, loop: Loop, request: Resource) -> bool:
    """Complete the request whose Task was done in whole; whether that was so.

    One that may not be completed yet stays open, partly done, and is tried again with its next version.
    """
    status = str(request.get("status"))
    if loop.task_status != "completed" or loop.partly or not loop.waits or not may_follow(status, "completed"):
        return False
    if may_complete(request, work.now):
        return False
    await work.put({**request, "status": "completed"})
    return True
