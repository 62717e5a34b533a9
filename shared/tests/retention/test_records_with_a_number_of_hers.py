"""A record of somebody else that has a number of the erased person among its identifiers keeps its own."""

from __future__ import annotations

import json
from typing import Any

from tandem.canonical import NHS_NUMBER
from tandem.retention.redaction import Traces, redacted

HERS = "9990001234"
TRACES = Traces("5643a7bf-4ceb-4401-b003-361c4440f93b", (HERS,))
OWN = {"system": NHS_NUMBER, "value": "9990005678"}


def after(record: dict[str, Any]) -> dict[str, Any]:
    found = redacted(json.dumps(record).encode(), TRACES)
    assert found is not None
    changed: dict[str, Any] = json.loads(found)
    return changed


def test_a_patient_with_the_number_of_a_merged_duplicate_keeps_its_own() -> None:
    patient = {"resourceType": "Patient", "identifier": [OWN, {"use": "old", "system": NHS_NUMBER, "value": HERS}]}
    assert after(patient) == {"resourceType": "Patient", "identifier": [OWN]}


def test_a_record_without_another_identifier_has_none_left() -> None:
    assert after({"id": "1", "identifier": [{"value": HERS}], "status": "active"}) == {"id": "1", "status": "active"}


def test_a_reference_by_her_number_loses_all_that_names_her() -> None:
    subject = {"identifier": {"system": NHS_NUMBER, "value": HERS}, "display": "Somebody", "type": "Patient"}
    assert after({"identifier": [OWN], "subject": subject}) == {"identifier": [OWN], "subject": {"type": "Patient"}}
