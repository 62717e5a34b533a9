"""Which Encounters are hospital episodes (http://hl7.org/fhir/R4/encounter.html, 000 §3.16 r7 b1).

Inpatient classes only: an attendance at an emergency department from which nobody was admitted is none.
"""

from __future__ import annotations

from careplan_service.domain.clocks.facts import HospitalStay
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.nhs.hospital_contact import HAPPENED, is_inpatient

_FINISHED = "finished"
_ELSEWHERE = frozenset({"exp", "other-hcf", "hosp", "psy", "rehab"})
"""Discharge dispositions after which the person is not at home: died, another facility, hospice, psychiatric,
rehabilitation (http://terminology.hl7.org/CodeSystem/discharge-disposition)."""


def hospital_stay(encounter: Resource) -> HospitalStay | None:
    """The hospital stay that an Encounter tells of; None for any other, and for one without a date.

    One that is finished and does not say when ended on the day it began.
    """
    status, period = encounter.get("status"), encounter.get("period") or {}
    if not is_inpatient(encounter) or status not in HAPPENED:
        return None
    start, end = (str(period[name]) if name in period else None for name in ("start", "end"))
    first = start or end
    if first is None:
        return None
    starts = bounds(first)[0]
    # The end of one that is not finished is only expected.
    ends = from_micros(max(starts, bounds(end or first)[0])) if status == _FINISHED else None
    source = f"Encounter/{encounter['id']}"
    return HospitalStay(source, from_micros(starts), ends, not _left_elsewhere(encounter))


def _left_elsewhere(encounter: Resource) -> bool:
    disposition = (encounter.get("hospitalization") or {}).get("dischargeDisposition") or {}
    return any(coding.get("code") in _ELSEWHERE for coding in disposition.get("coding") or ())
