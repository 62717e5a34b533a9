"""The part of a net's facts that still counts: those since it was closed last, if they opened it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from referral_service.domain.safety_nets.codes import (
    ACTED,
    APPOINTMENT,
    ATTENDED,
    CAME,
    CLOSED,
    COMMUNICATED,
    DECISION,
    LIVE,
    NOT_ATTENDED,
    PENDING,
    RECEIVED,
    REPLACED,
    REPORT,
    REQUEST,
    REVIEWED,
    SYMPTOMS,
)
from referral_service.domain.safety_nets.fact import Fact

_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Episode:
    """Facts in order of time, each source once. `again` says that the net was closed before."""

    facts: tuple[Fact, ...]
    again: bool = False

    def of(self, kind: str, says: str | None = None) -> list[Fact]:
        """The facts of a kind, and of those the ones that say a word."""
        return [each for each in self.facts if each.kind == kind and (says is None or each.says == says)]

    def last(self, kind: str, says: str | None = None) -> Fact | None:
        """The last of them."""
        found = self.of(kind, says)
        return found[-1] if found else None

    @property
    def attendances(self) -> list[Fact]:
        """That the person came: an Appointment says so, or a clinician."""
        return [each for each in self.facts if each.kind == ATTENDED or (each.kind, each.says) == (APPOINTMENT, CAME)]

    @property
    def received(self) -> list[Fact]:
        """Results that are final."""
        return self.of(REPORT, RECEIVED)

    @property
    def pending(self) -> list[Fact]:
        """Reports that are registered, partial or preliminary."""
        return self.of(REPORT, PENDING)

    @property
    def decision(self) -> Fact | None:
        """The last documented decision not to pursue."""
        return self.last(DECISION)

    @property
    def unacted(self) -> list[Fact]:
        """Results received on which no action was recorded since (ECD-007). A decision is not an action on a result."""
        return [each for each in self.received if not any(_covers(action, each) for action in self.of(ACTED))]

    @property
    def missed(self) -> Fact | None:
        """The last missed appointment since which the person neither came nor was decided about (ECD-006)."""
        settled = [each.at for each in self.attendances] + [each.at for each in self.of(DECISION)]
        missed = [
            each for each in self.of(APPOINTMENT, NOT_ATTENDED) if not any(moment >= each.at for moment in settled)
        ]
        return missed[-1] if missed else None

    @property
    def live_appointment(self) -> Fact | None:
        """The next appointment that is booked and not yet kept."""
        return min(self.of(APPOINTMENT, LIVE), key=lambda each: (each.happened, each.source), default=None)

    @property
    def answered(self) -> bool:
        """Whether there is something to go by: a result, an attendance, a review."""
        return bool(self.received or self.attendances or self.of(ACTED) or self.of(REVIEWED))

    @property
    def communicated(self) -> Fact | None:
        """That the person was told of all there is: of every result, action and decision up to now."""
        told = self.last(COMMUNICATED)
        told_of = [each.at for each in (*self.received, *self.of(ACTED), *self.of(DECISION))]
        return told if told is not None and all(moment <= told.at for moment in told_of) else None

    def settled_by_decision(self, fact: Fact) -> bool:
        """Whether somebody decided, since then, not to pursue it."""
        return self.decision is not None and self.decision.at >= fact.at


def episode_of(known: Sequence[Fact]) -> Episode | None:
    """What counts of what is known; None while the net is closed."""
    status = next((each for each in reversed(known) if each.kind == REQUEST), None)
    if status is not None and status.says == _ERROR:
        return None
    if status is not None and status.says == "revoked" and any(each.kind == REPLACED for each in known):
        return None
    closed = [each for each in known if each.kind == CLOSED]
    if not closed:
        return Episode(tuple(known))
    since = tuple(each for each in known if each.at > closed[-1].at)
    return Episode(since, again=True) if any(map(_is_news, since)) else None


def _is_news(fact: Fact) -> bool:
    """What opens a closed net: a new or changed result, symptoms or a recurrence that the person reports."""
    return fact.kind == SYMPTOMS or (fact.kind, fact.says) == (REPORT, RECEIVED)


def _covers(action: Fact, report: Fact) -> bool:
    return action.at >= report.at and action.detail.get("result") in (None, report.source)
