"""From when to when a medicine was in use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cohort_service.domain.facts.extract import facts_of
from cohort_service.domain.facts.medications import ReferringOrder, facts_of_order, referring_order
from tandem.canonical import DMD
from tandem.record_facts.days import day_of
from tandem.record_facts.fact import Fact

FIRST = {"versionId": "1", "lastUpdated": "2020-07-01T08:00:00.000Z"}
CHANGED = {"versionId": "2", "lastUpdated": "2020-07-01T08:00:00.000Z"}
MEDICINE = {"coding": [{"system": DMD, "code": "39720311000001101"}]}
CONTINUOUS = {"coding": [{"code": "continuous"}]}


def request(**content: Any) -> list[Fact]:
    usual = {
        "resourceType": "MedicationRequest", "id": "a", "meta": FIRST, "status": "active", "intent": "order",
        "medicationCodeableConcept": MEDICINE, "authoredOn": "2020-01-01",
    }  # fmt: skip
    return facts_of(usual | content)


def statement(**content: Any) -> list[Fact]:
    usual = {"resourceType": "MedicationStatement", "id": "a", "meta": FIRST, "medicationCodeableConcept": MEDICINE}
    return facts_of(usual | content)


@pytest.mark.parametrize("word", ["active", "on-hold"])
def test_an_order_in_force_is_open_unless_it_says_until_when(word):
    [found] = request(status=word)
    assert (found.code, found.medicine, found.starts, found.ends) == (
        "39720311000001101", True, day_of("2020-01-01"), None,
    )  # fmt: skip
    [limited] = request(status=word, dispenseRequest={"validityPeriod": {"end": "2020-03-31"}})
    assert limited.ends == day_of("2020-04-01")


@pytest.mark.parametrize(
    "content",
    [
        {"status": "draft"}, {"status": "cancelled"}, {"status": "entered-in-error"}, {"status": "unknown"},
        {"intent": "proposal"}, {"intent": "option"}, {"doNotPerform": True},
    ],
)  # fmt: skip
def test_what_is_no_order_says_nothing(content):
    assert request(**content) == []


@pytest.mark.parametrize("intent", ["plan", "order", "original-order", "instance-order"])
def test_a_plan_to_prescribe_counts_as_an_order(intent):
    assert len(request(intent=intent)) == 1


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        ({"status": "completed"}, "2020-01-29"),
        ({"status": "stopped"}, "2020-01-29"),
        ({"status": "stopped", "meta": CHANGED}, "2020-07-01"),
        ({"status": "completed", "meta": CHANGED}, "2020-01-29"),
        ({"status": "completed", "meta": CHANGED, "courseOfTherapyType": CONTINUOUS}, "2020-07-01"),
        ({"status": "completed", "authoredOn": "2020-06-20"}, "2020-07-18"),
        ({"status": "completed", "authoredOn": "2020-06-20", "meta": CHANGED}, "2020-07-18"),
        ({"status": "completed", "authoredOn": "2020-06-20", "courseOfTherapyType": CONTINUOUS}, "2020-07-01"),
        ({"status": "stopped", "authoredOn": "2020-06-20"}, "2020-07-01"),
    ],
)
def test_when_an_order_that_is_over_ended(content, ends):
    [found] = request(**content)
    assert found.ends == day_of(ends)


@pytest.mark.parametrize(
    ("duration", "repeats", "ends"),
    [
        ({"value": 7, "code": "d"}, None, "2020-01-08"),
        ({"value": 2, "unit": "wk"}, 1, "2020-01-29"),
        ({"value": Decimal("1"), "code": "mo"}, 0, "2020-01-31"),
        ({"value": 7, "code": "tablets"}, 3, "2020-01-29"),
    ],
)
def test_a_supply_lasts_as_long_as_it_says(duration, repeats, ends):
    [found] = request(
        status="completed", dispenseRequest={"expectedSupplyDuration": duration, "numberOfRepeatsAllowed": repeats}
    )
    assert found.ends == day_of(ends)


def test_a_contained_medicine_is_found_and_another_one_is_not():
    contained = [
        {"resourceType": "Medication", "id": "m", "code": MEDICINE},
        {"resourceType": "Medication", "id": "n", "code": {"coding": [{"system": DMD, "code": "other"}]}},
    ]
    found = request(contained=contained, medicationReference={"reference": "#m"}, medicationCodeableConcept=None)
    assert [fact.code for fact in found] == ["39720311000001101"]


def test_a_statement_lasts_as_long_as_it_says():
    [found] = statement(status="active", effectivePeriod={"start": "2020-02-01"})
    assert (found.medicine, found.starts, found.ends) == (True, day_of("2020-02-01"), None)
    [over] = statement(status="completed", effectivePeriod={"start": "2020-02-01", "end": "2020-02-29"})
    assert over.ends == day_of("2020-03-01")
    [once] = statement(status="stopped", effectiveDateTime="2020-02-01")
    assert once.ends == day_of("2020-02-02")


@pytest.mark.parametrize("word", ["not-taken", "intended", "entered-in-error", "unknown"])
def test_what_is_not_taken_says_nothing(word):
    assert statement(status=word, effectiveDateTime="2020-02-01") == []


BY_REFERENCE = {
    "resourceType": "MedicationRequest", "id": "a", "meta": FIRST, "status": "active", "intent": "order",
    "authoredOn": "2020-01-01", "medicationReference": {"reference": "Medication/m"},
}  # fmt: skip
ORDER = ReferringOrder("m", day_of("2020-01-01"), None)


def test_an_order_by_reference_has_the_days_of_any_other():
    assert referring_order(BY_REFERENCE) == ORDER
    assert facts_of(BY_REFERENCE) == []
    limited = BY_REFERENCE | {"dispenseRequest": {"validityPeriod": {"end": "2020-03-31"}}}
    assert referring_order(limited) == ReferringOrder("m", ORDER.starts, day_of("2020-04-01"))
    taken = {
        "resourceType": "MedicationStatement", "status": "completed", "effectiveDateTime": "2020-01-01",
        "medicationReference": {"reference": "Medication/m/_history/3"},
    }  # fmt: skip
    assert referring_order(taken) == ReferringOrder("m", ORDER.starts, ORDER.starts + 1)


@pytest.mark.parametrize(
    "content",
    [
        {"status": "entered-in-error"}, {"intent": "proposal"}, {"medicationReference": {"reference": "#m"}},
        {"medicationReference": {"identifier": {"value": "m"}}}, {"medicationReference": None},
        {"medicationReference": {"reference": "https://elsewhere.example/Medication/m"}},
    ],
)  # fmt: skip
def test_what_is_no_order_or_refers_to_no_medication_here_has_none(content):
    assert referring_order(BY_REFERENCE | content) is None


def test_the_medicine_is_every_code_of_the_medication():
    codes = [MEDICINE["coding"][0], {"system": "http://snomed.info/sct", "code": "1"}, MEDICINE["coding"][0]]
    medication = {"resourceType": "Medication", "id": "m", "code": {"coding": codes}}
    found = facts_of_order(ORDER, medication)
    assert [(fact.code, fact.medicine, fact.starts, fact.ends) for fact in found] == [
        ("39720311000001101", True, ORDER.starts, None), ("1", True, ORDER.starts, None),
    ]  # fmt: skip
    assert facts_of_order(ORDER, medication | {"status": "inactive"}) == found


@pytest.mark.parametrize("medication", [None, {"code": MEDICINE, "status": "entered-in-error"}, {}])
def test_a_medication_that_is_not_there_or_an_error_gives_nothing(medication):
    assert facts_of_order(ORDER, medication) == []
