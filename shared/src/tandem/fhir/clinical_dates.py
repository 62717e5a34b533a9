"""When what a record tells of happened: the clinical date, never the day on which it was written here.

One row for each type of a person's compartment (`tandem.fhir.compartments.PATIENT_ELEMENT`): the elements that say so,
the first that is given counts. A Period counts from its start, or where only its end is known from that.
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.search.dates import date_range

CLINICAL_DATE: dict[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("onsetDateTime", "onsetPeriod", "lastOccurrence", "recordedDate"),
    "Appointment": ("start", "requestedPeriod", "created"),
    "CarePlan": ("period", "created"),
    "CareTeam": ("period",),
    "Communication": ("sent", "received"),
    "Composition": ("event.period", "date"),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Consent": ("dateTime",),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "DocumentReference": ("context.period", "date"),
    "Encounter": ("period",),
    "EpisodeOfCare": ("period",),
    "Flag": ("period",),
    "Goal": ("startDate", "statusDate"),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "List": ("date",),
    "MeasureReport": ("date", "period"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "Observation": ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming.event", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "QuestionnaireResponse": ("authored",),
    "RelatedPerson": ("period",),
    "RiskAssessment": ("occurrenceDateTime", "occurrencePeriod"),
    "ServiceRequest": ("authoredOn", "occurrenceDateTime", "occurrencePeriod"),
    "Task": ("executionPeriod", "authoredOn"),
}


def clinical_date(resource: Resource) -> str | None:
    """The FHIR date, dateTime or instant as it is written in the record; None when the record gives none."""
    for path in CLINICAL_DATE.get(str(resource["resourceType"]), ()):
        for value in at_path(resource, path):
            text = (value.get("start") or value.get("end")) if isinstance(value, dict) else value
            if isinstance(text, str) and _is_date(text):
                return text
    return None


def at_path(value: Any, path: str) -> list[Any]:
    """What stands at an element path such as `context.period`; what repeats is read in its order."""
    found = [value]
    for step in path.split("."):
        below = [each.get(step) for each in found if isinstance(each, dict)]
        found = [one for each in below for one in (each if isinstance(each, list) else [each]) if one is not None]
    return found


def _is_date(text: str) -> bool:
    try:
        date_range(text)
    except ValueError:
        return False
    return True
