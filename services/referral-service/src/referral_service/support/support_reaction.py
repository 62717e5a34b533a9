"""A request for support: the deliveries of regular support, in the same transaction."""

from __future__ import annotations

from referral_service.support.regular_support import follow_deliveries
from tandem.service import Change, Work


async def keep_support(change: Change, work: Work) -> None:
    """Stands behind the loop, whose row it reads."""
    await follow_deliveries(work, change.id)
