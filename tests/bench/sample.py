"""What is written, read and searched for: a Task of some two kilobytes, as a practice sends it to a community team."""

from __future__ import annotations

from typing import Any

from tandem.canonical import ODS_CODE

PRACTICE = "A81001"
PROVIDER = "RXX01"
PATIENTS = 25
TASKS_EACH = 40
"""Tasks a seeded patient has; every other one is `requested`, so a search by patient and status finds 20."""

_TEXT = (
    "Please review the person at home within five working days. Blood pressure has been above target at three visits, "
    "the morning dose was raised a week ago, and dizziness on standing was reported twice since. Measure lying and "
    "standing pressure, ask about falls, check that the tablets are taken as agreed, and send the figures back."
)


def patient_id(number: int) -> str:
    """The id of a seeded patient."""
    return f"00000000-0000-4000-8000-{number:012d}"


def task(patient: str, status: str = "requested") -> dict[str, Any]:
    """A Task about this patient."""
    return {
        "resourceType": "Task",
        "identifier": [{"system": "https://practice.example/tasks", "value": "T-2020-000017"}],
        "status": status,
        "intent": "order",
        "priority": "urgent",
        "code": {
            "coding": [
                {
                    "system": "http://hl7.org/fhir/CodeSystem/task-code",
                    "code": "fulfill",
                    "display": "Fulfill the focal request",
                },
                {"system": "http://snomed.info/sct", "code": "439708006", "display": "Home visit"},
            ],
            "text": "Home visit",
        },
        "description": _TEXT,
        "for": {"reference": f"Patient/{patient}"},
        "authoredOn": "2020-07-01T09:00:00+01:00",
        "lastModified": "2020-07-01T09:00:00+01:00",
        "requester": _organisation(PRACTICE, "A practice"),
        "owner": _organisation(PROVIDER, "A community team"),
        "reasonCode": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003", "display": "Hypertension"}]},
        "note": [{"time": f"2020-07-01T09:0{minute}:00+01:00", "text": _TEXT} for minute in (5, 7)],
        "restriction": {"period": {"start": "2020-07-01", "end": "2020-07-08"}},
        "input": [
            {"type": {"text": "Target systolic pressure"}, "valueString": "below 140 mmHg"},
            {"type": {"text": "Visits before"}, "valueInteger": 3},
        ],
    }


def _organisation(code: str, name: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": {"system": ODS_CODE, "value": code}, "display": name}
