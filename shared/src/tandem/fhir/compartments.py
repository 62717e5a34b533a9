"""Whose compartment a resource is in: the patient it is about, else the organisation it is kept for.

Patient paths follow http://hl7.org/fhir/R4/compartmentdefinition-patient.html, one element a type: the one that says
whom the record is about, not everyone it mentions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tandem.canonical import NHS_NUMBER
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind

PATIENT_ELEMENT: dict[str, str] = {
    "AllergyIntolerance": "patient", "Appointment": "participant.actor", "CarePlan": "subject", "CareTeam": "subject",
    "Communication": "subject", "Composition": "subject", "Condition": "subject", "Consent": "patient",
    "DiagnosticReport": "subject", "DocumentReference": "subject", "Encounter": "subject", "EpisodeOfCare": "patient",
    "Flag": "subject", "Goal": "subject", "Immunization": "patient", "List": "subject", "MeasureReport": "subject",
    "MedicationRequest": "subject", "MedicationStatement": "subject", "Observation": "subject", "Procedure": "subject",
    "QuestionnaireResponse": "subject", "RelatedPerson": "patient", "RiskAssessment": "subject",
    "ServiceRequest": "subject", "Task": "for",
}  # fmt: skip

_ELSEWHERE = re.compile(r"^urn:|^[a-z]+://.*/Patient/[^/]+(/_history/.*)?$")

CUSTODIAN_ELEMENT: dict[str, str] = {
    "Communication": "recipient", "Group": "managingEntity", "HealthcareService": "providedBy", "List": "source",
    "Location": "managingOrganization", "MeasureReport": "reporter", "PractitionerRole": "organization",
    "Schedule": "actor", "Task": "owner",
}  # fmt: skip
"""The organisation that a resource without a patient is kept for."""


@dataclass(frozen=True, slots=True)
class PatientName:
    """How a resource names its patient: by `Patient.id` or by NHS number, one of them; `expression` is where."""

    expression: str
    id: str | None = None
    nhs_number: str | None = None


def patient_named(resource: Resource, base: str) -> PatientName | None:
    """The patient a resource is about, or None: about nobody, or a contained one.

    `base` is our own FHIR base URL: references under it are our own. Where a reference is not ours, an NHS number
    beside it says who is meant. Raises FhirError 422 for a `urn:` that nothing else explains.
    """
    kind = resource["resourceType"]
    element = PATIENT_ELEMENT.get(kind)
    if element is None:
        return None
    first, _, second = element.partition(".")
    value = resource.get(first)
    if second:
        candidates = [entry.get(second) for entry in value or () if isinstance(entry, dict)]
    else:
        candidates = [value]
    for reference in candidates:
        name = _named(reference, f"{kind}.{element}", base)
        if name is not None:
            return name
    return None


def _named(reference: Any, expression: str, base: str) -> PatientName | None:
    if not isinstance(reference, dict):
        return None
    text = reference.get("reference")
    if isinstance(text, str):
        text = text.removeprefix(base + "/")
        if text.startswith("Patient/"):
            return PatientName(expression, id=text[8:].split("/", 1)[0])
        if text.startswith("#"):
            return None
    identifier = reference.get("identifier")
    if isinstance(identifier, dict) and identifier.get("system") == NHS_NUMBER:
        number = identifier.get("value")
        if isinstance(number, str):
            return PatientName(expression, nhs_number=number)
    if isinstance(text, str) and _ELSEWHERE.search(text):
        # Nothing says here whom it means, and nobody would ever find the record again.
        raise FhirError(
            Kind.UNPROCESSABLE, "Name the patient by Patient/id or NHS number: this reference leads elsewhere",
            expression=expression,
        )  # fmt: skip
    return None


def custodian_named(resource: Resource) -> dict[str, Any] | None:
    """The Reference to the organisation that a resource without a patient is kept for."""
    element = CUSTODIAN_ELEMENT.get(resource["resourceType"])
    value = resource.get(element) if element else None
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else None
