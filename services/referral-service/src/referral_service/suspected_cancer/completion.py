"""A suspected cancer referral is refused as completed while the person was not told; the loop waits for the same."""

from __future__ import annotations

from referral_service.domain.suspected_cancer.completion import missing_for_completion
from tandem.fhir.outcome import Issue
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change


def completed_with_information(change: Change) -> list[Issue]:
    """Refuses a completed suspected cancer referral of which the person was not told (ECD-023, ECD-031)."""
    after, kind = change.after, kind_of(change.after)
    if after is None or kind is None or after.get("status") != "completed":
        return []
    return [
        Issue(text, "ServiceRequest.extension") for text in missing_for_completion(after, kind.code, change.now)
    ]
