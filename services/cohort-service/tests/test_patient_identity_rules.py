"""Rules of how a Patient is identified."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cohort_service.domain.patient_identity import nhs_numbers_are_valid, ods_system_is_spelt_with_z
from tandem.canonical import NHS_NUMBER, ODS_CODE
from tandem.fhir.outcome import Issue
from tandem.identity.caller import Caller
from tandem.nhs.nhs_number import synthetic_number
from tandem.nhs.ods import MISSPELT_SYSTEM
from tandem.service import Change

ONE, OTHER = synthetic_number(1), synthetic_number(2)


def faults(rule: Any, resource: dict[str, Any]) -> list[Issue]:
    change = Change("Patient", "1", "create", None, resource, Caller("Y00001"), datetime(2020, 7, 1, tzinfo=UTC), "1")
    return list(rule(change))


def numbered(*values: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": NHS_NUMBER, "value": value, **more} for value in values],
    }


@pytest.mark.parametrize("value", [ONE, f"{ONE[:3]} {ONE[3:6]} {ONE[6:]}"])
def test_a_valid_number_passes(value: str) -> None:
    assert faults(nhs_numbers_are_valid, numbered(value)) == []


@pytest.mark.parametrize("value", ["9990000000", "123", "", "ABCDEFGHIJ", ONE[:9] + str((int(ONE[9]) + 1) % 10)])
def test_an_invalid_number_is_refused_where_it_stands_and_never_repeated(value: str) -> None:
    (issue,) = faults(
        nhs_numbers_are_valid, {"identifier": [{"system": "urn:x", "value": "1"}, *numbered(value)["identifier"]]}
    )
    assert issue.expression == "Patient.identifier[1].value"
    assert not value or value not in issue.text


def test_one_person_has_one_number() -> None:
    (issue,) = faults(nhs_numbers_are_valid, numbered(ONE, OTHER))
    assert issue.expression == "Patient.identifier"
    superseded = {"identifier": [*numbered(ONE)["identifier"], *numbered(OTHER, use="old")["identifier"]]}
    assert faults(nhs_numbers_are_valid, superseded) == []
    assert faults(nhs_numbers_are_valid, numbered(ONE, ONE)) == [], "the same number twice is still one"


def test_the_misspelt_ods_system_is_refused_with_the_right_one() -> None:
    patient = {
        "managingOrganization": {"identifier": {"system": MISSPELT_SYSTEM, "value": "A00001"}},
        "generalPractitioner": [{"identifier": {"system": ODS_CODE, "value": "A00001"}}],
        "identifier": [{"system": MISSPELT_SYSTEM, "value": "A00001"}],
    }
    issues = faults(ods_system_is_spelt_with_z, patient)
    assert [issue.expression for issue in issues] == [
        "Patient.managingOrganization.identifier.system",
        "Patient.identifier[0].system",
    ]
    assert all(ODS_CODE in issue.text for issue in issues)
