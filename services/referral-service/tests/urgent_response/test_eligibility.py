"""Who is eligible for urgent community response, by what is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from referral_service.domain.urgent_response.eligibility import Assessed, eligible, faults, judge
from referral_service.urgent_response.shipped_urgent_policies import eligibility_policy

POLICY = eligibility_policy()
WELL = Assessed("crisis-response", ("avoid-admission",), "home", ("fall",), "care-home", 86)


def unmet(assessed: Assessed) -> list[str]:
    return [each.code for each in judge(assessed, POLICY) if each.met is False]


@pytest.mark.parametrize("purpose", ["avoid-admission", "timely-discharge"])
def test_either_purpose_alone_makes_it_eligible(purpose: str) -> None:
    assert eligible(judge(Assessed("crisis-response", (purpose,)), POLICY))


def test_what_is_not_known_makes_nobody_ineligible() -> None:
    criteria = judge(Assessed("reablement", ("timely-discharge",)), POLICY)
    assert {each.code: each.met for each in criteria} == {
        "purpose": True, "place": None, "age": None, "need": None, "source": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "criterion"),
    [
        ({"purposes": ("none",)}, "purpose"),
        ({"place": "elsewhere"}, "place"),
        ({"age": 17}, "age"),
        ({"referral": "reablement", "source": "hospital-bed"}, "source"),
    ],
)
def test_each_criterion_alone_makes_ineligible(change: dict[str, object], criterion: str) -> None:
    assert unmet(WELL) == []
    assert unmet(replace(WELL, **change)) == [criterion]


def test_crisis_response_is_asked_for_from_a_hospital_bed_too_and_at_eighteen() -> None:
    assert unmet(replace(WELL, source="hospital-bed", age=18)) == []


def test_every_fault_is_told_at_once() -> None:
    wrong = Assessed("tea", ("none", "avoid-admission"), "moon", ("ennui",), "postman")
    found = faults(wrong, POLICY)
    assert {each.expression for each in found} == {"place", "need", "source", "kind", "purpose"}
    assert all("000 §3.16 r9" in each.text for each in found if each.expression != "purpose")
    assert [each.expression for each in faults(replace(WELL, purposes=()), POLICY)] == ["purpose"]
    assert [each.expression for each in faults(replace(WELL, purposes=("fun",)), POLICY)] == ["purpose"]


def test_the_nine_needs_are_there() -> None:
    assert len(POLICY.needs) == 9
