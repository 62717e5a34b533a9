"""One line of what a record is about, in the record's own words: nothing is worded anew.

The elements of a type are tried in turn. A code is told by its text, else by the display of a coding, else by its code.
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.clinical_dates import at_path

CLINICAL_TEXT: dict[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("code",),
    "Appointment": ("description", "appointmentType", "serviceType", "reasonCode"),
    "CarePlan": ("title", "category", "description"),
    "CareTeam": ("name", "category"),
    "Communication": ("topic", "reasonCode", "category"),
    "Composition": ("title", "type"),
    "Condition": ("code",),
    "Consent": ("category", "scope"),
    "DiagnosticReport": ("code",),
    "DocumentReference": ("description", "type"),
    "Encounter": ("type", "reasonCode", "class"),
    "EpisodeOfCare": ("type",),
    "Flag": ("code",),
    "Goal": ("description",),
    "Immunization": ("vaccineCode",),
    "List": ("title", "code"),
    "MeasureReport": ("measure",),
    "MedicationRequest": ("medicationCodeableConcept", "medicationReference"),
    "MedicationStatement": ("medicationCodeableConcept", "medicationReference"),
    "Observation": ("code",),
    "Procedure": ("code",),
    "QuestionnaireResponse": ("questionnaire",),
    "RelatedPerson": ("relationship",),
    "RiskAssessment": ("code", "method", "prediction.outcome"),
    "ServiceRequest": ("code", "category"),
    "Task": ("description", "code"),
}


def clinical_text(resource: Resource) -> str | None:
    """The line; None when the record says nothing of the kind."""
    for path in CLINICAL_TEXT.get(str(resource["resourceType"]), ()):
        for value in at_path(resource, path):
            if line := _line(value):
                return line
    return None


def _line(value: Any) -> str | None:
    if isinstance(value, str):
        # A line is one line, however the text was entered.
        return " ".join(value.split()) or None
    if not isinstance(value, dict):
        return None
    codings = [each for each in value.get("coding") or () if isinstance(each, dict)]
    said = [value.get("text"), *(each.get("display") for each in codings), *(each.get("code") for each in codings)]
    # What is left is a single Coding, or a Reference with a name.
    said += [value.get("display"), value.get("code")]
    return next((_line(each) for each in said if isinstance(each, str) and each.strip()), None)
