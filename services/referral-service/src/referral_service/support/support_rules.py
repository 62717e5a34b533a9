"""What is asked for again and again says when, in a way that can be followed (EHCH-049)."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.referral_loop import is_sent
from referral_service.domain.support.coordination import SUPPORT_OFFER_KIND
from referral_service.domain.support.occurrences import timing_faults, timing_of
from tandem.fhir.outcome import Issue
from tandem.nhs.referral_kind import claims_by_category
from tandem.service import Change


def regular_support_says_when(change: Change) -> Iterator[Issue]:
    """Binds a request that claims to be a support offer and asks somebody."""
    request = change.after
    if request is None or not claims_by_category(request, SUPPORT_OFFER_KIND) or not is_sent(request):
        return
    timing = timing_of(request)
    for each in timing_faults(timing) if timing is not None else ():
        yield Issue(f"{each} (000 §3.16 r8; docs/support-requests.md)", "ServiceRequest.occurrenceTiming")
