"""What events and records about suspected and diagnosed cancer say that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.cancer_diagnoses import told_cancer_diagnosis
from metrics_service.domain.facts.cancer_judgements import told_cancer_judgement
from metrics_service.domain.facts.cancer_targets import told_cancer_target
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.recorded_cancers import cancer_codings, read_recorded_cancer
from metrics_service.domain.facts.safety_nets import told_safety_net
from metrics_service.domain.facts.screening import read_screening_invitation, read_screening_record
from tandem.events.event import Event

AT = datetime(2020, 7, 1, 10, tzinfo=UTC)
LUNG = {"day": "2020-06-20", "route": "urgent-referral", "type": "lung", "stage": "1"}
SNOMED = "http://snomed.info/sct"


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def said(kind: str, position: int | None = 7, patient: str | None = "p1", /, **data: Any) -> Event:
    return Event("e", kind, "referral-service", AT, patient=patient, position=position, data=data)


EVENT = said("fhir.Condition.create")


def waits(**data: Any) -> dict[str | None, float | None]:
    told = told_cancer_diagnosis(said("tandem.cancer.diagnosed", **data))
    assert told is not None
    return {fact.category: fact.value for fact in told.facts if fact.kind == "cancer-wait"}


def test_a_diagnosis_has_type_stage_and_route_and_is_joined_to_its_referral() -> None:
    told = told_cancer_diagnosis(said("tandem.cancer.diagnosed", request="ServiceRequest/r", **LUNG))
    assert told is not None
    assert told.facts == (
        Fact("cancer-diagnosis", day("2020-06-20"), status="diagnosed", category="lung", detail="1",
             place="urgent-referral", group="ServiceRequest/r"),
    )  # fmt: skip
    assert (told.source, told.number, told.patient) == ("cancer-diagnosis/ServiceRequest/r", 7, "p1")


def test_what_is_recorded_again_takes_the_place_of_what_was_recorded() -> None:
    first, second = (
        told_cancer_diagnosis(said("tandem.cancer.diagnosed", position, request="ServiceRequest/r", **LUNG, **more))
        for position, more in ((7, {}), (9, {"treated": "2020-06-30"}))
    )
    assert first is not None
    assert second is not None
    assert first.source == second.source
    assert first.number < second.number
    assert second.facts[0].status == "treated"


def test_without_a_net_two_cancers_of_a_person_stay_two() -> None:
    sources = set()
    for kind in ("lung", "breast", "lung"):
        told = told_cancer_diagnosis(said("tandem.cancer.diagnosed", **{**LUNG, "type": kind}))
        assert told is not None
        sources.add(told.source)
    assert sources == {"cancer-diagnosis/p1/lung/2020-06-20", "cancer-diagnosis/p1/breast/2020-06-20"}


def test_waits_of_primary_care_and_of_the_hospital_are_apart() -> None:
    assert waits(**LUNG, first="2020-05-01", referred="2020-05-21", treated="2020-07-04") == {
        "primary-care": 20.0, "hospital-diagnostic": 30.0, "hospital-treatment": 14.0,
    }  # fmt: skip


def test_a_wait_that_cannot_be_told_is_left_out() -> None:
    assert waits(**LUNG) == {}
    assert waits(**LUNG, first="2020-05-30", referred="2020-05-21") == {"hospital-diagnostic": 30.0}


@pytest.mark.parametrize("data", [{}, {"day": "soon"}, {**LUNG, "day": None}])
def test_a_diagnosis_without_a_day_says_nothing(data: dict[str, Any]) -> None:
    assert told_cancer_diagnosis(said("tandem.cancer.diagnosed", **data)) is None


def test_a_net_keeps_the_day_of_its_referral_until_it_is_closed() -> None:
    facts = []
    for verb in ("opened", "closed", "reopened"):
        told = told_safety_net(
            said(f"tandem.safety-net.{verb}", request="ServiceRequest/r", kind="urgent-suspected-cancer",
                 day="2020-06-01", state="to-book", since="2020-06-09T10:00:00Z")
        )  # fmt: skip
        assert told is not None
        assert told.source == "safety-net/ServiceRequest/r"
        facts += told.facts
    assert [(fact.first, fact.status, fact.group) for fact in facts] == [
        (day("2020-06-01"), status, "ServiceRequest/r") for status in ("open", "closed", "open")
    ]


def test_a_target_is_its_alliances() -> None:
    told = told_cancer_target(
        said("tandem.cancer-target.recorded", 7, None, organisation="E56000001", by="2023/24", percent=68,
             **{"from": "2020-04-01"})
    )  # fmt: skip
    assert told is not None
    [target] = told.facts
    assert (target.organisation, target.detail, target.value, target.first) == (
        "E56000001", "2023/24", 68.0, day("2020-04-01"),
    )  # fmt: skip


def condition(code: str, **more: Any) -> dict[str, Any]:
    system, _, value = code.partition("|")
    return {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": value}]}, **more}


def test_a_recorded_cancer_has_its_stage_and_the_encounter_in_which_it_was_found() -> None:
    staged = [{"summary": {"coding": [{"system": SNOMED, "code": "60333009"}]}}]
    record = condition(
        min(cancer_codings()), onsetDateTime="2020-03-02", stage=staged, encounter={"reference": "Encounter/e1"}
    )
    [fact] = read_recorded_cancer(record, EVENT)
    assert (fact.first, fact.detail, fact.group) == (day("2020-03-02"), "2", "Encounter/e1")
    [unstaged] = read_recorded_cancer(condition(min(cancer_codings()), recordedDate="2020-03"), EVENT)
    assert (unstaged.first, unstaged.detail) == (day("2020-03-01"), "not-staged")


def test_another_condition_and_one_that_was_refuted_are_no_cancer() -> None:
    assert not list(read_recorded_cancer(condition(f"{SNOMED}|195967001"), EVENT))
    refuted = {"coding": [{"code": "refuted"}]}
    assert not list(read_recorded_cancer(condition(min(cancer_codings()), verificationStatus=refuted), EVENT))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"resourceType": "Procedure", "status": "completed", "code": "24623002"}, ("breast", "attended")),
        ({"resourceType": "Procedure", "status": "not-done", "code": "24623002"}, ("breast", "declined")),
        ({"resourceType": "Procedure", "status": "preparation", "code": "24623002"}, None),
        ({"resourceType": "Observation", "status": "final", "code": "1101361000000103"}, ("bowel", "attended")),
        ({"resourceType": "Procedure", "status": "completed", "code": "1104621000000103"}, ("cervical", "invited")),
        ({"resourceType": "Procedure", "status": "completed", "code": "80146002"}, None),
    ],
)
def test_screening_is_attended_declined_or_offered(record: dict[str, Any], expected: tuple[str, str] | None) -> None:
    coded = {**record, "code": {"coding": [{"system": SNOMED, "code": record["code"]}]}}
    found = [(fact.category, fact.detail) for fact in read_screening_record(coded, EVENT)]
    assert found == ([expected] if expected else [])


def test_an_invitation_counts_once_it_was_sent() -> None:
    letter = {"topic": {"coding": [{"system": SNOMED, "code": "24623002"}]}, "sent": "2020-06-01T09:00:00Z"}
    assert not list(read_screening_invitation({**letter, "status": "in-progress"}, EVENT))
    [invited] = read_screening_invitation({**letter, "status": "completed"}, EVENT)
    assert (invited.category, invited.detail, invited.first) == ("breast", "invited", day("2020-06-01"))


def test_a_judgement_says_what_kind_of_cancer_is_suspected_or_that_it_is_non_specific() -> None:
    told = told_cancer_judgement(
        said("tandem.suspected-cancer.judged", request="ServiceRequest/r", type="non-specific", urgency="refer")
    )
    assert told is not None
    [fact] = told.facts
    assert (fact.category, fact.detail, fact.group) == ("non-specific", "refer", "ServiceRequest/r")
    assert told_cancer_judgement(said("tandem.suspected-cancer.judged")) is None
