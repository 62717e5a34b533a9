"""Contacts: what kind of contact an Encounter was, when, and who provided it.

http://hl7.org/fhir/R4/encounter.html. What is an admission, planned or not, is a rule of the kernel
(tandem.nhs.hospital_contact).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import day_after_end, given_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.identity.organisations import is_practice_code, reference_code
from tandem.identity.periods import bounds
from tandem.nhs.hospital_contact import ADMISSION, ATTENDANCE, EMERGENCY_ADMISSION, HAPPENED, hospital_contact

_HOSPITAL: Final = {
    EMERGENCY_ADMISSION: "emergency-admission", ADMISSION: "admission", ATTENDANCE: "urgent-care-attendance",
}  # fmt: skip
_FIELD: Final = "FLD"
"""http://terminology.hl7.org/CodeSystem/v3-ActCode: where a crew goes, such as an ambulance."""
_CONSULTATIONS: Final = frozenset(
    (SNOMED_CT, code)
    for code in ("11429006", "185317003", "439708006", "889311000000109", "889331000000101", "889351000000108")
)
"""Consultation, telephone encounter, home visit, and visits to care homes."""
_OUTPATIENT: Final = (SNOMED_CT, "373864002")
_SETTINGS: Final = {"AMB": "in-person", "HH": "at-home", "VR": "remote"}
_MICROS_OF_A_MINUTE: Final = 60_000_000


def read_encounter(encounter: Resource, event: Event) -> Iterable[Fact]:
    """`category` is emergency-admission, admission, urgent-care-attendance, ambulance, outpatient, consultation or
    other; `detail` in-person, at-home or remote, of a contact outside hospital; `value` its minutes.

    A contact with a practice is a consultation, whatever its type is called. One that is over without its end being
    given lasted a day.
    """
    if encounter.get("status") not in HAPPENED:
        return
    period = encounter.get("period") or {}
    first, end = given_day(period.get("start")), period.get("end")
    last = day_after_end(str(end)) if given_day(end) is not None else None
    if last is None and encounter["status"] == "finished" and first is not None:
        last = first + 1
    setting = str((encounter.get("class") or {}).get("code"))
    provider = reference_code(encounter.get("serviceProvider"))
    concepts = [*(encounter.get("type") or ()), encounter.get("serviceType"), *(encounter.get("reasonCode") or ())]
    yield Fact(
        "encounter", first, last, status=encounter["status"], category=_category(encounter, setting, provider),
        detail=_SETTINGS.get(setting), codings=coding_texts(*concepts), value=minutes_of(period.get("start"), end),
        organisation=provider,
    )  # fmt: skip


def minutes_of(start: object, end: object) -> float | None:
    """How many minutes lie between two instants; None when one is missing, or is a day without a time."""
    if not (isinstance(start, str) and isinstance(end, str) and "T" in start and "T" in end):
        return None
    try:
        return (bounds(end)[0] - bounds(start)[0]) / _MICROS_OF_A_MINUTE
    except (ValueError, OverflowError):
        return None


def _category(encounter: Resource, setting: str, provider: str | None) -> str:
    if (kind := hospital_contact(encounter)) is not None:
        return _HOSPITAL[kind]
    if setting == _FIELD:
        return "ambulance"
    types = {
        (system, code)
        for system, code, _ in codings_of(*(encounter.get("type") or ()), encounter.get("serviceType"))
    }  # fmt: skip
    if types & _CONSULTATIONS or (provider is not None and is_practice_code(provider)):
        return "consultation"
    return "outpatient" if _OUTPATIENT in types else "other"
