"""The contract of a validator, whatever its engine: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tandem.fhir.body import encode, parse_resource
from tandem.fhir.validation import Validator
from tandem.fhir.validation import validator as make

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
        "extension": [{"url": "https://tandem.example/x", "valueUuid": "urn:uuid:00000000-0000-1000-8000-00805f9b34fb"}],
    },
}  # fmt: skip

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
    "reference to no type": ({**PLAN, "subject": {"reference": "Person of note"}}, "CarePlan.subject.reference", "value"),
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
        {**OBSERVATION, "contained": [{"resourceType": "Device", "id": "d", "note": []}], "device": {"reference": "#d"}},
        "Observation.contained[0].note", "structure",
    ),
    "unknown element of a contained type outside the tables": (
        {**OBSERVATION, "contained": [{"resourceType": "Device", "id": "d", "colour": 1}], "device": {"reference": "#d"}},
        "Observation.contained[0].colour", "structure",
    ),
    "contained type of no release": (
        {**PLAN, "contained": [{"resourceType": "Tusk", "id": "p"}], "subject": {"reference": "Patient/1"}},
        "CarePlan.contained[0].resourceType", "structure",
    ),
    "extension with nothing": ({**PATIENT, "extension": [{"url": "x:y"}]}, "Patient.extension[0]", "invariant"),
    "extension with both": ({**PATIENT, "extension": [{**NOTE, "extension": [NOTE]}]}, "Patient.extension[0]", "invariant"),
    "extension without a url": ({**PATIENT, "extension": [{"valueString": "x"}]}, "Patient.extension[0].url", "required"),
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
        {**OBSERVATION, "valueRange": {"low": {"value": 1, "comparator": "<"}}}, "Observation.value.low.comparator", "structure",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_valid_r4_is_accepted(validator: Validator, case: str) -> None:
    assert validator.validate(ACCEPTED[case]) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_r4_forbids_is_refused_where_it_stands(validator: Validator, case: str) -> None:
    resource, expression, code = REFUSED[case]
    issues = validator.validate(resource)
    assert (expression, code) in [(issue.expression, issue.code) for issue in issues]
    assert all(issue.severity == "error" and issue.text and issue.code for issue in issues)


def test_all_faults_are_told_at_once(validator: Validator) -> None:
    resource = {
        "resourceType": "Patient", "gender": "?", "birthDate": "2020-02-30", "active": "true", "colour": 1,
        "name": [{"given": ["Ann"]}, {"given": ["Bo", ""]}], "contact": [{"period": {"start": "2021", "end": "2020"}}],
        "generalPractitioner": [{"reference": "Task/1"}], "text": {"status": "generated"},
    }  # fmt: skip
    assert sorted((issue.expression or "", issue.code or "") for issue in validator.validate(resource)) == [
        ("Patient.active", "structure"),
        ("Patient.birthDate", "value"),
        ("Patient.colour", "structure"),
        ("Patient.contact[0]", "invariant"),
        ("Patient.contact[0].period", "invariant"),
        ("Patient.gender", "code-invalid"),
        ("Patient.generalPractitioner[0].reference", "value"),
        ("Patient.name[1].given[1]", "value"),
        ("Patient.text.div", "required"),
    ]


def test_no_value_and_no_made_up_name_is_quoted(validator: Validator) -> None:
    secret = "Zoltan Quux 9434765919"
    faults = {
        "gender": secret, "birthDate": secret, "active": secret, "id": secret, secret: secret, "language": f" {secret}",
        "link": secret, "managingOrganization": {"reference": secret, "type": secret}, "implicitRules": secret,
        "contact": [{secret: {"x": 1}}], "text": {"status": secret, "div": f"<div><{secret}/></div>"},
        "contained": [{"resourceType": secret}, {"resourceType": "Device", "status": f" {secret}", secret: 1}],
        "multipleBirthInteger": secret, "photo": [{"url": secret, "data": secret}],
    }  # fmt: skip
    told = repr(validator.validate({**PATIENT, **faults}))
    assert not any(word in told for word in secret.split())


def test_the_body_as_read_gives_the_same_answer(validator: Validator) -> None:
    raw = encode({**TASK, "description": "a\u0001", "authoredOn": "2020-02-30"})
    resource = parse_resource(raw)
    assert validator.validate(resource, raw) == validator.validate(resource) != []


def test_the_resource_is_left_as_it_was(validator: Validator) -> None:
    resource = {**PLAN, "contained": [{"resourceType": "Patient", "id": "p"}], "subject": {"reference": "#p"}}
    before = encode(resource)
    validator.validate(resource)
    assert encode(resource) == before


def test_thousands_of_faults_are_counted_not_listed(validator: Validator) -> None:
    issues = validator.validate({**PATIENT, "name": [{"family": ""}] * 5000})
    assert len(issues) == 201
    assert issues[-1].text == "There are 4800 further faults"


def test_nesting_without_end_is_a_fault(validator: Validator) -> None:
    extension: dict[str, Any] = dict(NOTE)
    for _ in range(3000):
        extension = {"url": "x:y", "extension": [extension]}
    assert [issue.code for issue in validator.validate({**PATIENT, "extension": [extension]})] == ["structure"]


def test_many_threads_may_share_one(validator: Validator) -> None:
    resources = [REFUSED[case][0] for case in REFUSED] * 4
    alone = [validator.validate(resource) for resource in resources]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(validator.validate, resources)) == alone


def test_an_unknown_engine_is_named_as_such() -> None:
    with pytest.raises(ValueError, match="fhirkit, fhir.resources"):
        make("other")


def test_the_default_engine_does_not_import_the_models() -> None:
    script = "import sys; from tandem.fhir.validation import validator; validator(); print('fhir.resources' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
