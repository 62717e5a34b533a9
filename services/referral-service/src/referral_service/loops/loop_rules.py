"""The rules of a referral, with the kinds that the service ships with."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.request_rules import keeps_whom_it_asks, kind_is_known, names_whom_it_asks
from tandem.fhir.outcome import Issue
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.service import Change


def claims_are_sound(change: Change) -> Iterator[Issue]:
    """Refuses an unknown kind, a referral that asks nobody, and one that turns to another organisation unsaid."""
    if change.after is None:
        return
    kinds = referral_kinds()
    yield from kind_is_known(change.after, kinds)
    yield from names_whom_it_asks(change.after, kinds)
    if change.before is not None:
        yield from keeps_whom_it_asks(change.before, change.after, kinds)
