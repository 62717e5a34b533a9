"""The training duty: which staff of the cohorts in force have no recorded training yet (PC-022, PC-028, PC-034)."""

from __future__ import annotations

from datetime import date

from cohort_service.domain.requirements.requirement import StaffCohort
from tandem.canonical import BASE
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds, period_of
from tandem.london_days import london_date

TRAINING_DUTIES = ("PC-022", "PC-028", "PC-034")
"""The duties of 2021/22, 2022/23 and 2023/24 (000 §5.6), whose staff cohorts are added by new versions."""
TRAINING_SYSTEM = f"{BASE}/CodeSystem/training-duty"
"""Practitioner.qualification.code: the id of the duty that the training meets."""


def cohort_of(role: Resource, cohorts: tuple[StaffCohort, ...], day: date) -> StaffCohort | None:
    """The cohort that a PractitionerRole puts someone in on a day; None when it puts them in none."""
    starts, ends = period_of(role.get("period"))
    if role.get("active") is False or not _day(starts) <= day <= _day(ends - 1):
        return None
    codings = [coding for concept in role.get("code") or [] for coding in concept.get("coding") or []]
    held = {(coding.get("system"), coding.get("code")) for coding in codings}
    return next((cohort for cohort in cohorts if (cohort.system, cohort.code) in held), None)


def is_trained(practitioner: Resource | None, duty: str, day: date) -> bool:
    """Whether a Practitioner has a qualification for the duty by a day; its period says from when."""
    for qualification in (practitioner or {}).get("qualification") or []:
        codings = (qualification.get("code") or {}).get("coding") or []
        begun = (qualification.get("period") or {}).get("start")
        if any(one.get("system") == TRAINING_SYSTEM and one.get("code") == duty for one in codings):
            return begun is None or _day(bounds(begun)[0]) <= day
    return False


def _day(micros: int) -> date:
    return london_date(from_micros(micros))
