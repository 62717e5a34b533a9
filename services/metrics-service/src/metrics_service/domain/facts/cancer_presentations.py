"""Where people come with symptoms of suspected cancer (000 §6.12 b2.1, ECD-046)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import SUSPECTED_CANCER_SYMPTOM
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.nhs.hospital_contact import ATTENDANCE, EMERGENCY_ADMISSION, HAPPENED, hospital_contact

_EMERGENCIES: Final = (ATTENDANCE, EMERGENCY_ADMISSION)


def read_cancer_presentation(encounter: Resource, event: Event) -> Iterable[Fact]:
    """An Encounter with a symptom as its reason: `category` emergency, planned-admission or outside-hospital."""
    reasons = coding_texts(*(encounter.get("reasonCode") or ()))
    if encounter.get("status") not in HAPPENED:
        return
    if not any(each.startswith(f"{SUSPECTED_CANCER_SYMPTOM}|") for each in reasons):
        return
    contact = hospital_contact(encounter)
    where = "emergency" if contact in _EMERGENCIES else "planned-admission" if contact else "outside-hospital"
    yield Fact(
        "cancer-presentation", given_day((encounter.get("period") or {}).get("start")), category=where,
        codings=reasons, organisation=reference_code(encounter.get("serviceProvider")),
    )  # fmt: skip
