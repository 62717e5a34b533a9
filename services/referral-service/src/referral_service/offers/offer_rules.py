"""The rules of offers, with the kinds of referral that the service ships with."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.offers.offer import answer_is_whole, ends_with_a_choice, stays_an_offer
from tandem.fhir.outcome import Issue
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change


def offer_is_answered_by_the_person(change: Change) -> Iterator[Issue]:
    """Refuses an offer that ends, or becomes an order, without the person's choice, and an answer that says too
    little."""
    if change.after is None:
        return
    yield from answer_is_whole(change.after)
    yield from ends_with_a_choice(change.before, change.after, kind_of(change.after))
    if change.before is not None and kind_of(change.before) is not None:
        yield from stays_an_offer(change.before, change.after)
