"""Rows of the first release, which knew a Task and how it ended: brought to what rows say now, at the next start."""

from __future__ import annotations

from referral_service.domain.referral_loop import followed_kind, is_sent, performer_organisation
from referral_service.loops.chase_timer import set_timer
from referral_service.loops.loop_rows import keep_loop, loop_of
from referral_service.loops.practice_listener import keep_practice_of
from referral_service.loops.requester import code_of_reference
from tandem.clock import from_micros, to_micros
from tandem.identity.organisations import reference_code
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.service import Work

_OLDER = "SELECT request FROM referral_loop WHERE waits = 1 AND request_status IS NULL AND round = 0"


async def settle_older_rows(work: Work) -> None:
    """Fill in what the first release did not keep; who is asked has the time of the kind from now on."""
    for row in await work.connection.fetch(_OLDER):
        loop, request = (
            await loop_of(work.connection, row["request"]),
            await work.read("ServiceRequest", row["request"]),
        )
        assert loop is not None, "it was read just now"
        before_closed, ended = loop.closed, loop.outcome
        loop.round, loop.asked, loop.task_status = 1, loop.opened, ended or "requested"
        loop.ended, loop.outcome, loop.closed = before_closed, None, None
        if request is not None:
            kind, start = followed_kind(request, referral_kinds()), from_micros(to_micros(work.now))
            loop.request_status, loop.sent = str(request.get("status")), int(is_sent(request))
            loop.kind = kind.code if kind is not None else None
            owner, asked_by = (
                reference_code(each) for each in (performer_organisation(request), request.get("requester"))
            )
            loop.owner = await code_of_reference(work.connection, owner) if owner is not None else None
            loop.requester = await code_of_reference(work.connection, asked_by) if asked_by is not None else None
            if kind is not None and kind.answer is not None and kind.done is not None:
                loop.answer_due, loop.done_due = (to_micros(each.until(start)) for each in (kind.answer, kind.done))
        loop.settle()
        if not loop.waits:
            loop.closed, loop.outcome = before_closed or to_micros(work.now), loop.request_status or "deleted"
        await keep_loop(work.connection, loop)
        await keep_practice_of(work.connection, loop.patient)
        await set_timer(work, None, loop)
