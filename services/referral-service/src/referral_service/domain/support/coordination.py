"""Who coordinates support offers: primary care, a resident's home, and a provider if that is agreed locally (AC-056).

000 §4.12 r6 community: from 30 June 2020 a community provider co-ordinates support offers if locally agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from referral_service.domain.referral_loop import is_sent
from tandem.fhir.body import Resource
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.nhs.referral_kind import claims_by_category

SUPPORT_OFFER_KIND: Final = "support-offer"
CARE_HOME: Final = "care-home"
OF_THEMSELVES: Final = frozenset({PRACTICE, NETWORK, CARE_HOME})
"""Kinds of organisation that ask for support of others without an agreement (000 §4.12 r6, §3.16 r8)."""


@dataclass(frozen=True, slots=True)
class CoordinationPolicy:
    """From which day a provider may coordinate, if it is agreed."""

    version: str
    first_day: date
    source: str


def is_coordinated(before: Resource | None, after: Resource | None) -> bool:
    """Whether a write asks an organisation for support, or changes what was asked. A record that came ended is none."""
    now = after is not None and claims_by_category(after, SUPPORT_OFFER_KIND) and is_sent(after)
    was = before is not None and claims_by_category(before, SUPPORT_OFFER_KIND) and is_sent(before)
    return (now or was) and before != after


def refusal(policy: CoordinationPolicy, today: date, *, agreed: bool) -> str | None:
    """Why a provider may not coordinate, in words; None when it may."""
    if today < policy.first_day:
        return (
            f"A provider co-ordinates support offers from {policy.first_day.isoformat()}, if that is agreed locally"
            f" ({policy.source}; policy {policy.version})"
        )
    if agreed:
        return None
    return (
        f"A provider co-ordinates support offers if that is agreed locally ({policy.source}; policy {policy.version}):"
        " record the agreement first, an OrganizationAffiliation of code support-coordination-agreement between it and"
        " the person's practice or network, signed by both and in force today"
    )


def policy_of(file: dict[str, Any]) -> CoordinationPolicy:
    """The policy of a file shaped as `support/policies.yaml`."""
    said = file["coordination"]
    return CoordinationPolicy(str(file["version"]), said["from"], said["source"])
