"""What a validator accepts, whatever its engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tandem.fhir.validation import Validator

TASK: dict[str, Any] = {"resourceType": "Task", "status": "requested", "intent": "order"}
PATIENT: dict[str, Any] = {"resourceType": "Patient"}
OBSERVATION: dict[str, Any] = {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}}
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/1"},
}  # fmt: skip
NOTE = {"url": "https://tandem.example/note", "valueString": "seen"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Seen</p></div>'

ACCEPTED: dict[str, dict[str, Any]] = {
    "a minimal task": TASK,
    "an empty patient": PATIENT,
    "a plan": PLAN,
    "partial dates": {**PATIENT, "birthDate": "1948-07", "deceasedDateTime": "2019"},
    "a leap day": {**PATIENT, "birthDate": "2020-02-29"},
    "an extension in place of a required value": {
        "resourceType": "Task", "intent": "order", "_status": {"extension": [NOTE]},
    },
    "an extension beside a value": {**PATIENT, "birthDate": "1948-07-05", "_birthDate": {"extension": [NOTE]}},
    "an id beside a value": {**PATIENT, "gender": "female", "_gender": {"id": "g"}},
    "nulls paired with extensions": {
        **PATIENT, "name": [{"given": ["Ann", None], "_given": [None, {"extension": [NOTE]}]}],
    },
    "a choice given by an extension alone": {
        **TASK, "input": [{"type": {"text": "x"}, "_valueString": {"extension": [NOTE]}}],
    },
    "an extension whose value is absent for a reason": {
        **PATIENT, "extension": [{"url": "https://tandem.example/x", "_valueString": {"extension": [NOTE]}}],
    },
    "an extension with a Meta": {
        **PATIENT, "extension": [{"url": "https://tandem.example/x", "valueMeta": {"versionId": "1"}}],
    },
    "an unknown extension": {**PATIENT, "modifierExtension": [NOTE], "name": [{"family": "Ng", "extension": [NOTE]}]},
    "a decimal with its precision": {**OBSERVATION, "valueQuantity": {"value": Decimal("1.50"), "unit": "kg"}},
    "a whole number for a decimal": {**OBSERVATION, "valueQuantity": {"value": 80, "unit": "kg"}},
    "an identifier-only reference": {
        **TASK, "for": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "x"}, "type": "Patient"},
    },
    "a reference by URL": {**PLAN, "subject": {"reference": "https://other.example/fhir/Patient/1"}},
    "a reference by urn": {**PLAN, "subject": {"reference": "urn:uuid:87e11d66-c137-458a-9754-fe6c4e445a6d"}},
    "a reference to a version": {**PLAN, "subject": {"reference": "Patient/1/_history/2"}},
    "a reference to a contained resource": {
        **PLAN, "contained": [{"resourceType": "Patient", "id": "p"}], "subject": {"reference": "#p"},
    },
    "a contained resource of a type outside the tables": {
        **OBSERVATION, "contained": [{"resourceType": "Device", "id": "d", "status": "active"}],
        "device": {"reference": "#d"},
    },
    "a contained resource that R4B dropped": {
        **PATIENT, "contained": [{"resourceType": "MedicinalProductIngredient", "id": "m", "role": {"text": "x"}}],
        "extension": [{"url": "https://tandem.example/x", "valueReference": {"reference": "#m"}}],
    },
    "a narrative": {**PATIENT, "text": {"status": "generated", "div": DIV}},
    "tabs and line ends": {**TASK, "description": "one\ttwo\r\nthree"},
    "long fractions, far zones and a leap second": {
        **TASK, "executionPeriod": {"start": "2016-12-31T23:59:60.123456789+14:00"},
    },
    "base64 with line ends": {**PATIENT, "photo": [{"contentType": "image/png", "data": "aGVs\nbG8="}]},
    "a UUID of any version": {
        **PATIENT,
        "extension": [{"url": "x:y", "valueUuid": "urn:uuid:00000000-0000-1000-8000-00805f9b34fb"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_valid_r4_is_accepted(validator: Validator, case: str) -> None:
    assert validator.validate(ACCEPTED[case]) == []
