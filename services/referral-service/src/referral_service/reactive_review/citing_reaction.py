"""A complete reactive referral cites the version of the guidance that it was judged by (SMR-032)."""

from __future__ import annotations

from referral_service.domain.reactive_review.guidance import citing, in_force, is_reactive_referral
from referral_service.reactive_review.shipped_guidance import guidance_versions
from tandem.london_days import london_date
from tandem.service import Change, Work


async def cite_guidance(change: Change, work: Work) -> None:
    """In the same transaction, by a version of the service's own. One that cites a version itself is left as it is."""
    guidance = in_force(guidance_versions(), london_date(change.now))
    if guidance is None or not is_reactive_referral(change.after):
        return
    held = await work.read("ServiceRequest", change.id)
    if held is not None and is_reactive_referral(held):
        await work.put(citing(held, guidance))
