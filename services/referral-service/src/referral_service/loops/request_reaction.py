"""A ServiceRequest that is followed: its row, its Task, and whatever it replaces, in the transaction of its write."""

from __future__ import annotations

from dataclasses import replace

from referral_service.domain.ended_reason import reason_of
from referral_service.domain.loop_state import ENDS
from referral_service.domain.referral_loop import (
    asked_task,
    followed_kind,
    is_sent,
    performer_organisation,
    task_id,
)
from referral_service.domain.support.occurrences import regular_support_done_by
from referral_service.loops.chase_timer import end_chases, set_timer
from referral_service.loops.completing import complete_what_is_done
from referral_service.loops.done_notices import tell_that_it_is_done
from referral_service.loops.identifier_rows import claim_identifiers, release_identifiers
from referral_service.loops.known_performer import performer_is_known
from referral_service.loops.loop_rows import Loop, keep_loop, loop_of
from referral_service.loops.practice_listener import keep_practice_of
from referral_service.loops.replacing import replaced_requests, revoke_replaced
from referral_service.loops.requester import code_of_reference, requester_of
from referral_service.loops.step_rows import Step, keep_step
from referral_service.loops.telling import (
    CLOSED,
    OPENED,
    REDIRECTED,
    TASK_REQUESTED,
    WITHDRAWN,
    end_task,
    say,
)
from tandem.clock import from_micros, to_micros
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.registered_practice import registered_practice
from tandem.nhs.referral_kind import ReferralKind
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.service import Change, Work

_WITHDRAWN = "The request was withdrawn"
_HELD = "The request was put on hold"
_DONE = "The request was completed"


async def follow_request(change: Change, work: Work) -> None:
    """Keep the referral in step with its request. One about nobody known here cannot be fulfilled and is a record."""
    held = await loop_of(work.connection, change.id)
    kind = followed_kind(change.after, referral_kinds()) if change.after is not None else None
    if held is None and (kind is None or change.patient is None):
        return
    now = to_micros(change.now)
    loop = replace(held) if held is not None else Loop(change.id, task_id(change.id), change.patient or "", now)
    replaced = await _take_in(loop, kind, change, work)
    resent = bool(loop.sent) and loop.asked is None
    if resent:
        await performer_is_known(work, change.after)
        _begin_round(loop, now, change.after)
    loop.settle()
    if held is not None and held.waits and not loop.waits:
        loop.closed, loop.outcome = now, loop.request_status or "deleted"
    loop.practice = await registered_practice(work.connection, loop.patient)
    await keep_loop(work.connection, loop)
    if held is not None and held.patient != loop.patient:
        await keep_practice_of(work.connection, loop.patient)
    await _keep_history(loop, change, work)
    await _follow_up(held, loop, change, work, resent=resent)
    if change.after is not None:
        await revoke_replaced(work, change.after, replaced)
        if await complete_what_is_done(work, loop, change.after):
            await tell_that_it_is_done(work, loop, change.now)
    await set_timer(work, held, loop)


async def _take_in(loop: Loop, kind: ReferralKind | None, change: Change, work: Work) -> list[str]:
    """What the request says now; and the requests that it replaces."""
    request, connection = change.after, work.connection
    loop.request_status = None if request is None else str(request.get("status"))
    if loop.sent and loop.request_status == "on-hold":
        loop.asked = None
    if request is None:
        loop.sent = 0
        await release_identifiers(connection, loop.request)
        return []
    loop.sent = int(is_sent(request))
    loop.patient = change.patient or loop.patient
    loop.kind = kind.code if kind is not None else loop.kind
    loop.requester = await requester_of(connection, request, change) or loop.requester
    owner = reference_code(performer_organisation(request))
    loop.owner = await code_of_reference(connection, owner) if owner is not None else None
    replaced = await replaced_requests(work, request, loop.patient)
    loop.replaces = replaced[0] if replaced else loop.replaces
    if loop.request_status == "entered-in-error":
        await release_identifiers(connection, loop.request)
    elif loop.request_status != "revoked":
        # One that is revoked keeps what it has, until another replaces it.
        await claim_identifiers(connection, request, replaced)
    return replaced


def _begin_round(loop: Loop, now: int, request: Resource | None) -> None:
    """It is sent, for the first time or again: nothing has been answered yet."""
    kind = referral_kinds().kinds.get(loop.kind or "")
    loop.round += 1
    loop.opened = now if loop.round == 1 else loop.opened
    loop.task, loop.asked = task_id(loop.request, loop.round), now
    loop.task_status, loop.task_version, loop.partly, loop.reason, loop.reply = None, 0, 0, None, None
    loop.received = loop.accepted = loop.started = loop.held = loop.ended = None
    loop.chased = ""
    start = from_micros(now)
    loop.answer_due = to_micros(kind.answer.until(start)) if kind is not None and kind.answer else None
    done = kind.done.until(start) if kind is not None and kind.done else None
    done = done if request is None else regular_support_done_by(request, done, start)
    loop.done_due = to_micros(done) if done is not None else None


async def _keep_history(loop: Loop, change: Change, work: Work) -> None:
    said: Resource = change.after or change.before or {}
    version = int((said.get("meta") or {}).get("versionId") or 1) + (change.after is None)
    reason = reason_of(change.after)[1] if change.after is not None else None
    await keep_step(work.connection, Step(
        f"ServiceRequest/{loop.request}", version, loop.request, loop.request_status or "deleted",
        to_micros(change.now), reason, change.caller.organisation if change.caller.service is None else None,
    ))  # fmt: skip


async def _follow_up(held: Loop | None, loop: Loop, change: Change, work: Work, *, resent: bool) -> None:
    """Ask for its Task, or take it back; say what became of the referral."""
    if resent and change.after is not None:
        asked = asked_task(change.after, change.now, loop.round)
        await work.emit(TASK_REQUESTED, asked, key=_key(loop), patient=loop.patient)
        await say(work, OPENED, loop, "opened", change.now)
    if held is None or held.round == 0:
        return
    waits = held.waits and held.task_status not in ENDS
    if loop.request_status == "on-hold" != held.request_status and waits:
        await end_task(work, held.task, _HELD, loop.patient)
        await end_chases(work, held)
    if not held.waits or loop.waits:
        return
    if waits:
        done = loop.outcome == "completed"
        await end_task(work, held.task, _DONE if done else _WITHDRAWN, loop.patient)
    await end_chases(work, held)
    await _say_closed(loop, change, work)


async def _say_closed(loop: Loop, change: Change, work: Work) -> None:
    if loop.outcome == "completed":
        await say(work, CLOSED, loop, "completed", change.now)
        return
    code, text = reason_of(change.after) if change.after is not None else (None, None)
    kind = REDIRECTED if code is not None else WITHDRAWN
    await say(work, kind, loop, code or loop.outcome or "revoked", change.now, reason=text)


def _key(loop: Loop) -> str:
    return loop.request if loop.round == 1 else f"{loop.request}/{loop.round}"
