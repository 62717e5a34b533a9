"""What prescriptions, medication reviews and adverse reactions say that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.adverse_reactions import read_adverse_reaction
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.medication_reviews import (
    read_recorded_review,
    read_reported_outcome,
    told_medication_review,
)
from metrics_service.domain.facts.prescriptions import read_prescription
from tandem.canonical import DMD, QUESTIONNAIRE, QUESTIONNAIRE_ANSWER, SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.nhs.value_set import BNF

_EVENT = Event("e", "fhir.MedicationRequest.create", "cohort-service", datetime(2020, 7, 1, 9, tzinfo=UTC), patient="4")
_SALBUTAMOL = {"coding": [{"system": DMD, "code": "39113611000001102"}, {"system": BNF, "code": "0301011R0AAAPAP"}]}
_RAMIPRIL = {"coding": [{"system": DMD, "code": "318902004"}]}
_REVIEW = {"coding": [{"system": SNOMED_CT, "code": "1239511000000100"}]}


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _order(**more: Any) -> Resource:
    return {
        "resourceType": "MedicationRequest", "id": "m", "status": "completed", "intent": "order",
        "meta": {"versionId": "1", "lastUpdated": "2020-08-30T09:00:00Z"}, "authoredOn": "2020-07-01T10:00:00+01:00",
        "medicationCodeableConcept": _SALBUTAMOL,
        "dosageInstruction": [{"route": {"coding": [{"system": SNOMED_CT, "code": "447694001"}]}}],
        "dispenseRequest": {"quantity": {"value": 200}, "expectedSupplyDuration": {"value": 14, "code": "d"}}, **more,
    }  # fmt: skip


def test_an_order_is_an_item_of_all_its_codes_with_its_route_and_quantity() -> None:
    assert list(read_prescription(_order(), _EVENT)) == [
        Fact(
            "prescription", _day("2020-07-01"), _day("2020-07-15"), status="completed", category="issue",
            detail="inhalation", codings=(f"{DMD}|39113611000001102", f"{BNF}|0301011R0AAAPAP"), value=200.0,
        )
    ]  # fmt: skip


def test_a_repeat_template_is_no_item_and_a_route_may_be_unstated() -> None:
    [fact] = read_prescription(_order(intent="plan", dosageInstruction=[], dispenseRequest={}), _EVENT)
    assert (fact.category, fact.detail, fact.value) == ("plan", "unstated", None)


@pytest.mark.parametrize("more", [{"status": "draft"}, {"intent": "proposal"}, {"doNotPerform": True}])
def test_what_was_not_ordered_is_not_counted(more: dict[str, Any]) -> None:
    assert list(read_prescription(_order(**more), _EVENT)) == []


def _completed(**more: Any) -> Event:
    data = {
        "review": "Composition/12/_history/3", "process": "CarePlan/9", "kind": "follow-up-review",
        "held": "2020-07-01T09:00:00Z", "at": "2020-07-02T09:00:00Z", "code": _REVIEW, "reasons": [],
        "medicines": [
            {"medicine": _RAMIPRIL, "decision": "stop"},
            {"medicine": _SALBUTAMOL, "decision": "switch-inhaler", "taken": _RAMIPRIL},
            {"medicine": _RAMIPRIL, "decision": "continue"},
            {"medicine": _RAMIPRIL, "decision": "something-new"},
        ],
        **more,
    }  # fmt: skip
    moment = datetime(2020, 7, 2, 9, tzinfo=UTC)
    return Event("e", "tandem.medication-review.completed", "careplan-service", moment, patient="4", data=data)


def test_a_review_is_told_with_what_was_decided() -> None:
    told = told_medication_review(_completed())
    assert told is not None
    assert (told.source, told.number, told.patient) == ("medication-review/Composition/12", 3, "4")
    review, *outcomes = told.facts
    assert (review.kind, review.category, review.first) == ("medication-review", "follow-up", _day("2020-07-01"))
    assert [(each.category, each.status) for each in outcomes] == [
        ("stopped", "found"), ("inhaler-switched", "found"), ("continued", "right"),
    ]  # fmt: skip
    assert {each.group for each in told.facts} == {"CarePlan/9"}
    assert outcomes[1].codings == (f"{DMD}|39113611000001102", f"{BNF}|0301011R0AAAPAP", f"{DMD}|318902004")


def test_a_withdrawn_review_takes_back_what_was_told() -> None:
    data = {"review": "Composition/12/_history/4"}
    event = Event("f", "tandem.medication-review.withdrawn", "careplan-service", _EVENT.time, patient="4", data=data)
    told = told_medication_review(event)
    assert told is not None
    assert (told.source, told.number, told.deleted, told.facts) == ("medication-review/Composition/12", 4, True, ())


def test_an_event_that_names_no_version_says_nothing() -> None:
    assert told_medication_review(_completed(review="Composition/12")) is None


def test_a_review_of_another_system_counts_and_our_own_is_not_counted_twice() -> None:
    procedure = {"status": "completed", "code": _REVIEW, "performedDateTime": "2020-07-01"}
    [fact] = read_recorded_review(procedure, _EVENT)
    assert (fact.kind, fact.category, fact.first) == ("medication-review", "recorded", _day("2020-07-01"))
    assert list(read_recorded_review({**procedure, "report": [{"reference": "Composition/12"}]}, _EVENT)) == []
    assert list(read_recorded_review({**procedure, "status": "not-done"}, _EVENT)) == []
    assert list(read_recorded_review({**procedure, "code": _RAMIPRIL}, _EVENT)) == []


def test_what_the_person_says_came_of_it() -> None:
    response = {
        "questionnaire": f"{QUESTIONNAIRE}/medication-review-outcome|1.0.0", "status": "completed",
        "authored": "2020-09-01", "basedOn": [{"reference": "CarePlan/9"}],
        "item": [
            {"linkId": "better-off", "answer": [{"valueInteger": 8}]},
            {"linkId": "side-effects", "answer": [{"valueCoding": {"system": QUESTIONNAIRE_ANSWER, "code": "fewer"}}]},
        ],
    }  # fmt: skip
    [fact] = read_reported_outcome(response, _EVENT)
    assert (fact.category, fact.detail, fact.value, fact.group) == ("patient-reported", "fewer", 8.0, "CarePlan/9")
    assert list(read_reported_outcome({**response, "status": "in-progress"}, _EVENT)) == []
    assert list(read_reported_outcome({**response, "questionnaire": f"{QUESTIONNAIRE}/other"}, _EVENT)) == []


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({}, ["2020-07-03"]),
        ({"reaction": [{"onset": "2020-06-30", "manifestation": []}]}, ["2020-06-30"]),
        ({"category": ["food"]}, []),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, []),
    ],
)
def test_a_reaction_to_a_medicine_that_somebody_stands_by(more: dict[str, Any], days: list[str]) -> None:
    allergy = {"category": ["medication"], "type": "intolerance", "recordedDate": "2020-07-03", "code": _RAMIPRIL}
    found = list(read_adverse_reaction({**allergy, **more}, _EVENT))
    assert [each.first for each in found] == [_day(each) for each in days]
