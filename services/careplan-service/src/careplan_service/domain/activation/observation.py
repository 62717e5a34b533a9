"""The Observation by which a level of activation stands in the patient's record (PC-061).

Coded SNOMED CT 962851000000103, Patient Activation Measure level; the score has no code of its own and is a component.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource
from tandem.nhs.activation import ACTIVATION_LEVEL

_SURVEY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}
_PERFORMERS = ("Practitioner", "PractitionerRole", "Organization", "CareTeam", "Patient", "RelatedPerson")


def activation_observation(
    identity: str, patient: str, response: str, level: int, score: Decimal, effective: str,
    author: dict[str, Any] | None, author_kind: str | None, amended: bool,
) -> Resource:  # fmt: skip
    """The Observation of a measurement. `response` is the version it was read from, as a versioned reference.

    `effective` is a FHIR date or dateTime.
    """
    observation = _observation(identity, patient, response, "amended" if amended else "final")
    observation |= {
        "effectiveDateTime": effective,
        "valueInteger": level,
        "component": [{"code": {"text": "Patient Activation Measure score"}, "valueQuantity": {"value": score}}],
    }
    if author is not None and author_kind in _PERFORMERS:
        observation["performer"] = [author]
    return observation


def withdrawn_observation(identity: str, patient: str, response: str) -> Resource:
    """What takes its place when the response was deleted or entered in error."""
    return _observation(identity, patient, response, "entered-in-error")


def _observation(identity: str, patient: str, response: str, status: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": status,
        "category": [{"coding": [_SURVEY]}],
        "code": {
            "coding": [{"system": SNOMED_CT, "code": ACTIVATION_LEVEL, "display": "Patient Activation Measure Level"}],
            "text": "Patient Activation Measure level",
        },
        "subject": {"reference": f"Patient/{patient}"},
        "derivedFrom": [{"reference": response}],
    }
