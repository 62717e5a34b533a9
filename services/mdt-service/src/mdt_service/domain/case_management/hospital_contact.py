"""What an Encounter says of a person in hospital: an admission, planned or not, or an attendance at A&E.

http://hl7.org/fhir/R4/encounter.html, http://terminology.hl7.org/CodeSystem/v3-ActCode
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

ADMISSION: Final = "admission"
EMERGENCY_ADMISSION: Final = "emergency-admission"
ATTENDANCE: Final = "attendance"
UNPLANNED: Final = (EMERGENCY_ADMISSION, ATTENDANCE)
"""What is reviewed with follow-up action (PCPC-036, PCPC-037)."""
ADMISSIONS: Final = (ADMISSION, EMERGENCY_ADMISSION)

_HAPPENED: Final = frozenset(("arrived", "triaged", "in-progress", "onleave", "finished"))
_INPATIENT: Final = frozenset(("IMP", "ACUTE", "NONAC"))
_EMERGENCY: Final = "EMER"
_URGENT: Final = frozenset(("EM", "UR"))
_FROM_EMERGENCY: Final = "emd"
_EMERGENCY_ADMISSION: Final = (SNOMED_CT, "183452005")


@dataclass(frozen=True, slots=True)
class HospitalContact:
    """One stay or attendance. `starts` and `ends` are microseconds since 1970; `ends` is None until it is over.

    `place` is where the person is by the record: the provider and the present location, empty when it says neither.
    """

    encounter: str
    kind: str
    starts: int
    ends: int | None
    place: str


def contact_of(encounter: Resource) -> HospitalContact | None:
    """The contact that an Encounter tells of; None when it is none, did not happen, or has no start."""
    start = (encounter.get("period") or {}).get("start")
    kind = _kind(encounter)
    if kind is None or start is None or encounter.get("status") not in _HAPPENED:
        return None
    starts, end = bounds(str(start))[0], (encounter.get("period") or {}).get("end")
    # One that is over without its end being given lasted no longer than its beginning.
    ends = bounds(str(end))[0] if end else (starts if encounter.get("status") == "finished" else None)
    return HospitalContact(str(encounter["id"]), kind, starts, ends, _place(encounter))


def _kind(encounter: Resource) -> str | None:
    setting = (encounter.get("class") or {}).get("code")
    if setting == _EMERGENCY:
        return ATTENDANCE
    if setting not in _INPATIENT:
        return None
    return EMERGENCY_ADMISSION if _unplanned(encounter) else ADMISSION


def _unplanned(encounter: Resource) -> bool:
    source = (encounter.get("hospitalization") or {}).get("admitSource")
    return (
        bool(_URGENT & {code for _, code in _codes([encounter.get("priority")])})
        or _FROM_EMERGENCY in {code for _, code in _codes([source])}
        or _EMERGENCY_ADMISSION in _codes(encounter.get("type") or ())
    )


def _codes(concepts: Iterable[Any]) -> set[tuple[str, str]]:
    return {
        (str(each.get("system")), str(each.get("code")))
        for concept in concepts for each in (concept or {}).get("coding") or ()
    }  # fmt: skip


def _place(encounter: Resource) -> str:
    provider = _named(encounter.get("serviceProvider"))
    held = [each for each in encounter.get("location") or () if each.get("status") != "planned"]
    wards = [_named(each.get("location")) for each in held]
    return " ".join(each for each in (provider, wards[-1] if wards else "") if each)


def _named(reference: Any) -> str:
    told = reference or {}
    return str(told.get("reference") or (told.get("identifier") or {}).get("value") or told.get("display") or "")
