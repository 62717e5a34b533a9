"""What a validator refuses, whatever its engine: where the fault is and of what kind."""

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

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown resource type": ({"resourceType": "Tusk"}, "Resource.resourceType", "structure"),
    "type of R4B only": ({"resourceType": "Citation"}, "Resource.resourceType", "structure"),
    "type that is no string": ({"resourceType": ["Task"]}, "Resource.resourceType", "structure"),
    "unknown element": ({**TASK, "colour": "red"}, "Task.colour", "structure"),
    "element of R5": ({**TASK, "statusReason": {"concept": {"text": "x"}}}, "Task.statusReason.concept", "structure"),
    "comments of DSTU2": ({**PATIENT, "fhir_comments": ["x"]}, "Patient.element", "structure"),
    "missing required element": ({"resourceType": "Task", "intent": "order"}, "Task.status", "required"),
    "missing required choice": ({**TASK, "input": [{"type": {"text": "x"}}]}, "Task.input[0].value", "required"),
    "two of a choice": (
        {**OBSERVATION, "valueString": "a", "valueBoolean": True}, "Observation.value", "structure",
    ),
    "single where many": ({**PATIENT, "name": {"family": "Ng"}}, "Patient.name", "structure"),
    "many where single": ({**PATIENT, "gender": ["male"]}, "Patient.gender", "structure"),
    "many where one object": ({**PLAN, "subject": [{"reference": "Patient/1"}]}, "CarePlan.subject", "structure"),
    "text for an object": ({**PATIENT, "name": ["Ng"]}, "Patient.name[0]", "structure"),
    "null": ({**PATIENT, "gender": None}, "Patient.gender", "structure"),
    "null in an array": ({**PATIENT, "name": [{"given": ["Ann", None]}]}, "Patient.name[0].given[1]", "structure"),
    "null among objects": ({**PATIENT, "name": [None]}, "Patient.name[0]", "structure"),
    "arrays of different length": (
        {**PATIENT, "name": [{"given": ["Ann", "Bo"], "_given": [{"extension": [NOTE]}]}]},
        "Patient.name[0].given", "structure",
    ),
    "empty array": ({**PATIENT, "name": []}, "Patient.name", "structure"),
    "empty object": ({**PATIENT, "name": [{}]}, "Patient.name[0]", "invariant"),
    "object with an id alone": ({**PATIENT, "name": [{"id": "a"}]}, "Patient.name[0]", "invariant"),
    "empty string": ({**PATIENT, "name": [{"family": ""}]}, "Patient.name[0].family", "value"),
    "control character": ({**PATIENT, "name": [{"given": ["A", "B\u0000"]}]}, "Patient.name[0].given[1]", "value"),
    "boolean as text": ({**PATIENT, "active": "true"}, "Patient.active", "structure"),
    "boolean as number": ({**PATIENT, "active": 1}, "Patient.active", "structure"),
    "integer as boolean": ({**PATIENT, "multipleBirthInteger": True}, "Patient.multipleBirth", "structure"),
    "integer as text": ({**PATIENT, "multipleBirthInteger": "1"}, "Patient.multipleBirth", "structure"),
    "integer as decimal": ({**PATIENT, "multipleBirthInteger": Decimal("1.0")}, "Patient.multipleBirth", "value"),
    "integer of 33 bits": ({**PATIENT, "multipleBirthInteger": 2**31}, "Patient.multipleBirth", "value"),
    "decimal as text": (
        {**OBSERVATION, "valueQuantity": {"value": "1.5"}}, "Observation.value.value", "structure",
    ),
    "text as number": ({**TASK, "description": 5}, "Task.description", "structure"),
    "id of 65 characters": ({**PATIENT, "id": "a" * 65}, "Patient.id", "value"),
    "id with a space": ({**PATIENT, "id": "a b"}, "Patient.id", "value"),
    "day that does not exist": ({**PATIENT, "birthDate": "2020-02-30"}, "Patient.birthDate", "value"),
    "dateTime without a zone": ({**TASK, "authoredOn": "2020-02-01T10:00:00"}, "Task.authoredOn", "value"),
    "dateTime without seconds": ({**TASK, "authoredOn": "2020-02-01T10:00Z"}, "Task.authoredOn", "value"),
    "instant that is a day": ({**PATIENT, "meta": {"lastUpdated": "2020-02-01"}}, "Patient.meta.lastUpdated", "value"),
    "code with two spaces": ({**PATIENT, "language": "en  GB"}, "Patient.language", "value"),
    "uri with a space": ({**PATIENT, "implicitRules": "a b"}, "Patient.implicitRules", "value"),
    "broken base64": (
        {**PATIENT, "photo": [{"contentType": "image/png", "data": "a"}]}, "Patient.photo[0].data", "value",
    ),
    "code outside its list": ({**TASK, "status": "doing"}, "Task.status", "code-invalid"),
    "code of a data type outside its list": (
        {**PATIENT, "name": [{"family": "Ng", "use": "pet"}]}, "Patient.name[0].use", "code-invalid",
    ),
    "concept outside its list": (
        {
            "resourceType": "Condition", "subject": {"reference": "Patient/1"},
            "clinicalStatus": {"coding": [{"system": "https://other.example", "code": "active"}]},
        },
        "Condition.clinicalStatus", "code-invalid",
    ),
    "reference to a type not allowed": (
        {**PLAN, "subject": {"reference": "Organization/1"}}, "CarePlan.subject.reference", "value",
    ),
    "reference by URL to a type not allowed": (
        {**PLAN, "subject": {"reference": "https://other.example/fhir/Organization/1"}},
        "CarePlan.subject.reference", "value",
    ),
    "reference to no type": (
        {**PLAN, "subject": {"reference": "Person of note"}},
        "CarePlan.subject.reference", "value",
    ),
    "reference by search": (
        {**PLAN, "subject": {"reference": "Patient?identifier=1"}}, "CarePlan.subject.reference", "value",
    ),
    "reference type not allowed": (
        {**PLAN, "subject": {"type": "Organization", "display": "x"}}, "CarePlan.subject.type", "value",
    ),
    "reference type against the reference": (
        {**PLAN, "subject": {"reference": "Patient/1", "type": "Group"}}, "CarePlan.subject.type", "value",
    ),
    "reference to a contained resource that is not there": (
        {**PLAN, "subject": {"reference": "#p"}}, "CarePlan.subject.reference", "invariant",
    ),
    "reference to a contained resource of a type not allowed": (
        {**PLAN, "contained": [{"resourceType": "Practitioner", "id": "p"}], "subject": {"reference": "#p"}},
        "CarePlan.subject.reference", "value",
    ),
    "contained resource without a reference": (
        {**PLAN, "contained": [{"resourceType": "Patient", "id": "p"}]}, "CarePlan.contained[0]", "invariant",
    ),
    "contained in contained": (
        {
            **PLAN, "subject": {"reference": "#p"},
            "contained": [
                {"resourceType": "Patient", "id": "p", "contained": [{"resourceType": "Patient", "id": "q"}],
                 "link": [{"other": {"reference": "#q"}, "type": "seealso"}]},
            ],
        },
        "CarePlan.contained[0]", "invariant",
    ),
    "fault in a contained resource": (
        {**PLAN, "contained": [{"resourceType": "Patient", "id": "p", "gender": "?"}], "subject": {"reference": "#p"}},
        "CarePlan.contained[0].gender", "code-invalid",
    ),
    "empty value in a contained type outside the tables": (
        {**OBSERVATION, "contained": [{"resourceType": "Device", "id": "d", "note": []}],
         "device": {"reference": "#d"}},
        "Observation.contained[0].note", "structure",
    ),
    "unknown element of a contained type outside the tables": (
        {**OBSERVATION, "contained": [{"resourceType": "Device", "id": "d", "colour": 1}],
         "device": {"reference": "#d"}},
        "Observation.contained[0].colour", "structure",
    ),
    "contained type of no release": (
        {**PLAN, "contained": [{"resourceType": "Tusk", "id": "p"}], "subject": {"reference": "Patient/1"}},
        "CarePlan.contained[0].resourceType", "structure",
    ),
    "extension with nothing": ({**PATIENT, "extension": [{"url": "x:y"}]}, "Patient.extension[0]", "invariant"),
    "extension with both": (
        {**PATIENT, "extension": [{**NOTE, "extension": [NOTE]}]},
        "Patient.extension[0]", "invariant",
    ),
    "extension without a url": (
        {**PATIENT, "extension": [{"valueString": "x"}]},
        "Patient.extension[0].url", "required",
    ),
    "extension of R4B only": (
        {**PATIENT, "extension": [{"url": "x:y", "valueCodeableReference": {"concept": {"text": "x"}}}]},
        "Patient.extension[0].valueCodeableReference", "structure",
    ),
    "fault in an extension of a primitive": (
        {**PATIENT, "gender": "male", "_gender": {"extension": [{"url": "x:y", "valueDate": "2020-13"}]}},
        "Patient.gender.extension[0].value", "value",
    ),
    "narrative without a div": ({**PATIENT, "text": {"status": "generated"}}, "Patient.text.div", "required"),
    "narrative with a script": (
        {**PATIENT, "text": {"status": "generated", "div": DIV.replace("Seen", "<script>x()</script>Seen")}},
        "Patient.text.div", "invariant",
    ),
    "comparator of a simple quantity": (
        {**OBSERVATION, "valueRange": {"low": {"value": 1, "comparator": "<"}}},
        "Observation.value.low.comparator", "structure",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_r4_forbids_is_refused_where_it_stands(validator: Validator, case: str) -> None:
    resource, expression, code = REFUSED[case]
    issues = validator.validate(resource)
    assert (expression, code) in [(issue.expression, issue.code) for issue in issues]
    assert all(issue.severity == "error" and issue.text and issue.code for issue in issues)
