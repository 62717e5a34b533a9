"""What a suspected cancer referral may lack and may not, as rules on its FHIR JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from referral_service.domain.suspected_cancer.claim import is_bound, made_on
from referral_service.domain.suspected_cancer.completion import missing_for_completion
from referral_service.domain.suspected_cancer.judgement import Circumstances, judge
from referral_service.domain.suspected_cancer.patient_information import PARTS, information_faults, with_information
from referral_service.domain.suspected_cancer.protocol import (
    Protocol,
    RequiredStep,
    interval_given,
    missing_steps,
    step_given,
)
from referral_service.domain.suspected_cancer.referral_faults import faults_of
from referral_service.suspected_cancer.criteria_rows import shipped_criteria
from tandem.canonical import (
    EXTRA_SUPPORT,
    PATIENT_INFORMATION,
    REFERRAL_KIND,
    SNOMED_CT,
    SUSPECTED_CANCER,
    SUSPECTED_CANCER_SYMPTOM,
)
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import with_extension

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)
URGENT = "urgent-suspected-cancer"
BY = {"reference": "Practitioner/1"}
WHOLE = dict.fromkeys(PARTS, "Said")
REQUEST: Resource = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
    "category": [{"coding": [{"system": REFERRAL_KIND, "code": URGENT}]}], "subject": {"reference": "Patient/p1"},
    "reasonCode": [{"coding": [{"system": SUSPECTED_CANCER_SYMPTOM, "code": "haemoptysis"}]}],
}  # fmt: skip
FAST_TRACK = {"coding": [{"system": SNOMED_CT, "code": "199251000000107"}]}


def at_age(age: int | None, protocol: Protocol | None = None) -> Circumstances:
    criteria = shipped_criteria()["ng12-2015"]
    return Circumstances(date(2020, 7, 1), age, "female", criteria, protocol, (), frozenset({"RT1"}))


def protocol_of(*steps: RequiredStep) -> Protocol:
    return Protocol("U1", 1, date(2020, 4, 1), "Here", steps, {})


def saying(*parts: tuple[str, str, Any]) -> Resource:
    return with_extension(REQUEST, SUSPECTED_CANCER, list(parts))


def faults(request: Resource, circumstances: Circumstances | None = None) -> list[str]:
    return [each.text for each in faults_of(request, URGENT, NOW, circumstances or at_age(60))]


@pytest.mark.parametrize(
    ("changed", "kind", "bound"),
    [
        ({}, URGENT, True),
        ({}, "rapid-diagnostic-centre", True),
        ({}, "advice", False),
        ({}, None, False),
        ({"status": "draft"}, URGENT, False),
        ({"status": "completed"}, URGENT, False),
        ({"intent": "proposal"}, URGENT, False),
        ({"doNotPerform": True}, URGENT, False),
        ({"authoredOn": "2020-03-31"}, URGENT, False),
        ({"authoredOn": "2020-04-01"}, URGENT, True),
        ({"authoredOn": "2020-03-31T23:30:00Z"}, URGENT, True),
    ],
)
def test_which_requests_are_bound(changed: dict[str, Any], kind: str | None, bound: bool) -> None:
    assert is_bound(REQUEST | changed, kind, NOW) is bound


def test_a_referral_is_of_today_at_the_latest() -> None:
    assert made_on(REQUEST, NOW) == made_on(REQUEST | {"authoredOn": "2031-01-01"}, NOW) == date(2020, 7, 1)
    assert made_on(REQUEST | {"authoredOn": "2020-06"}, NOW) == date(2020, 6, 1)


def test_every_fault_is_told_at_once() -> None:
    broken = saying(("criterion", "Code", "ng12-breast-lump"), ("recurrence", "Boolean", True))
    broken = with_extension(broken, PATIENT_INFORMATION, [])
    broken = with_extension(broken, EXTRA_SUPPORT, [])
    told = faults(broken, at_age(39, protocol_of(RequiredStep("examination"))))
    for rule in (
        "not met", "No criterion for referral", "lacks previous-cancer", "lacks treated", "step examination",
        "lacks why-referred", "lacks importance-of-attending", "lacks further-support", "lacks given", "lacks by",
        "extra-support says",
    ):  # fmt: skip
        assert any(rule in each for each in told), rule


def test_an_unknown_age_meets_no_criterion_with_ages() -> None:
    assert judge(REQUEST, at_age(None)).met == ()
    assert faults(REQUEST, at_age(None))
    assert faults(saying(("justification", "String", "Worried")), at_age(None)) == []
    assert faults(saying(("justification", "String", "  ")), at_age(None))


def test_information_and_decision_support_are_shown_not_claimed() -> None:
    required = protocol_of(RequiredStep("patient-information"), RequiredStep("decision-support-used"))
    claimed = saying(("step", "Code", "patient-information"), ("step", "Code", "decision-support-used"))
    assert len(faults(claimed, at_age(60, required))) == 2
    shown = with_information(saying(("tool", "String", "QCancer")), WHOLE, "2020-07-01", "letter", BY)
    assert faults(shown, at_age(60, required)) == []


def test_a_step_of_one_cancer_is_required_for_that_cancer() -> None:
    protocol = protocol_of(step_given("examination"), step_given("fit-result@lower-gi"))
    assert missing_steps(protocol, [], ["lower-gi"]) == ["examination", "fit-result"]
    assert missing_steps(protocol, ["examination"], ["lung"]) == []
    assert interval_given("attended=14") == ("attended", 14)
    for wrong in ("attended", "attended=-1", "attended=366", "sung=3", "attended=²"):
        with pytest.raises(ValueError, match="safety net"):
            interval_given(wrong)
    with pytest.raises(ValueError, match="no such step"):
        step_given("horoscope")


@pytest.mark.parametrize("missing", [*PARTS])
def test_each_part_of_the_information_is_needed(missing: str) -> None:
    texts = {name: text for name, text in WHOLE.items() if name != missing}
    for held in (texts, texts | {missing: "  "}):
        told = information_faults(with_information(REQUEST, held, "2020-07-01", "letter", BY), NOW)
        assert [f"lacks {missing}" in each.text for each in told] == [True]
    whole = with_information(REQUEST, WHOLE, "2020-07-01", "letter", BY)
    assert information_faults(whole, NOW) == []
    again = with_information(whole, WHOLE, "2020-06-01", "spoken", BY)
    assert len(again["extension"]) == 1


def test_completion_waits_for_information_where_a_referral_is_claimed() -> None:
    informed = with_information(REQUEST, WHOLE, "2020-07-01", "letter", BY)
    coded = {name: value for name, value in REQUEST.items() if name != "category"} | {"code": FAST_TRACK}
    for request, kind, waits in (
        (REQUEST, URGENT, True), (informed, URGENT, False), (REQUEST, "advice", False), (REQUEST, None, False),
        (coded, URGENT, False), (REQUEST | {"authoredOn": "2020-03-01"}, URGENT, False),
    ):  # fmt: skip
        assert bool(missing_for_completion(request, kind, NOW)) is waits
