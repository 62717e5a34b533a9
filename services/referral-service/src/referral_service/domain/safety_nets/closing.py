"""When a net may be closed: never without a result or a recorded reason (000 §6.2 fn13; 002 ECD clar2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from referral_service.domain.safety_nets import safety_net_transitions as states
from referral_service.domain.safety_nets.codes import OUTCOMES, REASONS
from referral_service.domain.safety_nets.episode import Episode
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.obligations import obligations
from tandem.fhir.outcome import Issue

_SOURCE: Final = "000 §6.2 fn13; docs/safety-nets.md"
_OPEN: Final = {
    states.TO_TELL: "the person was not told", states.TO_BOOK: "no appointment was made",
    states.TO_ATTEND: "the appointment is not kept yet", states.NOT_ATTENDED: "the person did not attend",
    states.AWAITING_RESULT: "a result is outstanding", states.TO_COMMUNICATE: "the person was not told what came of it",
    states.AWAITING_REVIEW: "a review is outstanding", states.AWAITING_PERSON: "the person was left to come back",
    states.TO_DECIDE: "the request was withdrawn and nothing decided",
}  # fmt: skip


def closing_faults(
    terms: NetTerms, episode: Episode | None, outcome: str | None, reason: str | None, note: str | None
) -> list[Issue]:
    """Why the net may not be closed so; nothing when it may."""
    return list(_faults(terms, episode, outcome, reason, note))


def _faults(
    terms: NetTerms, episode: Episode | None, outcome: str | None, reason: str | None, note: str | None
) -> Iterator[Issue]:
    if outcome is None and reason is None:
        yield Issue("Closing needs an outcome or a documented reason (000 §6.2 fn13; 002 ECD clar2)", "outcome")
    if outcome is not None and outcome not in OUTCOMES:
        yield Issue(f"outcome is one of {', '.join(OUTCOMES)} ({_SOURCE})", "outcome")
    if reason is not None and reason not in REASONS:
        yield Issue(f"reason is one of {', '.join(REASONS)} ({_SOURCE})", "reason")
    if "other" in (outcome, reason) and not note:
        yield Issue(f"An outcome or reason 'other' is told in note ({_SOURCE})", "note")
    if episode is None:
        yield Issue("The net is closed already", "ServiceRequest")
        return
    if episode.unacted:
        text = (
            "A received result stays open until an action on it is recorded, whatever the reason (000 §6.2 fn13 part 2)"
        )
        yield Issue(text, "outcome")
    unseen = episode.decision is not None and not episode.attendances and not episode.received
    if unseen and outcome not in (None, "other"):
        text = "Nobody was seen and nothing came back: after a decision not to pursue, a net is closed with a reason"
        yield Issue(f"{text}, or with the outcome other (000 §6.2 fn13)", "outcome")
    if reason is None and (missing := _unanswered(terms, episode)):
        text = "A safety net is not closed without a result, or attendance with an outcome, or a recorded reason"
        yield Issue(f"{text}: {'; '.join(missing)} (000 §6.2 fn13; 002 ECD clar2)", "reason")


def _unanswered(terms: NetTerms, episode: Episode) -> list[str]:
    waived = {states.TO_CLOSE, states.TO_ACT}
    if episode.decision is not None:
        waived.add(states.TO_COMMUNICATE)
    if episode.attendances and episode.missed is None and not episode.pending:
        # Seen, and the outcome is said: no report need follow.
        waived.add(states.AWAITING_RESULT)
    found = dict.fromkeys(each.state for each in obligations(terms, episode) if each.state not in waived)
    return [_OPEN[state] for state in found]
