"""What somebody still has to do about an open net, and by when. There is always something, if only to close it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from referral_service.domain.safety_nets import safety_net_transitions as states
from referral_service.domain.safety_nets.codes import (
    ACTED,
    ATTENDED,
    BOOKED,
    COMMUNICATED,
    INFORMED,
    REQUEST,
    RESULT,
    TOLD,
)
from referral_service.domain.safety_nets.episode import Episode
from referral_service.domain.safety_nets.net_policy import due_after
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.review_obligations import review_obligations
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class Obligation:
    """A state of `safety_net_transitions` with the last moment at which it is in time."""

    state: str
    due: datetime

    @property
    def rank(self) -> tuple[datetime, int]:
        """The first due comes first; of those due together, the earlier state of the table."""
        return self.due, states.STATES.index(self.state)

    def late(self, moment: datetime) -> bool:
        """Whether it is overdue at a moment; that somebody did not attend is late as soon as it is known."""
        return moment > self.due or self.state == states.NOT_ATTENDED


def obligations(terms: NetTerms, episode: Episode) -> list[Obligation]:
    """All of them, the first due first; never empty."""
    found = [Obligation(state, due) for state, due in _obligations(terms, episode)]
    if not found:
        last = max((each.at for each in episode.facts), default=terms.opened)
        found = [Obligation(states.TO_CLOSE, _after(terms, last, "closed"))]
    return sorted(found, key=lambda each: each.rank)


def _obligations(terms: NetTerms, episode: Episode) -> Iterator[tuple[str, datetime]]:
    for each in episode.unacted:
        yield states.TO_ACT, _after(terms, each.at, ACTED)
    if episode.missed is not None:
        yield states.NOT_ATTENDED, episode.missed.at
    yield from review_obligations(terms, episode)
    withdrawn = episode.last(REQUEST, "revoked")
    if withdrawn is not None and not episode.again and not episode.settled_by_decision(withdrawn):
        yield states.TO_DECIDE, _after(terms, withdrawn.at, "decided")
    elif (decision := episode.decision) is not None:
        if episode.communicated is None and not episode.unacted:
            yield states.TO_COMMUNICATE, _after(terms, decision.at, COMMUNICATED)
    elif terms.is_concern or episode.again:
        yield from _answer(terms, episode)
    elif (step := _next_step(terms, episode)) is not None:
        yield step


def _next_step(terms: NetTerms, episode: Episode) -> tuple[str, datetime] | None:
    """The step after the last one that is done, of the steps of a referral or an investigation."""
    if episode.received or episode.pending or episode.of(ACTED):
        return next(_answer(terms, episode), None)
    completed = episode.last(REQUEST, "completed")
    seen = [each.at for each in episode.attendances] + ([completed.at] if completed is not None else [])
    if seen and episode.communicated is not None and episode.communicated.at >= max(seen):
        return None
    if seen:
        return states.AWAITING_RESULT, _after(terms, max(seen), RESULT)
    if episode.missed is not None:
        return None
    booked = episode.live_appointment
    if booked is not None and not terms.is_investigation:
        return states.TO_ATTEND, due_after(london_date(booked.happened), terms.days[ATTENDED])
    if terms.is_investigation:
        return states.AWAITING_RESULT, due_after(terms.day, terms.days[RESULT])
    if episode.of(TOLD) or episode.last(INFORMED, "complete") is not None:
        return states.TO_BOOK, due_after(terms.day, terms.days[BOOKED])
    return states.TO_TELL, due_after(terms.day, terms.days[TOLD])


def _answer(terms: NetTerms, episode: Episode) -> Iterator[tuple[str, datetime]]:
    """What is left once there is a result, or something was done without one."""
    for each in episode.pending:
        yield states.AWAITING_RESULT, _after(terms, each.at, RESULT)
    if episode.pending or episode.unacted or episode.communicated is not None:
        return
    done = [each.at for each in (*episode.received, *episode.of(ACTED))]
    if done:
        yield states.TO_COMMUNICATE, _after(terms, max(done), COMMUNICATED)


def _after(terms: NetTerms, moment: datetime, step: str) -> datetime:
    return due_after(london_date(moment), terms.days[step])
