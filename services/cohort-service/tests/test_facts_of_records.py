"""What a record says of a person's health, by type of record: its codes, days and values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cohort_service.domain.facts.extract import FOREIGN_TYPES, OWN_TYPES, facts_of
from tandem.canonical import DMD, SNOMED_CT
from tandem.record_facts.codings import DERIVED
from tandem.record_facts.days import day_of
from tandem.record_facts.fact import UNDATED, Fact

META = {"versionId": "1", "lastUpdated": "2020-07-01T08:00:00.000Z"}
CHANGED = {"versionId": "2", "lastUpdated": "2020-07-01T08:00:00.000Z"}
DIABETES = "44054006"


def concept(code: str, system: str = SNOMED_CT, **more: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **more}]}


def said(kind: str, **content: Any) -> list[Fact]:
    return facts_of({"resourceType": kind, "id": "a", "meta": META, **content})


def days(facts: list[Fact]) -> list[tuple[str, int, int | None]]:
    return [(fact.code, fact.starts, fact.ends) for fact in facts]


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def condition(**content: Any) -> list[Fact]:
    return said("Condition", code=concept(DIABETES), **content)


def test_every_coding_with_a_system_is_a_fact_once():
    code = {"coding": [
        {"system": SNOMED_CT, "code": DIABETES, "display": "Type 2 diabetes mellitus"},
        {"system": SNOMED_CT, "code": DIABETES, "display": "Text about somebody"},
        {"system": "http://read.info/readv2", "code": "C10F."}, {"code": "without-system"}, {"system": SNOMED_CT},
    ]}  # fmt: skip
    found = said("Condition", code=code, onsetDateTime="2020-03-01")
    assert [(fact.system, fact.code) for fact in found] == [
        (SNOMED_CT, DIABETES), ("http://read.info/readv2", "C10F."),
    ]  # fmt: skip


def test_a_type_that_says_nothing_and_a_record_without_codes_give_no_facts():
    assert said("Location") == []
    assert not any(said(kind) for kind in (*OWN_TYPES, *FOREIGN_TYPES))


@pytest.mark.parametrize("code", ["entered-in-error", "refuted", "unconfirmed", "provisional", "differential"])
def test_a_condition_that_nobody_holds_for_true_is_no_fact(code):
    assert condition(onsetDateTime="2020-03-01", verificationStatus=status(code)) == []


@pytest.mark.parametrize("code", ["active", "recurrence", "relapse"])
def test_a_condition_that_lasts_has_no_end(code):
    assert days(condition(onsetDateTime="2020-03-01", clinicalStatus=status(code))) == [
        (DIABETES, day_of("2020-03-01"), None)
    ]


@pytest.mark.parametrize("code", ["inactive", "remission", "resolved"])
def test_a_condition_that_is_over_ends_or_is_history_only(code):
    [known] = condition(onsetDateTime="2020-03-01", abatementDateTime="2020-05-01", clinicalStatus=status(code))
    assert (known.starts, known.ends) == (day_of("2020-03-01"), day_of("2020-05-01"))
    [unknown] = condition(onsetDateTime="2020-03-01", clinicalStatus=status(code))
    assert unknown.ends == unknown.starts


@pytest.mark.parametrize(
    ("dates", "starts"),
    [
        ({"onsetDateTime": "2020-03-01", "recordedDate": "2020-04-01"}, "2020-03-01"),
        ({"onsetPeriod": {"start": "2020-02-01"}, "recordedDate": "2020-04-01"}, "2020-02-01"),
        ({"onsetString": "as a child", "recordedDate": "2020-04-01"}, "2020-04-01"),
        ({"onsetDateTime": "2019"}, "2019-01-01"),
        ({"onsetDateTime": "2019-11"}, "2019-11-01"),
        ({"onsetDateTime": "2020-06-30T23:30:00Z"}, "2020-07-01"),
        ({"onsetDateTime": "2030-01-01"}, "2030-01-01"),
    ],
)
def test_where_a_condition_begins(dates, starts):
    [found] = condition(**dates)
    assert found.starts == day_of(starts)


def test_a_record_without_a_date_begins_before_every_window():
    [found] = condition()
    assert found.starts == UNDATED
    [over] = condition(clinicalStatus=status("resolved"))
    assert (over.starts, over.ends) == (UNDATED, UNDATED)


def test_an_end_before_the_beginning_is_the_beginning():
    [found] = condition(onsetDateTime="2020-03-01", abatementDateTime="2019")
    assert found.ends == found.starts


@pytest.mark.parametrize("abatement", [{"abatementString": "long ago"}, {"abatementAge": {"value": Decimal(40)}}])
def test_an_abatement_without_a_day_makes_it_history(abatement):
    [found] = condition(onsetDateTime="2020-03-01", **abatement)
    assert found.ends == found.starts


def observation(**content: Any) -> list[Fact]:
    return said("Observation", **{"status": "final", "code": concept("43396009"), **content})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueQuantity": {"value": Decimal("48.50")}}, 48.5),
        ({"valueQuantity": {"value": 0}}, 0.0),
        ({"valueInteger": 7}, 7.0),
        ({"valueQuantity": {"value": Decimal(15), "comparator": "<"}}, 14.999999999999998),
        ({"valueQuantity": {"value": 15, "comparator": "<="}}, 15.0),
        ({"valueQuantity": {"value": 60, "comparator": ">"}}, None),
        ({"valueQuantity": {"value": 60, "comparator": ">="}}, None),
        ({"valueQuantity": {"unit": "mmol/mol"}}, None),
        ({"valueString": "fine"}, None),
        ({"valueBoolean": True}, None),
    ],
)
def test_the_value_of_an_observation(value, expected):
    [found] = observation(effectiveDateTime="2020-06-01", **value)
    assert (found.starts, found.value) == (day_of("2020-06-01"), expected)


@pytest.mark.parametrize(
    "content",
    [
        {"status": "entered-in-error"},
        {"status": "cancelled"},
        {"status": "registered"},
        {"valueBoolean": False},
        {"dataAbsentReason": concept("unknown")},
        {"valueCodeableConcept": concept("373067005")},
    ],
)
def test_an_observation_that_says_nothing(content):
    assert observation(**content) == []


def test_a_coded_answer_is_a_fact_beside_the_question():
    found = observation(valueCodeableConcept=concept("160734000"), effectiveDateTime="2020-06-01")
    assert [fact.code for fact in found] == ["43396009", "160734000"]


def test_components_are_facts_of_the_same_days():
    systolic = {"code": concept("271649006"), "valueQuantity": {"value": Decimal(142)}}
    missing = {"code": concept("271650006"), "dataAbsentReason": concept("unknown")}
    found = observation(component=[systolic, missing], effectivePeriod={"start": "2020-06-01", "end": "2020-06-02"})
    assert [(fact.code, fact.value) for fact in found] == [("43396009", None), ("271649006", 142.0)]
    assert {(fact.starts, fact.ends) for fact in found} == {(day_of("2020-06-01"), day_of("2020-06-03"))}


def test_an_observation_without_effective_time_goes_by_when_it_was_issued():
    [found] = observation(issued="2020-06-01T10:00:00Z")
    assert found.starts == day_of("2020-06-01")


@pytest.mark.parametrize("word", ["preparation", "not-done", "stopped", "entered-in-error"])
def test_a_procedure_that_was_not_done_says_nothing(word):
    assert said("Procedure", status=word, code=concept("870661000000103")) == []


def test_a_procedure_stays_done():
    found = said("Procedure", status="completed", code=concept("1"), performedPeriod={"start": "2020", "end": "2020"})
    assert days(found) == [("1", day_of("2020-01-01"), None)]


def encounter(**content: Any) -> list[Fact]:
    setting = {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}}
    stay = {"status": "finished", "period": {"start": "2020-06-01T02:40:00+01:00", "end": "2020-06-05"}}
    return said("Encounter", **{**setting, **stay, **content})


def test_a_stay_in_hospital_lasts_through_its_last_day():
    found = encounter(type=[concept("183452005")], reasonCode=[concept("161898004")])
    assert [(fact.system, fact.code) for fact in found[3:]] == [
        (DERIVED, "inpatient-stay"), (DERIVED, "unplanned-admission"),
    ]  # fmt: skip
    assert [fact.code for fact in found[:3]] == ["IMP", "183452005", "161898004"]
    assert {(fact.starts, fact.ends) for fact in found} == {(day_of("2020-06-01"), day_of("2020-06-06"))}


@pytest.mark.parametrize(
    ("content", "unplanned"),
    [
        ({}, False),
        ({"priority": status("EM")}, True),
        ({"priority": status("UR")}, True),
        ({"priority": status("EL")}, False),
        ({"hospitalization": {"admitSource": status("emd")}}, True),
        ({"hospitalization": {"admitSource": status("gp")}}, False),
    ],
)
def test_which_admissions_were_unplanned(content, unplanned):
    derived = {fact.code for fact in encounter(**content) if fact.system == DERIVED}
    assert derived == {"inpatient-stay"} | ({"unplanned-admission"} if unplanned else set())


def test_an_emergency_attendance_is_no_admission():
    found = encounter(**{"class": {"system": "s", "code": "EMER"}, "priority": status("EM")})
    assert {fact.code for fact in found if fact.system == DERIVED} == {"emergency-attendance"}


def test_an_urgent_contact_in_the_surgery_is_neither():
    urgent = {"class": {"system": "s", "code": "AMB"}, "priority": status("UR")}
    assert {fact.system for fact in encounter(**urgent)} == {"s"}


@pytest.mark.parametrize("word", ["planned", "cancelled", "entered-in-error", "unknown"])
def test_an_encounter_that_did_not_happen_says_nothing(word):
    assert encounter(status=word) == []


def test_a_contact_whose_end_is_not_given_lasted_a_day_and_one_under_way_lasts():
    assert {fact.ends for fact in encounter(period={"start": "2020-06-01"})} == {day_of("2020-06-02")}
    assert {fact.ends for fact in encounter(period={"start": "2020-06-01"}, status="in-progress")} == {None}


LASTING = [("EpisodeOfCare", "type", "finished"), ("Flag", "code", "inactive")]


@pytest.mark.parametrize(("kind", "name", "over"), LASTING)
def test_what_holds_for_a_while(kind, name, over):
    content = {name: [concept("1")] if name == "type" else concept("1"), "period": {"start": "2020-06-01"}}
    assert days(said(kind, status="active", **content)) == [("1", day_of("2020-06-01"), None)]
    assert days(said(kind, status=over, **content)) == [("1", day_of("2020-06-01"), day_of("2020-06-01"))]
    ended = content | {"period": {"start": "2020-06-01", "end": "2020-06"}}
    assert days(said(kind, status=over, **ended)) == [("1", day_of("2020-06-01"), day_of("2020-07-01"))]
    assert said(kind, status="entered-in-error", **content) == []
    assert said("EpisodeOfCare", status="planned", type=[concept("1")]) == []


def test_a_vaccination_gives_its_vaccine_and_its_procedure():
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
    content = {
        "vaccineCode": concept("39114911000001105", DMD), "occurrenceDateTime": "2019-10-01",
        "extension": [{"url": url, "valueCodeableConcept": concept("985151000000100")}, {"url": "other"}],
    }  # fmt: skip
    found = said("Immunization", status="completed", **content)
    assert days(found) == [(code, day_of("2019-10-01"), None) for code in ("39114911000001105", "985151000000100")]
    assert said("Immunization", status="not-done", **content) == []


def test_a_referral_stays_made():
    content = {"intent": "order", "code": concept("871731000000106"), "authoredOn": "2020-05-01"}
    for word in ("active", "on-hold", "completed"):
        assert days(said("ServiceRequest", status=word, **content)) == [("871731000000106", day_of("2020-05-01"), None)]
    for word in ("draft", "revoked", "entered-in-error", "unknown"):
        assert said("ServiceRequest", status=word, **content) == []
    assert said("ServiceRequest", status="active", **content, doNotPerform=True) == []
    assert said("ServiceRequest", status="active", **(content | {"intent": "proposal"})) == []


def test_a_questionnaire_that_was_filled_in_is_known_by_its_address():
    content = {"questionnaire": "https://example.org/Questionnaire/q|1.2", "authored": "2020-05-01T09:00:00+01:00"}
    [found] = said("QuestionnaireResponse", status="completed", **content)
    assert (found.system, found.code) == ("urn:ietf:rfc:3986", "https://example.org/Questionnaire/q")
    assert found.starts == day_of("2020-05-01")
    assert said("QuestionnaireResponse", status="in-progress", **content) == []


def test_a_plan_gives_its_categories_and_what_was_done():
    done = {"detail": {"status": "completed", "code": concept("2"), "scheduledPeriod": {"start": "2020-06-10"}}}
    undated = {"detail": {"status": "completed", "code": concept("3")}}
    other = [{"detail": {"status": "scheduled", "code": concept("4")}}, {"reference": {"reference": "Task/1"}}]
    content = {
        "category": [concept("736373009")], "period": {"start": "2020-06-01"}, "activity": [done, undated, *other],
    }  # fmt: skip
    assert days(said("CarePlan", status="active", **content)) == [
        ("736373009", day_of("2020-06-01"), None), ("2", day_of("2020-06-10"), None), ("3", day_of("2020-06-01"), None),
    ]  # fmt: skip
    over = days(said("CarePlan", status="completed", **content))
    assert over[0] == ("736373009", day_of("2020-06-01"), day_of("2020-06-01"))
    assert said("CarePlan", status="draft", **content) == []
