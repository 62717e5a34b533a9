"""The contract of a validator, whatever its engine: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tandem.fhir.body import encode, parse_resource
from tandem.fhir.validation import Validator
from tandem.fhir.validation import validator as make

PATIENT: dict[str, Any] = {"resourceType": "Patient"}
TASK: dict[str, Any] = {"resourceType": "Task", "status": "requested", "intent": "order"}
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/1"},
}  # fmt: skip
NOTE = {"url": "https://tandem.example/note", "valueString": "seen"}


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
    resources = [{**PATIENT, "name": [{"family": "x", "use": "pet"}] * n, "gender": n % 2 or "male"} for n in range(40)]
    alone = [validator.validate(resource) for resource in resources]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(validator.validate, resources)) == alone


def test_an_unknown_engine_is_named_as_such() -> None:
    with pytest.raises(ValueError, match="fhirkit"):
        make("other")


def test_the_default_engine_does_not_import_the_models() -> None:
    script = (
        "import sys; from tandem.fhir.validation import validator; validator(); print('fhir.resources' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
