"""Encounter: contacts and stays, and which of them were in hospital without a plan.

http://hl7.org/fhir/R4/encounter.html, http://terminology.hl7.org/CodeSystem/v3-ActCode
"""

from __future__ import annotations

from tandem.fhir.body import Resource
from tandem.nhs.hospital_contact import ADMISSION, ATTENDANCE, EMERGENCY_ADMISSION, HAPPENED, hospital_contact
from tandem.record_facts.codings import derived, facts_with
from tandem.record_facts.days import after_end_of, first_given
from tandem.record_facts.fact import UNDATED, Fact

INPATIENT_STAY = "inpatient-stay"
UNPLANNED_ADMISSION = "unplanned-admission"
EMERGENCY_ATTENDANCE = "emergency-attendance"
_FACTS = {
    ADMISSION: (INPATIENT_STAY,), EMERGENCY_ADMISSION: (INPATIENT_STAY, UNPLANNED_ADMISSION),
    ATTENDANCE: (EMERGENCY_ATTENDANCE,),
}  # fmt: skip


def encounter_facts(resource: Resource) -> list[Fact]:
    """Class, type and reason for as long as it lasts; and what kind of hospital contact it was, as facts of ours.

    One that is over without its end being given lasted a day.
    """
    if resource.get("status") not in HAPPENED:
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
    kind = hospital_contact(resource)
    if kind is None:
        return []
    return [derived(name, starts, ends) for name in _FACTS[kind]]
