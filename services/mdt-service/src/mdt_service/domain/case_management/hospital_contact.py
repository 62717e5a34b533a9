"""What an Encounter says of a person in hospital: when, where, and what kind of contact it was.

http://hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.nhs.hospital_contact import ADMISSION, ATTENDANCE, EMERGENCY_ADMISSION, HAPPENED, hospital_contact

UNPLANNED: Final = (EMERGENCY_ADMISSION, ATTENDANCE)
"""What is reviewed with follow-up action (PCPC-036, PCPC-037)."""
ADMISSIONS: Final = (ADMISSION, EMERGENCY_ADMISSION)


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
    kind = hospital_contact(encounter)
    if kind is None or start is None or encounter.get("status") not in HAPPENED:
        return None
    starts, end = bounds(str(start))[0], (encounter.get("period") or {}).get("end")
    # One that is over without its end being given lasted no longer than its beginning.
    ends = bounds(str(end))[0] if end else (starts if encounter.get("status") == "finished" else None)
    return HospitalContact(str(encounter["id"]), kind, starts, ends, _place(encounter))


def _place(encounter: Resource) -> str:
    provider = _named(encounter.get("serviceProvider"))
    held = [each for each in encounter.get("location") or () if each.get("status") != "planned"]
    wards = [_named(each.get("location")) for each in held]
    return " ".join(each for each in (provider, wards[-1] if wards else "") if each)


def _named(reference: Any) -> str:
    told = reference or {}
    return str(told.get("reference") or (told.get("identifier") or {}).get("value") or told.get("display") or "")
