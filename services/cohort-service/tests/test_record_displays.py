"""What one person's record calls a code is shown of that person and of nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install
from cohort_service.facts.record_displays import displays_said
from cohort_service.facts.record_follower import follow_records
from cohort_service.lists.announcements import ENTERED
from cohort_service.lists.rule_tree import rules_of
from tandem.canonical import DMD
from tandem.fhir.body import Resource
from tandem.london_days import london_date
from tandem.nhs.value_set import Member, ValueSet
from tandem_tests.small_work import SmallWork

PRODUCT = "318857003"
ABOUT_HER = "Text about Mrs Jones"
NAME = "Ramipril 5mg capsules"
ANY_MEDICINE = """\
id: takers
version: "1"
title: People who take something
description: People who take something.
service: SMR
status: mandatory
source: A test
members:
  medicines: {at_least: 1}
"""


def order(patient: str, display: str | None, **more: Any) -> Resource:
    coding = {"system": DMD, "code": PRODUCT} | ({"display": display} if display else {})
    medicine = more or {"medicationCodeableConcept": {"coding": [coding]}}
    return {
        "resourceType": "MedicationRequest", "id": f"of-{patient}", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{patient}"}, "authoredOn": "2020-06-01", **medicine,
    }  # fmt: skip


@pytest.fixture
async def takers(work: SmallWork) -> SmallWork:
    """A list of who takes anything; a person of one practice and one of another."""
    await install(work, [], {"takers.yaml": ANY_MEDICINE})
    for patient, practice in (("a", "A00001"), ("b", "A00002")):
        await work.connection.execute("INSERT INTO patient (id, practice) VALUES ($1, $2)", patient, practice)
    return work


async def ordered(work: SmallWork, *records: Resource) -> None:
    """Write these one after the other, each followed before the next."""
    for record in records:
        await work.put(record)
        await follow_records(list(dict.fromkeys(work.changed)), work)
        work.changed.clear()


async def explained(work: SmallWork, patient: str) -> list[dict[str, Any]]:
    as_of = london_date(work.now)
    selection = await current_selection(work.connection, as_of)
    number = await work.connection.fetchval("SELECT number FROM person WHERE patient = $1", patient)
    return await rules_of(work.connection, selection, selection.definitions["takers"], as_of, number)


def displays(work: SmallWork) -> dict[str, list[Any]]:
    """What was said of who entered the list, by patient."""
    return {
        each["patient"].removeprefix("Patient/"): [record["display"] for record in each["evidence"]]
        for each in work.of(ENTERED)
    }


async def test_what_one_practice_writes_is_not_shown_of_anothers_person(takers: SmallWork) -> None:
    await ordered(takers, order("a", ABOUT_HER), order("b", NAME))
    assert displays(takers) == {"a": [ABOUT_HER], "b": [NAME]}
    assert NAME in json.dumps(await explained(takers, "b"))
    assert ABOUT_HER not in json.dumps(await explained(takers, "b"))
    assert ABOUT_HER in json.dumps(await explained(takers, "a"))
    assert await takers.connection.fetchval("SELECT COUNT(*) FROM concept WHERE display IS NOT NULL") == 0


async def test_without_words_of_its_own_a_record_is_shown_by_its_code(takers: SmallWork) -> None:
    await ordered(takers, order("a", ABOUT_HER), order("b", None))
    assert displays(takers) == {"a": [ABOUT_HER], "b": [None]}
    told = json.dumps(await explained(takers, "b"))
    assert PRODUCT in told
    assert "MedicationRequest/of-b" in told
    assert "display" not in told


async def test_the_words_of_a_value_set_come_before_those_of_a_record(takers: SmallWork) -> None:
    await ordered(takers, order("a", ABOUT_HER))
    ace = ValueSet("ace", "1", "ACE inhibitors", "A test", None, (Member(DMD, PRODUCT, NAME),))
    await install(takers, [ace], {})
    assert NAME in json.dumps(await explained(takers, "a"))
    assert ABOUT_HER not in json.dumps(await explained(takers, "a"))


async def test_an_order_by_reference_is_called_what_its_medication_is_called(takers: SmallWork) -> None:
    coding = {"system": DMD, "code": PRODUCT, "display": NAME}
    medication = {"resourceType": "Medication", "id": "m", "code": {"coding": [coding]}}
    await ordered(takers, medication, order("b", None, medicationReference={"reference": "Medication/m"}))
    assert displays(takers) == {"b": [NAME]}


async def test_a_record_that_is_about_somebody_else_by_now_says_nothing(takers: SmallWork) -> None:
    await ordered(takers, order("b", NAME))
    asked = ("MedicationRequest/of-b", DMD, PRODUCT)
    elsewhere = ("MedicationStatement/1", DMD, PRODUCT)
    assert await displays_said(takers.connection, [asked, elsewhere]) == {asked: NAME}
    moved = {**order("a", ABOUT_HER), "id": "of-b"}
    await takers.put(moved)
    assert await displays_said(takers.connection, [asked]) == {}
    await takers.delete("MedicationRequest", "of-b")
    assert await displays_said(takers.connection, [asked]) == {}


async def test_a_medicine_that_is_text_alone_is_no_fact(takers: SmallWork) -> None:
    await ordered(takers, order("b", None, medicationCodeableConcept={"text": NAME}))
    assert await takers.connection.fetchval("SELECT COUNT(*) FROM medicine") == 0
    assert displays(takers) == {}
