"""Encounter: contacts and stays, and which of them were in hospital without a plan.

http://hl7.org/fhir/R4/encounter.html, http://terminology.hl7.org/CodeSystem/v3-ActCode
"""

from __future__ import annotations

from cohort_service.domain.facts.codings import codes_in, codings_of, derived, facts_with
from cohort_service.domain.facts.days import after_end_of, first_given
from cohort_service.domain.facts.fact import UNDATED, Fact
from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource

INPATIENT_STAY = "inpatient-stay"
UNPLANNED_ADMISSION = "unplanned-admission"
EMERGENCY_ATTENDANCE = "emergency-attendance"

_HAPPENED = {"arrived", "triaged", "in-progress", "onleave", "finished"}
_INPATIENT = {"IMP", "ACUTE", "NONAC"}
_EMERGENCY = "EMER"
_URGENT = {"EM", "UR"}
_FROM_EMERGENCY = "emd"
_EMERGENCY_ADMISSION = (SNOMED_CT, "183452005")


def encounter_facts(resource: Resource) -> list[Fact]:
    """Class, type and reason for as long as it lasts; and what kind of hospital contact it was, as facts of ours.

    One that is over without its end being given lasted a day.
    """
    if resource.get("status") not in _HAPPENED:
        return []
    period = resource.get("period") or {}
    starts = first_given(period.get("start"))
    starts = UNDATED if starts is None else starts
    ends = after_end_of(period)
    if ends is None and resource["status"] == "finished":
        ends = starts + 1
    setting = {"coding": [resource.get("class") or {}]}
    concepts = [setting, *(resource.get("type") or ()), *(resource.get("reasonCode") or ())]
    return [*facts_with(concepts, starts, ends), *_hospital(resource, starts, ends)]


def _hospital(resource: Resource, starts: int, ends: int | None) -> list[Fact]:
    setting = (resource.get("class") or {}).get("code")
    found: list[Fact] = []
    if setting in _INPATIENT:
        found.append(derived(INPATIENT_STAY, starts, ends))
        if _unplanned(resource):
            found.append(derived(UNPLANNED_ADMISSION, starts, ends))
    elif setting == _EMERGENCY:
        found.append(derived(EMERGENCY_ATTENDANCE, starts, ends))
    return found


def _unplanned(resource: Resource) -> bool:
    source = (resource.get("hospitalization") or {}).get("admitSource")
    return (
        bool(codes_in(resource.get("priority")) & _URGENT)
        or _FROM_EMERGENCY in codes_in(source)
        or any((system, code) == _EMERGENCY_ADMISSION for system, code, _ in codings_of(*(resource.get("type") or ())))
    )
