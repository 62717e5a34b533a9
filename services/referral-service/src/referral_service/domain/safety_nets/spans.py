"""The life of a net as spans of time, one after the other without a gap: at any moment it is in exactly one state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from referral_service.domain.safety_nets import safety_net_transitions as states
from referral_service.domain.safety_nets.episode import Episode, episode_of
from referral_service.domain.safety_nets.fact import Fact, known_at
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.obligations import Obligation, obligations


@dataclass(frozen=True, slots=True)
class Span:
    """`[since, until)`; `until` is None for the last. `due` is None when closed."""

    state: str
    since: datetime
    until: datetime | None
    due: datetime | None

    @property
    def open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.state != states.CLOSED

    def late(self, moment: datetime) -> bool:
        """Whether it is overdue at a moment."""
        return self.due is not None and Obligation(self.state, self.due).late(moment)


def spans_of(terms: NetTerms, facts: Iterable[Fact]) -> tuple[Span, ...]:
    """The spans that follow from the facts, whatever their order."""
    facts = list(facts)
    moments = sorted({max(each.at, terms.opened) for each in facts} | {terms.opened})
    found: list[Span] = []
    for moment in moments:
        first = standing(terms, facts, moment)
        state, due = (first.state, first.due) if first is not None else (states.CLOSED, None)
        if found and (found[-1].state, found[-1].due) == (state, due):
            continue
        if found:
            found[-1] = Span(found[-1].state, found[-1].since, moment, found[-1].due)
        found.append(Span(state, moment, None, due))
    return tuple(found)


def standing(terms: NetTerms, facts: Iterable[Fact], moment: datetime) -> Obligation | None:
    """What has to be done first, as was known at a moment; None while the net is closed."""
    episode = episode_at(facts, moment)
    return None if episode is None else obligations(terms, episode)[0]


def episode_at(facts: Iterable[Fact], moment: datetime) -> Episode | None:
    """What counted at a moment; None while the net was closed."""
    return episode_of(known_at(facts, moment))
