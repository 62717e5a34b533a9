"""Who may read an enriched summary, what is left out of it, and which problems and medicines it holds."""

from __future__ import annotations

from typing import Any

import pytest

from careplan_service.domain.enriched_summary.known import SummaryFacts, Told
from careplan_service.domain.enriched_summary.readers import Asking, reader_faults
from careplan_service.domain.enriched_summary.sections import sections_of
from careplan_service.domain.enriched_summary.sensitive import is_sensitive
from careplan_service.domain.enriched_summary.significant import is_past, is_significant, medicines_taken, reasons_of
from careplan_service.enriched_summary.shipped_policies import readers, sensitive
from tandem.nhs.snomed_ct import concept_fault
from tandem.nhs.staff_kinds import kind_names


@pytest.mark.parametrize(
    ("asking", "faults"),
    [
        (Asking("acute-trust", "TREAT", {"hospital-consultant"}), 0), (Asking("acute-trust", "TREAT", set()), 1),
        (Asking("commissioner", "TREAT", {"gp"}), 1), (Asking("voluntary", None, {"voluntary-sector-worker"}), 3),
        (Asking(None, "HPAYMT", set()), 3), (Asking("practice", "ETREAT", {"gp", "care-coordinator"}), 0),
    ],
)  # fmt: skip
def test_who_may_read_it(asking: Asking, faults: int) -> None:
    assert len(list(reader_faults(readers(), asking))) == faults


def test_the_files_name_what_there_is() -> None:
    assert readers().staff <= set(kind_names())
    assert [code for _, code in sensitive().codes if concept_fault(code)] == []


def test_what_is_sensitive_is_found_wherever_it_stands() -> None:
    hiv = {"coding": [{"system": "http://snomed.info/sct", "code": "86406008"}]}
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    assert is_sensitive({"resourceType": "Condition", "code": hiv}, sensitive())
    assert is_sensitive({"resourceType": "MedicationRequest", "reasonCode": [hiv]}, sensitive())
    assert is_sensitive({"resourceType": "Condition", "meta": {"security": [label]}}, sensitive())
    assert not is_sensitive({"resourceType": "Condition", "meta": {"security": [label | {"code": "N"}]}}, sensitive())
    assert not is_sensitive({"resourceType": "Condition", "code": {"text": "HIV infection"}}, sensitive())


def condition(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c1", "code": {"text": "Asthma"}, **more}


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def significance(value: str) -> list[dict[str, str]]:
    return [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-Problem-Significance", "valueCode": value}]


@pytest.mark.parametrize(
    ("more", "significant"),
    [
        ({}, True), ({"category": [status("problem-list-item")]}, True),
        ({"category": [status("encounter-diagnosis")]}, False),
        ({"category": [status("encounter-diagnosis")], "extension": significance("major")}, True),
        ({"extension": significance("minor")}, False), ({"verificationStatus": status("refuted")}, False),
        ({"verificationStatus": status("entered-in-error"), "extension": significance("major")}, False),
        ({"clinicalStatus": status("resolved")}, True),
    ],
)  # fmt: skip
def test_which_problems_are_significant(more: dict[str, Any], significant: bool) -> None:
    assert is_significant(condition(**more)) is significant


def test_which_are_past() -> None:
    assert is_past(condition(clinicalStatus=status("resolved")))
    assert is_past(condition(abatementDateTime="2019-01-01"))
    assert not is_past(condition(clinicalStatus=status("recurrence")))


def medicine(kind: str, name: str, **more: Any) -> dict[str, Any]:
    stated = {"resourceType": kind, "id": name, "status": "active", "medicationCodeableConcept": {"text": name}}
    return {**stated, "meta": {"lastUpdated": "2020-06-01T09:00:00Z"}, **more}


def test_a_medicine_stands_once_with_its_reasons() -> None:
    said, ordered = medicine("MedicationStatement", "Senna"), medicine("MedicationRequest", "Senna")
    other = medicine("MedicationRequest", "Digoxin", reasonReference=[{"reference": "Condition/c1"}])
    taken = medicines_taken([said], [ordered, other, medicine("MedicationRequest", "Old", status="stopped")], 2**60)
    assert [each["id"] for each in taken] == ["Senna", "Digoxin"]
    assert taken[0]["resourceType"] == "MedicationStatement"
    assert [reasons_of(each, [condition()]) for each in taken] == [[], ["Asthma"]]
    assert reasons_of(other, []) == [], "a reason that nobody can read is none"


def test_what_is_away_is_said_and_what_is_said_cannot_be_mark_up() -> None:
    away = frozenset(("Condition", "Immunization"))
    known = SummaryFacts(0, away=away, told=[Told("communication-needs", "Needs", "<script>x</script>")])
    sections = {each.code: each.resource() for each in sections_of(known)}
    assert "not all of this is available" in sections["problems"]["text"]["div"].casefold()
    assert sections["immunisations"]["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert "Nothing is recorded" in sections["allergies"]["text"]["div"]
    assert "emptyReason" not in sections["allergies"]
    assert "<script>" not in sections["communication"]["text"]["div"]
