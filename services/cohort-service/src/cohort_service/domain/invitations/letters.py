"""Which services invite people by letter, and what the letter is called where letters are kept (SMR-033, PCPC-050)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import COMMUNICATION_CATEGORY, SNOMED_CT

CATEGORY_SYSTEM: Final = COMMUNICATION_CATEGORY
INVITATION: Final = "invitation"


@dataclass(frozen=True, slots=True)
class LetterOfService:
    """`letter` is the name of the template, `topic` what the appointment is about (CodeableConcept)."""

    letter: str
    topic: dict[str, Any]


LETTERS: Final = {
    "SMR": LetterOfService("structured-medication-review", {"coding": [
        {"system": SNOMED_CT, "code": "1239511000000100", "display": "Structured medication review"},
    ], "text": "Structured medication review"}),
    "PCPC": LetterOfService("holistic-care-planning", {"coding": [
        {"system": SNOMED_CT, "code": "2181441000000107", "display": "Personalised Care and Support Plan"},
    ], "text": "Holistic care planning"}),
}  # fmt: skip
"""By the service that a list is kept for."""
