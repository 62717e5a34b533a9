"""What contacts, rounds, stays, surveys and deaths say that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.care_home_stays import read_care_home_stay
from metrics_service.domain.facts.care_homes import read_care_home
from metrics_service.domain.facts.clinician_time import read_clinician_time
from metrics_service.domain.facts.conditions import read_condition
from metrics_service.domain.facts.encounters import read_encounter
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.home_rounds import told_home_round
from metrics_service.domain.facts.observations import read_observation
from metrics_service.domain.facts.offers import read_offer
from metrics_service.domain.facts.practice_profiles import told_practice_profile
from metrics_service.domain.facts.recorded_deaths import read_preferred_place, read_recorded_death
from metrics_service.domain.facts.survey_answers import read_care_home_experience
from tandem.canonical import (
    APPOINTMENT_KIND,
    CARE_HOME_BEDS,
    COMMUNICATION_CATEGORY,
    ODS_CODE,
    ORGANISATION_TYPE,
    QUESTIONNAIRE,
    QUESTIONNAIRE_ANSWER,
    SNOMED_CT,
)
from tandem.events.event import Event
from tandem.fhir.body import Resource

_EVENT = Event("e", "fhir.Encounter.create", "cohort-service", datetime(2020, 7, 1, 9, tzinfo=UTC), patient="4")
_HOME = {"reference": "Organization/h1"}


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _coded(code: str) -> dict[str, Any]:
    return {"coding": [{"system": SNOMED_CT, "code": code}]}


def _encounter(setting: str, **more: Any) -> Resource:
    return {
        "status": "finished", "class": {"code": setting},
        "period": {"start": "2020-07-01T10:00:00+01:00", "end": "2020-07-01T10:20:00+01:00"}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("encounter", "category"),
    [
        (_encounter("IMP", priority={"coding": [{"code": "EM"}]}), "emergency-admission"),
        (_encounter("IMP"), "admission"),
        (_encounter("EMER"), "urgent-care-attendance"),
        (_encounter("FLD"), "ambulance"),
        (_encounter("VR", type=[_coded("185317003")]), "consultation"),
        (_encounter("AMB", serviceProvider={"identifier": {
            "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A81001"}}), "consultation"),
        (_encounter("AMB", type=[_coded("373864002")]), "outpatient"),
        (_encounter("AMB"), "other"),
    ],
)  # fmt: skip
def test_what_kind_of_contact_it_was(encounter: Resource, category: str) -> None:
    [fact] = read_encounter(encounter, _EVENT)
    assert (fact.category, fact.first, fact.value) == (category, _day("2020-07-01"), 20.0)


def test_a_contact_that_did_not_happen_says_nothing_and_one_without_an_end_lasts_its_day() -> None:
    assert list(read_encounter(_encounter("IMP", status="planned"), _EVENT)) == []
    [fact] = read_encounter(_encounter("IMP", period={"start": "2020-07-01"}), _EVENT)
    assert (fact.first, fact.last, fact.value) == (_day("2020-07-01"), _day("2020-07-02"), None)
    [stay] = read_encounter(_encounter("IMP", status="in-progress", period={"start": "2020-07-01"}), _EVENT)
    assert stay.last is None


def test_a_stay_names_its_home_and_ends_after_its_last_day() -> None:
    episode = {
        "status": "finished", "type": [_coded("160734000")], "managingOrganization": _HOME,
        "period": {"start": "2020-05-01", "end": "2020-06-30"}, "meta": {"lastUpdated": "2020-07-01T09:00:00Z"},
    }  # fmt: skip
    assert list(read_care_home_stay(episode, _EVENT)) == [
        Fact("care-home-stay", _day("2020-05-01"), _day("2020-07-01"), place="Organization/h1")
    ]
    [lasting] = read_care_home_stay({**episode, "status": "active", "period": {"start": "2020-05-01"}}, _EVENT)
    assert lasting.last is None
    assert list(read_care_home_stay({**episode, "type": [_coded("73211009")]}, _EVENT)) == []
    assert list(read_care_home_stay({"status": "active", "type": episode["type"]}, _EVENT)) == []


def _round(action: str, **more: Any) -> Event:
    data = {
        "appointment": "r1", "home": "Organization/h1", "organisation": "U10001", "revision": 3,
        "start": "2020-10-06T09:00:00+00:00", "minutes": 90, "staff": 2, "counts": True, "gp_led": True, **more,
    }  # fmt: skip
    return Event("e", f"tandem.round.{action}", "mdt-service", _EVENT.time, data=data)


def test_a_round_is_told_with_the_hours_it_took() -> None:
    told = told_home_round(_round("held"))
    assert told is not None
    held, time = told.facts
    assert (held.category, held.status, held.value, held.place) == ("gp-led", "counts", 90.0, "Organization/h1")
    assert (time.kind, time.category, time.value, time.organisation) == ("clinician-time", "home-round", 3.0, "U10001")
    withdrawn = told_home_round(_round("withdrawn", revision=4))
    assert withdrawn is not None
    assert (withdrawn.source, withdrawn.number, withdrawn.deleted) == (told.source, 4, True)
    assert told_home_round(_round("held", revision=None)) is None


def test_an_appointment_that_took_place_takes_the_time_of_all_staff_who_came() -> None:
    appointment = {
        "status": "fulfilled", "start": "2020-07-06T09:00:00+01:00", "end": "2020-07-06T09:30:00+01:00",
        "serviceType": [{"coding": [{"system": APPOINTMENT_KIND, "code": "structured-medication-review"}]}],
        "participant": [
            {"actor": {"reference": "Patient/4"}, "status": "accepted"},
            {"actor": {"reference": "PractitionerRole/7"}, "status": "accepted"},
            {"actor": {"reference": "PractitionerRole/8"}, "status": "declined"},
        ],
    }  # fmt: skip
    [fact] = read_clinician_time(appointment, _EVENT)
    assert (fact.category, fact.value, fact.first) == ("structured-medication-review", 0.5, _day("2020-07-06"))
    assert list(read_clinician_time({**appointment, "status": "booked"}, _EVENT)) == []
    nobody = [{"actor": {"reference": "PractitionerRole/7"}, "status": "accepted"}]
    assert list(read_clinician_time({**appointment, "participant": nobody}, _EVENT)) == []


def test_every_question_of_a_survey_is_an_answer_of_its_home() -> None:
    said = {"valueCoding": {"system": QUESTIONNAIRE_ANSWER, "code": "family"}}
    response = {
        "questionnaire": f"{QUESTIONNAIRE}/care-home-experience", "status": "completed", "authored": "2020-07-01",
        "item": [
            {"linkId": "home", "answer": [{"valueReference": _HOME}]}, {"linkId": "respondent", "answer": [said]},
            {"linkId": "experience", "answer": [{"valueInteger": 9}]},
            {"linkId": "safety", "answer": [{"valueInteger": 7}]},
        ],
    }  # fmt: skip
    found = [(each.detail, each.value, each.status, each.place) for each in read_care_home_experience(response, _EVENT)]
    assert found == [("experience", 9.0, "family", "Organization/h1"), ("safety", 7.0, "family", "Organization/h1")]
    assert list(read_care_home_experience({**response, "status": "in-progress"}, _EVENT)) == []


def test_where_somebody_wishes_to_die_and_where_they_died() -> None:
    answer = {"valueCoding": {"system": QUESTIONNAIRE_ANSWER, "code": "care-home"}}
    plan = {
        "questionnaire": f"{QUESTIONNAIRE}/personalised-care-and-support-plan", "authored": "2020-06-01",
        "item": [{"linkId": "preferred-place-of-death", "answer": [answer]}],
    }  # fmt: skip
    [wish] = read_preferred_place(plan, _EVENT)
    assert (wish.kind, wish.category, wish.detail) == ("place-of-death", "preferred", "care-home")
    undecided = {"valueCoding": {"system": QUESTIONNAIRE_ANSWER, "code": "undecided"}}
    plan["item"] = [{"linkId": "preferred-place-of-death", "answer": [undecided]}]
    assert list(read_preferred_place(plan, _EVENT)) == []
    [death] = read_recorded_death({"code": _coded("183676005"), "effectiveDateTime": "2020-07-01"}, _EVENT)
    assert (death.category, death.detail, death.first) == ("actual", "hospital", _day("2020-07-01"))
    assert list(read_recorded_death({"code": _coded("73211009")}, _EVENT)) == []


def test_conditions_and_observations_are_read_by_the_rules_of_the_kernel() -> None:
    condition = {
        "code": _coded("103735009"), "onsetDateTime": "2020-06-01", "clinicalStatus": {"coding": [{"code": "active"}]},
    }  # fmt: skip
    assert list(read_condition(condition, _EVENT)) == [
        Fact("condition", _day("2020-06-01"), status="active", codings=(f"{SNOMED_CT}|103735009",))
    ]
    refuted = {**condition, "verificationStatus": {"coding": [{"code": "refuted"}]}}
    assert list(read_condition(refuted, _EVENT)) == []
    observation = {"status": "final", "code": _coded("713636003"), "valueQuantity": {"value": 0.2}}
    assert list(read_observation(observation, _EVENT)) == [
        Fact("observation", None, status="final", codings=(f"{SNOMED_CT}|713636003",), value=0.2)
    ]


def test_profiles_of_a_practice_hold_until_the_next_one() -> None:
    rural = {"name": "Rural", "code": "rural", "percent": 40.0}
    data = {"practice": "A81001", "profiles": [
        {"from": "2020-06-01", "characteristics": [{**rural, "percent": 50.0}]},
        {"from": "2020-04-01", "characteristics": [rural, {"name": "Homes", "count": 3}, {"name": "nothing"}]},
    ]}  # fmt: skip
    event = Event("e", "tandem.practice-profile.recorded", "cohort-service", _EVENT.time, position=7, data=data)
    told = told_practice_profile(event)
    assert told is not None
    assert (told.source, told.number) == ("practice-profile/A81001", 7)
    assert [(each.category, each.detail, each.value, each.first, each.last) for each in told.facts] == [
        ("rural", "percent", 40.0, _day("2020-04-01"), _day("2020-06-01")),
        ("Homes", "count", 3.0, _day("2020-04-01"), _day("2020-06-01")),
        ("rural", "percent", 50.0, _day("2020-06-01"), None),
    ]  # fmt: skip


def test_a_home_is_told_with_its_beds_until_it_closes() -> None:
    home = {
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "care-home"}]}],
        "identifier": [{"system": ODS_CODE, "value": "VE001"}],
        "extension": [{"url": CARE_HOME_BEDS, "valuePositiveInt": 40}],
    }  # fmt: skip
    [fact] = read_care_home(home, _EVENT)
    assert (fact.kind, fact.organisation, fact.value, fact.last) == ("care-home", "VE001", 40.0, None)
    [closed] = read_care_home({**home, "active": False, "extension": []}, _EVENT)
    assert (closed.value, closed.last) == (None, _day("2020-07-01"))
    practice = {**home, "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "practice"}]}]}
    assert list(read_care_home(practice, _EVENT)) == []


@pytest.mark.parametrize(
    ("more", "days"),
    [({}, ["2020-06-20"]), ({"status": "preparation"}, []), ({"sent": None}, []), ({"category": []}, [])],
)
def test_an_invitation_is_an_offer_once_it_was_sent(more: dict[str, Any], days: list[str]) -> None:
    letter = {
        "status": "completed", "sent": "2020-06-20", "topic": _coded("1239511000000100"),
        "category": [{"coding": [{"system": COMMUNICATION_CATEGORY, "code": "invitation"}]}],
    }  # fmt: skip
    found = list(read_offer({**letter, **more}, _EVENT))
    assert [each.first for each in found] == [_day(each) for each in days]
    assert all(each.codings == (f"{SNOMED_CT}|1239511000000100",) for each in found)
