"""The invariants of resources, each once kept and once broken."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.validation import Validator
from tandem.fhir.validation.invariants import INVARIANTS, data_types

PATIENT = {"reference": "Patient/1"}
UCUM = "http://unitsofmeasure.org"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def condition(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "subject": PATIENT, **more}


def allergy(**more: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "patient": PATIENT, **more}


def observation(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "x:y", "code": "1"}]},
        **more,
    }


def listed(**more: Any) -> dict[str, Any]:
    return {"resourceType": "List", "status": "current", "mode": "working", **more}


def item(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "1", "type": "string", **more}]}


def appointment(**more: Any) -> dict[str, Any]:
    participant = [{"status": "accepted", "actor": PATIENT}]
    return {"resourceType": "Appointment", "status": "proposed", "participant": participant, **more}


def consent(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent", "status": "active", "scope": coded("consentscope", "treatment"),
        "category": [{"text": "x"}], "patient": PATIENT, "policyRule": {"text": "x"}, **more,
    }  # fmt: skip


def without(resource: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key != name}


def section(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2026", "title": "x",
        "author": [{"reference": "Practitioner/1"}], "section": [{"title": "x", **more}],
    }  # fmt: skip


def measure(**stratifier: Any) -> dict[str, Any]:
    return {"resourceType": "Measure", "status": "active", "group": [{"stratifier": [stratifier]}]}


def report(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MeasureReport", "status": "complete", "type": "summary", "measure": "https://tandem.example/m",
        "period": {"start": "2026"}, **more,
    }  # fmt: skip


def organization(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Organization", "name": "x", **more}


def prediction(**more: Any) -> dict[str, Any]:
    return {"resourceType": "RiskAssessment", "status": "final", "subject": PATIENT, "prediction": [more]}


def audit(**entity: Any) -> dict[str, Any]:
    return {
        "resourceType": "AuditEvent", "type": {"code": "rest"}, "recorded": "2026-01-01T10:00:00Z",
        "agent": [{"requestor": True}], "source": {"observer": {"display": "x"}}, "entity": [entity],
    }  # fmt: skip


PERCENT = {"value": 5, "system": UCUM, "code": "%"}
EXPRESSION = {"language": "text/cql", "expression": "x"}
TASK = {"resourceType": "Task", "status": "draft", "intent": "order", "authoredOn": "2026-02-02"}
REQUEST = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": PATIENT}
PLAN = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": PATIENT}
GOAL = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "x"}, "subject": PATIENT}
TEAM = {"resourceType": "CareTeam"}
NURSE = {"reference": "Practitioner/1"}
PRACTICE = {"reference": "Organization/1"}
GROUP = {"resourceType": "Group", "type": "person", "member": [{"entity": PATIENT}]}
IMMUNISATION = {
    "resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "x"}, "patient": PATIENT,
    "occurrenceDateTime": "2026",
}  # fmt: skip
RESPONSE = {"resourceType": "QuestionnaireResponse", "status": "completed"}
ANSWER = [{"valueString": "x"}]
RESOLVED = coded("condition-clinical", "resolved")
ACTIVE = coded("condition-clinical", "active")
ALLERGY_ACTIVE = coded("allergyintolerance-clinical", "active")
ALLERGY_IN_ERROR = coded("allergyintolerance-verification", "entered-in-error")
IN_ERROR = coded("condition-ver-status", "entered-in-error")
START, END = "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"
ENABLE = {"question": "2", "operator": "=", "answerString": "x"}
DETAIL = {"status": "not-started"}

# key of the invariant: a resource that keeps it, one that breaks it, and the expression of the fault
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "pat-1": (
        {"resourceType": "Patient", "contact": [{"name": {"text": "x"}}]},
        {"resourceType": "Patient", "contact": [{"gender": "male"}]}, "Patient.contact[0]",
    ),
    "org-1": (organization(), without(organization(active=True), "name"), "Organization"),
    "org-2": (
        organization(address=[{"use": "work", "city": "x"}]),
        organization(address=[{"use": "home", "city": "x"}]), "Organization.address",
    ),
    "org-3": (
        organization(telecom=[{"use": "work", "rank": 1}]),
        organization(telecom=[{"use": "home", "rank": 1}]), "Organization.telecom",
    ),
    "ctm-1": (
        {**TEAM, "participant": [{"member": NURSE, "onBehalfOf": PRACTICE}]},
        {**TEAM, "participant": [{"member": PATIENT, "onBehalfOf": PRACTICE}]},
        "CareTeam.participant[0].onBehalfOf",
    ),
    "grp-1": ({**GROUP, "actual": True}, {**GROUP, "actual": False}, "Group.member"),
    "lst-1": (listed(emptyReason={"text": "x"}), listed(emptyReason={"text": "x"}, entry=[{"item": PATIENT}]), "List"),
    "lst-2": (
        listed(mode="changes", entry=[{"item": PATIENT, "deleted": True}]),
        listed(entry=[{"item": PATIENT, "deleted": True}]), "List.entry",
    ),
    "lst-3": (
        listed(entry=[{"item": PATIENT, "date": "2026"}]),
        listed(mode="snapshot", entry=[{"item": PATIENT, "date": "2026"}]), "List.entry",
    ),
    "con-1": (
        condition(stage=[{"summary": {"text": "x"}}]),
        condition(stage=[{"type": {"text": "x"}}]), "Condition.stage[0]",
    ),
    "con-2": (
        condition(evidence=[{"code": [{"text": "x"}]}]),
        condition(evidence=[{"extension": [{"url": "x:y", "valueString": "x"}]}]), "Condition.evidence[0]",
    ),
    "con-4": (
        condition(abatementDateTime="2026", clinicalStatus=RESOLVED),
        condition(abatementDateTime="2026", clinicalStatus=ACTIVE), "Condition.clinicalStatus",
    ),
    "con-5": (
        condition(verificationStatus=IN_ERROR),
        condition(verificationStatus=IN_ERROR, clinicalStatus=ACTIVE), "Condition.clinicalStatus",
    ),
    "ait-1": (
        allergy(clinicalStatus=ALLERGY_ACTIVE),
        allergy(), "AllergyIntolerance.clinicalStatus",
    ),
    "ait-2": (
        allergy(verificationStatus=ALLERGY_IN_ERROR),
        allergy(verificationStatus=ALLERGY_IN_ERROR, clinicalStatus=ALLERGY_ACTIVE),
        "AllergyIntolerance.clinicalStatus",
    ),
    "obs-3": (
        observation(referenceRange=[{"text": "x"}]),
        observation(referenceRange=[{"type": {"text": "x"}}]), "Observation.referenceRange[0]",
    ),
    "obs-6": (
        observation(dataAbsentReason={"text": "x"}),
        observation(dataAbsentReason={"text": "x"}, valueString="x"), "Observation.dataAbsentReason",
    ),
    "obs-7": (
        observation(component=[{"code": {"coding": [{"system": "x:y", "code": "1"}]}}]),
        observation(valueString="x", component=[{"code": {"coding": [{"system": "x:y", "code": "1"}]}}]),
        "Observation.component",
    ),
    "imm-1": (
        {**IMMUNISATION, "education": [{"documentType": "x"}]},
        {**IMMUNISATION, "education": [{"publicationDate": "2026"}]}, "Immunization.education[0]",
    ),
    "ras-1": (
        prediction(probabilityRange={"low": PERCENT}),
        prediction(probabilityRange={"low": {"value": 5}}), "RiskAssessment.prediction[0].probability",
    ),
    "ras-2": (
        prediction(probabilityDecimal=100),
        prediction(probabilityDecimal=101), "RiskAssessment.prediction[0].probability",
    ),
    "sev-1": (audit(name="x"), audit(name="x", query="aGVs"), "AuditEvent.entity[0]"),
    "cpl-3": (
        {**PLAN, "activity": [{"detail": DETAIL}]},
        {**PLAN, "activity": [{"detail": DETAIL, "reference": {"reference": "Task/1"}}]}, "CarePlan.activity[0]",
    ),
    "gol-1": (
        {**GOAL, "target": [{"detailString": "x", "measure": {"text": "x"}}]},
        {**GOAL, "target": [{"detailString": "x"}]}, "Goal.target[0].detail",
    ),
    "ppc-1": (consent(), without(consent(), "policyRule"), "Consent"),
    "ppc-2": (
        consent(),
        without(consent(scope=coded("consentscope", "patient-privacy")), "patient"), "Consent.patient",
    ),
    "ppc-3": (consent(), without(consent(scope=coded("consentscope", "research")), "patient"), "Consent.patient"),
    "ppc-4": (consent(), without(consent(scope=coded("consentscope", "adr")), "patient"), "Consent.patient"),
    "ppc-5": (consent(), without(consent(scope=coded("consentscope", "treatment")), "patient"), "Consent.patient"),
    "cmp-1": (section(entry=[PATIENT]), section(), "Composition.section[0]"),
    "cmp-2": (
        section(section=[{"entry": [PATIENT]}]),
        section(entry=[PATIENT], emptyReason={"text": "x"}), "Composition.section[0]",
    ),
    "inv-1": ({**TASK, "lastModified": "2026-02-02"}, {**TASK, "lastModified": "2026-02-01"}, "Task.lastModified"),
    "app-1": (appointment(), appointment(participant=[{"status": "accepted"}]), "Appointment.participant[0]"),
    "app-2": (appointment(status="booked", start=START, end=END), appointment(start=START), "Appointment"),
    "app-3": (appointment(status="waitlist"), appointment(status="booked"), "Appointment"),
    "app-4": (
        appointment(status="cancelled", cancelationReason={"text": "x"}),
        appointment(cancelationReason={"text": "x"}), "Appointment.cancelationReason",
    ),
    "prr-1": (
        {**REQUEST, "code": {"text": "x"}, "orderDetail": [{"text": "x"}]},
        {**REQUEST, "orderDetail": [{"text": "x"}]}, "ServiceRequest.orderDetail",
    ),
    "mea-1": (
        measure(description="x"),
        measure(description="x", component=[{"criteria": EXPRESSION}]), "Measure.group[0].stratifier[0]",
    ),
    "mrp-1": (
        report(group=[{"code": {"text": "x"}}]),
        report(type="data-collection", group=[{"code": {"text": "x"}}]), "MeasureReport.group",
    ),
    "mrp-2": (
        report(group=[{"stratifier": [{"stratum": [{"value": {"text": "x"}}]}]}]),
        report(group=[{"stratifier": [{"stratum": [{"population": [{"count": 1}]}]}]}]),
        "MeasureReport.group[0].stratifier[0].stratum[0]",
    ),
    "que-1": (item(type="display", text="x"), item(type="group"), "Questionnaire.item[0]"),
    "que-2": (item(), item(item=[{"linkId": "1", "type": "string"}]), "Questionnaire.item"),
    "que-3": (item(code=[{"code": "x"}]), item(type="display", code=[{"code": "x"}]), "Questionnaire.item[0].code"),
    "que-4": (
        item(answerValueSet="x:y"),
        item(answerValueSet="x:y", answerOption=[{"valueString": "x"}]), "Questionnaire.item[0]",
    ),
    "que-5": (
        item(type="choice", answerValueSet="x:y"),
        item(type="boolean", answerValueSet="x:y"), "Questionnaire.item[0]",
    ),
    "que-6": (item(required=True), item(type="display", required=True), "Questionnaire.item[0]"),
    "que-7": (
        item(enableWhen=[ENABLE]),
        item(enableWhen=[{**ENABLE, "operator": "exists"}]), "Questionnaire.item[0].enableWhen[0]",
    ),
    "que-8": (item(initial=ANSWER), item(type="display", initial=ANSWER), "Questionnaire.item[0].initial"),
    "que-9": (item(readOnly=True), item(type="display", readOnly=True), "Questionnaire.item[0].readOnly"),
    "que-10": (item(maxLength=5), item(type="date", maxLength=5), "Questionnaire.item[0].maxLength"),
    "que-11": (item(initial=ANSWER), item(initial=ANSWER, answerOption=ANSWER), "Questionnaire.item[0]"),
    "que-12": (
        item(enableWhen=[ENABLE] * 3, enableBehavior="any"),
        item(enableWhen=[ENABLE] * 3), "Questionnaire.item[0]",
    ),
    "que-13": (item(initial=ANSWER * 2, repeats=True), item(initial=ANSWER * 2), "Questionnaire.item[0].initial"),
    "qrs-1": (
        {**RESPONSE, "item": [{"linkId": "1", "answer": ANSWER}]},
        {**RESPONSE, "item": [{"linkId": "1", "answer": ANSWER, "item": [{"linkId": "2"}]}]},
        "QuestionnaireResponse.item[0]",
    ),
}  # fmt: skip


def test_every_invariant_has_a_case() -> None:
    keys = {
        rule.key
        for rules in (INVARIANTS[path] for path in INVARIANTS.keys() - data_types.INVARIANTS.keys())
        for rule in rules
    }
    assert set(CASES) == keys


@pytest.mark.parametrize("key", CASES)
def test_a_resource_that_keeps_it_is_accepted(validator: Validator, key: str) -> None:
    assert validator.validate(CASES[key][0]) == []


@pytest.mark.parametrize("key", CASES)
def test_a_resource_that_breaks_it_is_told_so(validator: Validator, key: str) -> None:
    _, broken, expression = CASES[key]
    told = [issue for issue in validator.validate(broken) if issue.text.endswith(f"({key})")]
    assert [(issue.expression, issue.code) for issue in told] == [(expression, "invariant")]
