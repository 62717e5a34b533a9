"""Being on the Avoidable Unplanned Admissions register, as a record: an EpisodeOfCare of the programme (PCPC-028).

http://hl7.org/fhir/R4/episodeofcare.html
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cohort_service.domain.case_register.sources import UNPLANNED_ADMISSIONS_REGISTER
from tandem.canonical import BASE
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id

_CODING = {
    "system": f"{BASE}/CodeSystem/care-activity",
    "code": "unplanned-admissions-case-register",
    "display": "On the case register for avoiding unplanned admissions",
}


def enrolment_id(patient: str) -> str:
    """The id of the record of a person, which is one for all time."""
    return deterministic_id("EpisodeOfCare", UNPLANNED_ADMISSIONS_REGISTER, patient)


def enrolled(held: Resource | None, patient: str, organisation: str, since: date | None, today: date) -> Resource:
    """The record of a person who is on the register: since the day given, else since what is held, else since today."""
    if held is not None and held.get("status") == "active" and since is None:
        return held
    period: dict[str, Any] = {"start": (since or today).isoformat()}
    return {
        "resourceType": "EpisodeOfCare", "id": enrolment_id(patient), "status": "active",
        "type": [{"coding": [_CODING]}], "patient": {"reference": f"Patient/{patient}"},
        "managingOrganization": {"reference": organisation}, "period": period,
    }  # fmt: skip


def ended(held: Resource, today: date) -> Resource:
    """The record of a person who is no longer on it: yesterday was the last day. What began today never was."""
    period: dict[str, Any] = held.get("period") or {}
    if str(period.get("start") or "") >= today.isoformat():
        return {**held, "status": "cancelled"}
    yesterday = date.fromordinal(today.toordinal() - 1)
    return {**held, "status": "finished", "period": {**period, "end": yesterday.isoformat()}}
