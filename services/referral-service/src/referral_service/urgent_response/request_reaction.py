"""An urgent request starts its clock when it is sent, and closes it when it is withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from referral_service.clocks.keep_clock import start_clock
from referral_service.domain.clocks.request_clock import Clock
from referral_service.domain.referral_loop import is_sent, performer_organisation
from referral_service.domain.urgent_response.clock_rule import ClockRule, receipt_is_a_moment, received_at, rule_for
from referral_service.domain.urgent_response.response_facts import REQUEST, Fact
from referral_service.loops.requester import code_of_reference
from referral_service.urgent_response.response_rows import bring_in_step, fact_of, keep_fact, started
from referral_service.urgent_response.shipped_urgent_policies import clock_rules
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change, Work

_WITHDRAWN = frozenset({"revoked", "completed"})
_NEVER = frozenset({"entered-in-error", None})


def receipt_is_sound(change: Change) -> Iterator[Issue]:
    """Refuses an urgent request whose extension says no moment, or one to come."""
    if change.after is not None and _claimed(change.after):
        yield from receipt_is_a_moment(change.after, change.now)


async def keep_urgent_clock(change: Change, work: Work) -> None:
    """Start or move the clock of a request that is sent; close it with the request (EHCH-064, EHCH-065, EHCH-066).

    A request that is on hold goes on being waited for: hours are elapsed hours.
    """
    said = change.after or change.before
    if change.patient is None or said is None or not _claimed(said):
        return
    rule = await urgent_rule(work.connection, change.id, said, change.now)
    if rule is None:
        return
    if change.after is not None and is_sent(change.after):
        received = await _received(work.connection, change, rule)
        due = rule.due(received)
        clock = Clock(
            change.id, rule.kind, change.patient, received, due, rule.name, due - rule.warn,
            await _owner(work.connection, change.after),
        )  # fmt: skip
        await start_clock(work, clock)
    begun = await started(work.connection, change.id, rule)
    if begun is not None:
        await _close(work, change, rule, begun)


async def urgent_rule(connection: Connection, request_id: str, request: Resource, now: datetime) -> ClockRule | None:
    """The rule of the clock that the request has, or that it would start; None when it is not urgent."""
    kind = kind_of(request)
    of_kind = [each for each in clock_rules() if kind is not None and each.referral == kind.code]
    for rule in of_kind:
        if await started(connection, request_id, rule) is not None:
            return rule
    return rule_for(of_kind, kind.code if kind else None, received_at(request, now))


def _claimed(request: Resource) -> bool:
    kind = kind_of(request)
    return kind is not None and any(each.referral == kind.code for each in clock_rules())


async def _received(connection: Connection, change: Change, rule: ClockRule) -> datetime:
    # When the request says no time of its own, the moment it was first sent is kept through later versions.
    assert change.after is not None
    told = received_at(change.after, change.now)
    return (await started(connection, change.id, rule) or told) if told == change.now else told


async def _owner(connection: Connection, request: Resource) -> str | None:
    named = reference_code(performer_organisation(request))
    return None if named is None else await code_of_reference(connection, named)


async def _close(work: Work, change: Change, rule: ClockRule, begun: datetime) -> None:
    status = None if change.after is None else str(change.after.get("status"))
    fact, _ = await fact_of(work.connection, change.id, REQUEST)
    if status in _NEVER:
        # It never was: whatever was said of a breach is taken back.
        after = Fact(REQUEST, closed=begun, said=status or "deleted")
    elif status in _WITHDRAWN:
        after = fact if fact.closed is not None else Fact(REQUEST, closed=change.now, said=str(status))
    else:
        after = Fact(REQUEST)
    if after != fact:
        await keep_fact(work.connection, change.id, after)
        await bring_in_step(work, change.id, rule)
