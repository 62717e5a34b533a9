"""Bringing a net in step with what is known: after every fact, in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from referral_service.clocks.keep_clock import set_ending, start_clock
from referral_service.domain.clocks.request_clock import Clock, Ending
from referral_service.domain.safety_nets.cancer_clocks import clocks_of
from referral_service.domain.safety_nets.fact import Fact, known_at
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.obligations import obligations
from referral_service.domain.safety_nets.spans import Span, episode_at, spans_of
from referral_service.safety_nets.chasing import chase
from referral_service.safety_nets.fact_rows import facts_of, hold_nets, terms_of
from referral_service.safety_nets.net_events import CLOSED, OPENED, REOPENED, say, say_overdue
from referral_service.safety_nets.responsible_practice import owner_of
from referral_service.safety_nets.shipped_policies import policy_named
from referral_service.safety_nets.span_rows import keep_spans, spans_kept
from tandem.service import Work

DUE: Final = "referral.safety-net.due"
"""The timed event of a net: what it waits for falls due. Nobody outside hears of it."""
_A_LITTLE: Final = timedelta(milliseconds=1)
"""What is due until the last millisecond of a day is late after it."""
_WARN: Final = timedelta(days=3)


async def keep_net(work: Work, request: str) -> None:
    """Work out the net of a request; nothing for one that has none."""
    await hold_nets(work.connection, [request])
    terms = await terms_of(work.connection, request)
    if terms is None:
        return
    facts = await facts_of(work.connection, terms)
    before, spans = await spans_kept(work.connection, request), spans_of(terms, facts)
    if spans != before:
        await keep_spans(work.connection, terms, spans)
        await _tell(work, terms, before[-1] if before else None, spans[-1])
    await _chase(work, terms, facts)
    await _keep_clocks(work, terms, facts)


async def chase_what_fell_due(work: Work, request: str) -> None:
    """What the net waits for fell due: whoever is late is chased. Whoever calls holds the request."""
    terms = await terms_of(work.connection, request)
    if terms is not None:
        await _chase(work, terms, await facts_of(work.connection, terms))


async def _chase(work: Work, terms: NetTerms, facts: list[Fact]) -> None:
    episode = episode_at(facts, _last(terms, facts))
    open_now = obligations(terms, episode) if episode is not None else []
    late = [each for each in open_now if each.late(work.now)]
    following = min((each.due for each in open_now if each not in late), default=None)
    if following is None:
        await work.unschedule(DUE, terms.request)
    else:
        await work.schedule(DUE, terms.request, following + _A_LITTLE, {"request": terms.request})
    await chase(work, terms, late)
    for each in late:
        await say_overdue(work, terms, each)


async def _tell(work: Work, terms: NetTerms, before: Span | None, last: Span) -> None:
    if before is None:
        await say(work, OPENED, terms, last)
    elif before.open != last.open:
        await say(work, REOPENED if last.open else CLOSED, terms, last)


async def _keep_clocks(work: Work, terms: NetTerms, facts: list[Fact]) -> None:
    policy = policy_named(terms.policy)
    known = known_at(facts, _last(terms, facts))
    for each in clocks_of(terms, policy.clocks, known):
        owner = await owner_of(work.connection, terms.request, terms.patient)
        kind, named = each.rule.kind, f"{each.rule.kind}@{policy.version}"
        await start_clock(
            work,
            Clock(terms.request, kind, terms.patient, each.starts, each.due, named, each.due - _WARN, owner),
        )
        stop, close = (Ending(*ending) if ending is not None else None for ending in (each.stopped, each.closed))
        await set_ending(work, terms.request, kind, stop, close)


def _last(terms: NetTerms, facts: list[Fact]) -> datetime:
    """The moment of the last fact: what counts now."""
    return max((each.at for each in facts), default=terms.opened)
