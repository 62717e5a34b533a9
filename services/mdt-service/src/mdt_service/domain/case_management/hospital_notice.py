"""Telling the professionals of a person of an admission, or of a move between places of care (PCPC-052)."""

from __future__ import annotations

from typing import Final

from mdt_service.domain.case_management.hospital_contact import HospitalContact
from tandem.ids import deterministic_id
from tandem.nhs.hospital_contact import EMERGENCY_ADMISSION

TOLD_ROLES: Final = ("named-professional", "named-gp", "care-coordinator")
"""Who is told: the holders of the first of these roles that anybody has."""
_TOPIC: Final = "Admission or transfer"


def notice_id(contact: HospitalContact, member: str) -> str:
    """The id of what one professional is told of the person's being in one place in the course of one stay."""
    return deterministic_id("hospital-notice", contact.encounter, contact.place, member)


def notice_words(contact: HospitalContact, *, moved: bool) -> tuple[str, str]:
    """Topic and text."""
    if moved:
        return _TOPIC, "Your patient was transferred during a stay in hospital. Open actions go on."
    kind = "as an emergency" if contact.kind == EMERGENCY_ADMISSION else "to hospital"
    return _TOPIC, f"Your patient was admitted {kind}. Open actions go on."
