"""What kind of contact with a hospital an Encounter is: an admission, planned or not, or an attendance at A&E.

http://hl7.org/fhir/R4/encounter.html, http://terminology.hl7.org/CodeSystem/v3-ActCode
"""

from __future__ import annotations

from typing import Final

from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in, codings_of

ADMISSION: Final = "admission"
EMERGENCY_ADMISSION: Final = "emergency-admission"
ATTENDANCE: Final = "attendance"

HAPPENED: Final = frozenset(("arrived", "triaged", "in-progress", "onleave", "finished"))
"""Encounter.status of a contact that takes or took place."""
_INPATIENT: Final = frozenset(("IMP", "ACUTE", "NONAC"))
_EMERGENCY: Final = "EMER"
_URGENT: Final = frozenset(("EM", "UR"))
_FROM_EMERGENCY: Final = "emd"
_EMERGENCY_ADMISSION: Final = (SNOMED_CT, "183452005")


def hospital_contact(encounter: Resource) -> str | None:
    """ADMISSION, EMERGENCY_ADMISSION or ATTENDANCE; None for an Encounter that is no contact with a hospital."""
    if (encounter.get("class") or {}).get("code") == _EMERGENCY:
        return ATTENDANCE
    if not is_inpatient(encounter):
        return None
    return EMERGENCY_ADMISSION if _unplanned(encounter) else ADMISSION


def is_inpatient(encounter: Resource) -> bool:
    """Whether it is a stay in hospital, by its class."""
    return (encounter.get("class") or {}).get("code") in _INPATIENT


def _unplanned(encounter: Resource) -> bool:
    source = (encounter.get("hospitalization") or {}).get("admitSource")
    return (
        bool(codes_in(encounter.get("priority")) & _URGENT)
        or _FROM_EMERGENCY in codes_in(source)
        or any((system, code) == _EMERGENCY_ADMISSION for system, code, _ in codings_of(*(encounter.get("type") or ())))
    )
