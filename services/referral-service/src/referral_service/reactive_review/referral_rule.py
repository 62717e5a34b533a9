"""A reactive referral for a medication review has the fields of the guidance when it is sent (SMR-032)."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.reactive_review.guidance import faults, in_force, is_reactive_referral
from referral_service.reactive_review.shipped_guidance import guidance_versions
from tandem.fhir.outcome import Issue
from tandem.london_days import london_date
from tandem.service import Change


def reactive_referral_is_complete(change: Change) -> Iterator[Issue]:
    """Refuses a referral that is sent without them, or loses them; one that was sent without them before is left."""
    guidance, versions = in_force(guidance_versions(), london_date(change.now)), guidance_versions()
    if guidance is None or change.after is None or not is_reactive_referral(change.after):
        return
    before = change.before
    if before is not None and is_reactive_referral(before) and any(faults(before, guidance, versions)):
        return
    yield from faults(change.after, guidance, versions)
