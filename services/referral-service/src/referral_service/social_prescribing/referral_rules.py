"""What a referral has to say of its source, and of a legal right to choose."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.right_to_choose import choice_is_offered
from tandem.fhir.outcome import Issue
from tandem.nhs.referral_source import source_is_known
from tandem.service import Change


def source_and_choice_are_sound(change: Change) -> Iterator[Issue]:
    """Refuses a source that is none, and a right to choose without what was offered and chosen."""
    if change.after is not None:
        yield from source_is_known(change.after)
        yield from choice_is_offered(change.after)
