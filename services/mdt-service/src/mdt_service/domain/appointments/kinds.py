"""Which appointments claim the shared process, and what is read out of them.

Meetings and home rounds are Appointments too; they have rules of their own.
"""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import APPOINTMENT_KIND, BASE, DELIVERY_CHANNEL
from tandem.fhir.body import Resource

MEDICATION_REVIEW: Final = "structured-medication-review"
VISITS: Final = ("home-visit", "care-home-visit")
KINDS: Final = (MEDICATION_REVIEW, "consultation", "joint-consultation", *VISITS)
"""Codes of Appointment.serviceType in APPOINTMENT_KIND that are bound here."""
MODES: Final = ("In-person", "Telephone", "Video")
"""How an appointment is held: codes of the extension DELIVERY_CHANNEL."""
INTERVENTION: Final = f"{BASE}/CodeSystem/intervention"
"""Appointment.serviceCategory: the intervention that a visit belongs to; the codes are the practice's own."""
OUTCOME: Final = f"{BASE}/StructureDefinition/appointment-outcome"
"""Extension on an Appointment, repeated, valueAnnotation: what came of it, by whom."""


def kind_of(appointment: Resource | None) -> str | None:
    """The kind of an appointment that is bound here; None for any other Appointment."""
    codes = codes_of((appointment or {}).get("serviceType"), APPOINTMENT_KIND)
    return next((code for code in codes if code in KINDS), None)


def codes_of(concepts: Any, system: str) -> list[str]:
    """The codes of a system in CodeableConcepts."""
    codings = [each for concept in concepts or () for each in concept.get("coding") or ()]
    return [str(each.get("code")) for each in codings if each.get("system") == system]


def mode_of(appointment: Resource) -> str | None:
    """How it is held; None when it does not say."""
    extensions = appointment.get("extension") or ()
    return next((each.get("valueCode") for each in extensions if each.get("url") == DELIVERY_CHANNEL), None)


def participants_of(appointment: Resource, *types: str) -> list[str]:
    """The references of those who take part, of some types."""
    literals = [str((each.get("actor") or {}).get("reference") or "") for each in appointment.get("participant") or ()]
    return [each for each in literals if each.partition("/")[0] in types]
