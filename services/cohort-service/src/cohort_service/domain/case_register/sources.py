"""What may bring a person onto the register, and which of it rests on counts of admissions alone.

"Using a combination of the practice population profile supplied, clinical alerts, risk profiling and clinical
judgment, practices will identify patients" (003 §2.4, PCPC-045).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

REGISTER: Final = "complex-and-frail"
"""The cohort whose people are proposed for the register."""
ON_REGISTER: Final = "case-register"
"""What other services are told that a person is on whom a practice put on its register; no list is kept of it."""
UNPLANNED_ADMISSIONS_REGISTER: Final = "unplanned-admissions-register"
"""The cohort of the Avoidable Unplanned Admissions register, and the source that an entry has from it (PCPC-017)."""

PROFILE, ALERT, RISK, JUDGEMENT = "practice-profile", "clinical-alert", "risk-score", "clinical-judgement"
CONDITIONS, ADMISSIONS, MEETING = "conditions-and-medicines", "admission-count", "mdt-meeting"

RUN_SOURCES: Final = (PROFILE, ALERT, RISK, JUDGEMENT, CONDITIONS, ADMISSIONS, UNPLANNED_ADMISSIONS_REGISTER)
"""What an identification looks through."""
SOURCES: Final = (*RUN_SOURCES, MEETING)
"""What an entry may name."""

COHORTS: Final = {
    RISK: ("becoming-frail", "efi-moderate", "efi-severe", "predicted-substantial-change"),
    CONDITIONS: ("complex-several-pathways", "complex-condition-combinations", "complex-interacting-medicines"),
    ADMISSIONS: ("repeated-unplanned-admissions",),
    UNPLANNED_ADMISSIONS_REGISTER: (UNPLANNED_ADMISSIONS_REGISTER,),
}  # fmt: skip
"""The cohorts whose members a source finds."""

_COUNT_ADMISSIONS: Final = frozenset((ADMISSIONS, UNPLANNED_ADMISSIONS_REGISTER))


def rest_on_admissions_alone(sources: Collection[str]) -> bool:
    """Whether nothing but counts of admissions was used, which can miss a quarter of frail older people (PCPC-018).

    The register for avoiding unplanned admissions is one of these: it was filled by risk stratification, and "most
    tools rely on numbers of admissions" (003 §2.2).
    """
    return not set(sources) - _COUNT_ADMISSIONS
