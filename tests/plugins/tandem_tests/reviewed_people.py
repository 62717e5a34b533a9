"""People of an area whose medication reviews another system recorded, through the API alone."""

from __future__ import annotations

from typing import Any

from tandem.canonical import BASE
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area
from tandem_tests.practice_lists import coded

REVIEW = ("1239511000000100", "Structured medication review")
MEASURE = "smr-people-reviewed"
_ETHNICITY = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"


def described(ethnicity: str, decile: int) -> list[dict[str, Any]]:
    """Extensions of a Patient: the NHS code of the ethnic category, and the decile of deprivation."""
    category = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
    return [
        {"url": _ETHNICITY, "valueCodeableConcept": coded(ethnicity, ethnicity, category)},
        {"url": f"{BASE}/StructureDefinition/deprivation-decile", "valueInteger": decile},
    ]


async def review(area: Area, patient: str, day: str, practice: str = "northern") -> Resource:
    """A review that was done on a day: the Procedure."""
    return await area.client(practice).create({
        "resourceType": "Procedure", "status": "completed", "code": coded(*REVIEW),
        "subject": {"reference": f"Patient/{patient}"}, "performedDateTime": day,
    })  # fmt: skip
