"""How an invitation is told from other Communications, and what is said of it in extensions."""

from __future__ import annotations

from typing import Final

from tandem.canonical import BASE, COMMUNICATION_CATEGORY

CATEGORY_SYSTEM: Final = COMMUNICATION_CATEGORY
INVITATION: Final = "invitation"
"""Communication.category of an invitation to care."""

LETTER_COVERS: Final = f"{BASE}/StructureDefinition/letter-covers"
"""Extension on Communication, valueCode, repeated: what the letter tells, see `SUBJECTS`."""
LETTER_ATTENTION: Final = f"{BASE}/StructureDefinition/letter-attention"
"""Extension on Communication: sub-extensions `code`, `text` and, once it was dealt with, `settled` (a text)."""
ATTENTION_SYSTEM: Final = f"{BASE}/CodeSystem/letter-attention"

SUBJECTS: Final = ("intention", "process", "bring", "booking", "declining")
"""What a letter of ours tells: purpose, what to expect, what to bring, how to book, how to decline."""
REQUIRED_SUBJECTS: Final = ("intention", "process")
"""What a written communication must tell (SMR-033)."""
