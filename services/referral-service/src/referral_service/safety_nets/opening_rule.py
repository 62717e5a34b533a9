"""The rule on requests that have a safety net."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.safety_nets.opening import opening_faults
from referral_service.domain.suspected_cancer.claim import made_on
from referral_service.safety_nets.shipped_policies import policy_on
from tandem.fhir.outcome import Issue
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change


def net_can_be_kept(change: Change) -> Iterator[Issue]:
    """Refuses a request that needs a net which could not be kept: a concern without review (ECD-030), a future day."""
    kind = kind_of(change.after)
    if change.after is None or kind is None:
        return
    policy = policy_on(made_on(change.after, change.now))
    if policy is not None:
        yield from opening_faults(change, kind.code, policy)
