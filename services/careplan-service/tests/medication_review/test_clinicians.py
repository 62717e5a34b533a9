"""Who may review by the shipped policy, and what a policy may say."""

from __future__ import annotations

from typing import Any

import pytest

from careplan_service.domain.medication_review.clinicians import Clinician, clinician_policy_of, judge
from careplan_service.domain.medication_review.guidance import guidance_of
from careplan_service.domain.medication_review.products import products_of
from careplan_service.medication_review.policies import CLINICIANS, GUIDANCE, INHALERS, shipped
from tandem.canonical import PRACTITIONER_QUALIFICATION
from tandem.nhs.snomed_ct import concept_fault

POLICY = clinician_policy_of(shipped(CLINICIANS)[0].content)
PRESCRIBER, ASSESSMENT, TRAINING = (
    "independent-prescriber", "advanced-assessment-and-history-taking", "medication-review-training",
)  # fmt: skip


def judged(kinds: str, held: str = "", *, recruited: bool = False, lists: str = "") -> tuple[str | None, list[str]]:
    pairs = frozenset((PRACTITIONER_QUALIFICATION, each) for each in held.split())
    found = judge(POLICY, Clinician(frozenset(kinds.split()), pairs), recruited, lists.split())
    return (found.role.kind if found.role else None), list(found.faults)


@pytest.mark.parametrize(
    ("kinds", "held", "recruited", "lists", "expected"),
    [
        ("clinical-pharmacist", f"{PRESCRIBER} {ASSESSMENT}", True, "", "clinical-pharmacist"),
        ("clinical-pharmacist", TRAINING, True, "", "clinical-pharmacist"),
        ("clinical-pharmacist", PRESCRIBER, True, "", None),
        ("care-home-pharmacist", TRAINING, True, "care-home-residents", "care-home-pharmacist"),
        ("care-home-pharmacist", TRAINING, True, "", None),
        ("gp", "", False, "", "gp"),
        ("gp", "", True, "", None),
        ("advanced-nurse-practitioner", "", False, "", None),
        ("advanced-nurse-practitioner", PRESCRIBER, False, "", "advanced-nurse-practitioner"),
        ("gp clinical-pharmacist", TRAINING, True, "", "clinical-pharmacist"),
        ("pharmacy-technician", f"{PRESCRIBER} {ASSESSMENT}", False, "", None),
        ("", "", False, "", None),
    ],
)
def test_the_shipped_policy(kinds: str, held: str, recruited: bool, lists: str, expected: str | None) -> None:
    role, faults = judged(kinds, held, recruited=recruited, lists=lists)
    assert role == expected
    assert bool(faults) is (expected is None)


def test_every_reason_is_told_at_once() -> None:
    _, faults = judged("clinical-pharmacist")
    assert [PRESCRIBER in faults[0], ASSESSMENT in faults[1]] == [True, True]
    _, faults = judged("advanced-nurse-practitioner", recruited=True)
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"roles": []}, "at least one role"),
        ({"roles": [{"kind": "wizard"}]}, "kind is one of"),
        ({"roles": [{"kind": "gp", "wand": True}]}, "a role has"),
        ({"roles": [{"kind": "gp", "holds": ["magic"]}]}, "ids of qualifications"),
        ({"roles": [{"kind": "gp", "procedure": "1"}]}, "coding of SNOMED CT"),
        ({"roles": [{"kind": "gp", "only-for-list": 3}]}, "id of a cohort"),
        ({"roles": "all"}, "roles is a list"),
        ({"training": None}, "has id, text and codings"),
        ({"training": {"id": "a", "text": "b", "codings": [{"code": "c"}]}}, "each has system and code"),
    ],
)
def test_a_faulty_policy_is_refused_by_name(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        clinician_policy_of({**shipped(CLINICIANS)[0].content, **change})


@pytest.mark.parametrize("body", [[], {}, {"steps": []}, {"steps": [{"code": "a"}]}, {"steps": [
    {"code": "a", "text": "b", "mandatory": ["always"]}]}, {"steps": [{"code": "a", "text": "b", "shown-by": "luck"}]},
    {"steps": [{"code": "a", "text": "b"}, {"code": "a", "text": "c"}]},
])  # fmt: skip
def test_faulty_guidance_is_refused(body: Any) -> None:
    with pytest.raises(ValueError, match="steps"):
        guidance_of(body)


@pytest.mark.parametrize("body", [[], {}, {"products": []}, {"products": [{"code": 1, "name": "a"}]}, {"products": [
    {"code": "a1", "name": "a"}]},
])  # fmt: skip
def test_a_faulty_list_of_products_is_refused(body: Any) -> None:
    with pytest.raises(ValueError, match="products"):
        products_of(body)


def test_the_codes_of_the_shipped_files_are_concepts() -> None:
    assert not any(map(concept_fault, products_of(shipped(INHALERS)[0].content).names))
    assert not any(concept_fault(role.procedure["code"]) for role in POLICY.roles if role.procedure is not None)
    assert guidance_of(shipped(GUIDANCE)[0].content).asks("medicines", "initial")
