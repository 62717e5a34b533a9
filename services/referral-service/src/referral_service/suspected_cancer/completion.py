"""Whether a request may be completed: asked by the rule of its status, and by the loop before it closes one itself."""

from __future__ import annotations

from datetime import datetime

from referral_service.domain.suspected_cancer.completion import missing_for_completion
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change


def may_complete(request: Resource, now: datetime) -> list[str]:
    """Why an active request may not be completed yet; an empty list when it may.

    Whoever completes a request by itself, as the end of its Task does, leaves it active then.
    """
    kind = kind_of(request)
    return missing_for_completion(request, kind.code if kind else None, now)


def completed_with_information(change: Change) -> list[Issue]:
    """Refuses a completed suspected cancer referral of which the person was not told (ECD-023, ECD-031)."""
    after, kind = change.after, kind_of(change.after)
    if after is None or kind is None or after.get("status") != "completed":
        return []
    return [
        Issue(text, "ServiceRequest.extension") for text in missing_for_completion(after, kind.code, change.now)
    ]
