"""What becomes of support in one word, and who may coordinate it (AC-047, AC-056)."""

from __future__ import annotations

from datetime import date

import pytest

from referral_service.domain.support.coordination import is_coordinated, refusal
from referral_service.domain.support.support_state import delivery_state, support_state
from referral_service.support.shipped_policies import coordination_policy, days_ahead
from tandem.canonical import REFERRAL_KIND
from tandem.fhir.body import Resource


@pytest.mark.parametrize(
    ("shown", "outcome", "task", "offer", "choice", "state"),
    [
        ("waiting-for-answer", None, "requested", False, None, "waiting-for-answer"),
        ("answered", None, "accepted", False, None, "accepted"),
        ("in-progress", None, "in-progress", False, None, "accepted"),
        ("late-answer", None, "requested", False, None, "overdue"),
        ("overdue", None, "accepted", False, None, "overdue"),
        ("unanswered", None, "rejected", False, None, "declined"),
        ("unanswered", None, "failed", False, None, "unanswered"),
        ("closed", "completed", "completed", False, None, "delivered"),
        ("closed", "revoked", "cancelled", False, None, "withdrawn"),
        ("not-sent", None, None, True, None, "offered"),
        ("not-sent", None, None, False, None, "not-sent"),
        ("closed", "revoked", None, True, "declined", "declined"),
    ],
)
def test_one_word_for_what_became_of_it(
    shown: str, outcome: str | None, task: str | None, offer: bool, choice: str | None, state: str
) -> None:
    assert support_state(shown, outcome, task, offer=offer, choice=choice) == state


@pytest.mark.parametrize(
    ("task", "at", "state"),
    [
        (None, 9, "planned"),
        ("accepted", 9, "planned"),
        ("accepted", 10, "overdue"),
        ("completed", 99, "delivered"),
        ("rejected", 1, "not-delivered"),
        ("cancelled", 99, "not-delivered"),
    ],
)
def test_a_delivery_is_missed_when_its_day_is_over(task: str | None, at: int, state: str) -> None:
    assert delivery_state(task, 10, at) == state


def test_a_provider_coordinates_from_the_last_of_june_if_it_is_agreed() -> None:
    policy = coordination_policy()
    assert "2020-06-30" in str(refusal(policy, date(2020, 6, 29), agreed=True))
    assert refusal(policy, date(2020, 6, 30), agreed=True) is None
    assert "agreed locally" in str(refusal(policy, date(2020, 6, 30), agreed=False))
    assert days_ahead() == 7


def _request(kind: str, **more: str) -> Resource:
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
        "performer": [{"reference": "Organization/1"}], **more,
    }  # fmt: skip


def test_only_what_claims_to_be_a_support_offer_and_asks_somebody_is_coordinated() -> None:
    asked = _request("support-offer")
    assert is_coordinated(None, asked)
    assert is_coordinated(asked, {**asked, "status": "revoked"})
    assert is_coordinated(asked, None)
    assert not is_coordinated(asked, asked)
    for record in (_request("community-nursing"), {**asked, "status": "completed"}, {**asked, "intent": "proposal"}):
        assert not is_coordinated(None, record)
