"""Which medicines a review looks at, and which differences from hospital are open."""

from __future__ import annotations

from typing import Any

from careplan_service.domain.medication_review.medicine_records import prescription_record, statement_record
from careplan_service.domain.medication_review.medicines import Record, last_discharge, medicines_to_review
from tandem.canonical import DMD, SNOMED_CT
from tandem.clock import to_micros
from tandem_tests.small_work import START

NOW = to_micros(START)
CODES = {"amlodipine": "319283006", "ramipril": "318902004", "ibuprofen": "329653008"}
HOSPITAL, AT_HOME, COUNTER = "discharge", "community", "patientspecified"


def concept(name: str, system: str = DMD) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": CODES[name], "display": name}]}


def resource(kind: str, identity: str, name: str, version: str = "1", **more: Any) -> dict[str, Any]:
    meta = {"versionId": version, "lastUpdated": "2020-06-30T10:00:00.000Z"}
    return {"resourceType": kind, "id": identity, "meta": meta, "medicationCodeableConcept": concept(name), **more}


def ordered(name: str, dosage: str | None = None, on: str = "2020-01-01") -> Record:
    more = {"dosageInstruction": [{"text": dosage}]} if dosage is not None else {}
    return prescription_record(resource("MedicationRequest", f"r-{name}", name, authoredOn=on, **more), {})


def stated(name: str, category: str, day: str = "2020-06-20", status: str = "active", **more: Any) -> Record:
    body = resource(
        "MedicationStatement", f"{category}-{name}-{day}", name, more.pop("version", "1"), status=status,
        dateAsserted=day, category={"coding": [{"code": category}]}, **more,
    )  # fmt: skip
    return statement_record(body, {}, NOW)


def differences(*records: Record, **decided: set[str]) -> dict[str, str | None]:
    known = {("dm+d", CODES[name]): versions for name, versions in decided.items()}
    return {each.name: each.difference for each in medicines_to_review(records, known)}


def test_everything_that_is_taken_appears_once_by_whatever_code() -> None:
    other = resource("MedicationStatement", "s1", "amlodipine", status="active", dateAsserted="2020-02-01")
    other["medicationCodeableConcept"] = concept("amlodipine", SNOMED_CT)
    records = [
        ordered("amlodipine"), statement_record(other, {}, NOW), stated("ibuprofen", COUNTER),
        stated("ramipril", AT_HOME, status="stopped"),
    ]  # fmt: skip
    found = medicines_to_review(records, {})
    assert [(each.name, each.sources) for each in found] == [
        ("amlodipine", ("prescribed", "stated")), ("ibuprofen", ("over-the-counter",)),
    ]  # fmt: skip


def test_a_medication_that_is_referred_to_gives_the_code() -> None:
    request = resource("MedicationRequest", "r1", "amlodipine")
    del request["medicationCodeableConcept"]
    request["medicationReference"] = {"reference": "Medication/m1"}
    medication = {"resourceType": "Medication", "id": "m1", "code": concept("ramipril")}
    assert prescription_record(request, {"Medication/m1": medication}).key == ("dm+d", CODES["ramipril"])
    assert prescription_record(request, {}).key == ("reference", "Medication/m1")


def test_each_kind_of_difference_and_none_without_a_discharge() -> None:
    before = (ordered("amlodipine", "One each day"), stated("ibuprofen", COUNTER, "2020-01-01"))
    assert differences(*before) == {"amlodipine": None, "ibuprofen": None}
    two = stated("amlodipine", HOSPITAL, dosage=[{"text": "Two  EACH day"}])
    assert differences(*before, two, stated("ramipril", HOSPITAL)) == {
        "amlodipine": "dose-changed-in-hospital", "ibuprofen": "not-on-discharge-list",
        "ramipril": "started-in-hospital",
    }  # fmt: skip
    same = stated("amlodipine", HOSPITAL, dosage=[{"text": "one each  day"}])
    assert differences(before[0], same) == {"amlodipine": None}
    stopped = stated("amlodipine", HOSPITAL, status="stopped")
    assert differences(before[0], stopped) == {"amlodipine": "stopped-in-hospital"}
    assert differences(stated("ramipril", HOSPITAL, status="stopped")) == {}


def test_what_began_after_the_discharge_is_no_difference() -> None:
    assert differences(ordered("amlodipine", on="2020-06-25"), stated("ramipril", HOSPITAL)) == {
        "amlodipine": None, "ramipril": "started-in-hospital",
    }  # fmt: skip


def test_a_later_discharge_takes_the_place_of_an_earlier_one() -> None:
    records = (
        ordered("amlodipine"), stated("amlodipine", HOSPITAL, "2020-03-01", "stopped"),
        stated("amlodipine", HOSPITAL, "2020-06-01"),
    )  # fmt: skip
    assert [each.day for each in last_discharge(records)] == [records[2].day]
    assert differences(*records) == {"amlodipine": None}


def test_a_difference_is_open_until_it_was_decided_with_what_it_rests_on() -> None:
    before, hospital = ordered("amlodipine"), stated("ramipril", HOSPITAL)
    everything = {hospital.version}
    assert differences(before, hospital, ramipril=everything)["ramipril"] is None
    assert differences(before, hospital, ramipril=set())["ramipril"] == "started-in-hospital"
    assert differences(before, hospital, amlodipine=everything)["amlodipine"] is None
    corrected = stated("ramipril", HOSPITAL, version="2")
    assert differences(before, corrected, ramipril=everything)["ramipril"] == "started-in-hospital"
    assert differences(before, corrected, amlodipine=everything)["amlodipine"] == "not-on-discharge-list"
