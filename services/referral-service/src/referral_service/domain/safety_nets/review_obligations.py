"""Reviews of people without a referral: on the agreed day, or when the person reports symptoms (ECD-008, ECD-030)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from referral_service.domain.safety_nets.codes import AGREED, REVIEWED, SYMPTOMS
from referral_service.domain.safety_nets.episode import Episode
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_policy import due_after
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.safety_net_transitions import AWAITING_PERSON, AWAITING_REVIEW
from tandem.london_days import london_date
from tandem.nhs.working_days import end_of_london_day

_LEFT_TO_THE_PERSON = "patient-initiated"


def review_obligations(terms: NetTerms, episode: Episode) -> Iterator[tuple[str, datetime]]:
    """A state and its due time for what was reported and not looked at, and for what was agreed."""
    review = episode.last(REVIEWED)
    reported = [
        each for each in episode.of(SYMPTOMS)
        if (review is None or each.at > review.at) and not episode.settled_by_decision(each)
    ]  # fmt: skip
    if reported:
        yield AWAITING_REVIEW, due_after(london_date(reported[0].at), terms.days[REVIEWED])
    if (agreed := _agreed(episode, review)) is None or episode.settled_by_decision(agreed):
        return
    day = _next_day(agreed, review)
    if day is not None:
        yield AWAITING_REVIEW, end_of_london_day(day)
    elif agreed.detail.get("patient_initiated"):
        yield AWAITING_PERSON, due_after(london_date(agreed.at), terms.days[_LEFT_TO_THE_PERSON])


def _agreed(episode: Episode, review: Fact | None) -> Fact | None:
    """What says when the next review is: the last review if it says so, else the request, whichever is newer."""
    request = episode.last(AGREED)
    if review is None or (request is not None and request.at > review.at):
        return request
    says = review.detail.get("next") or review.detail.get("patient_initiated")
    return review if says else _with_days_left(request, review)


def _with_days_left(request: Fact | None, review: Fact) -> Fact | None:
    return request if request is not None and _next_day(request, review) is not None else None


def _next_day(agreed: Fact, review: Fact | None) -> date | None:
    if agreed.kind == REVIEWED:
        following = agreed.detail.get("next")
        return None if following is None else date.fromisoformat(following)
    days = sorted(date.fromisoformat(each) for each in agreed.detail.get("days") or ())
    after = None if review is None else london_date(review.at)
    return next((day for day in days if after is None or day > after), None)
