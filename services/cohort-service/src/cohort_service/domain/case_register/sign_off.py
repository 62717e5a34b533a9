"""Sign-off of the register between practice and commissioner (003 §2.4 and key reporting indicator 1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from cohort_service.domain.case_register.sources import rest_on_admissions_alone

State = Literal["requested", "agreed", "returned"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """How the register came about: people on it, the sources run or named, and queries without an answer."""

    people: int
    sources: Collection[str]
    open_queries: int


def faults_of_request(compiled: Compiled, profile_use: str | None) -> list[str]:
    """Why the practice's request is refused; every reason at once."""
    faults = faults_of_agreement(compiled.open_queries)
    if not compiled.people:
        faults.append("Nobody is on the register")
    elif rest_on_admissions_alone(compiled.sources):
        # PCPC-018
        faults.append(
            "The register rests on counts of admissions alone, which can miss a quarter of frail older people:"
            " run another source first (practice profile, clinical alerts, risk scores, judgement, or conditions)"
        )
    if not profile_use:
        # PCPC-024
        faults.append("Say in profileUse how the practice profile was used to identify these people")
    return faults


def faults_of_agreement(open_queries: int) -> list[str]:
    """Why nothing is signed now: a query how the register was compiled is open (PCPC-046)."""
    if not open_queries:
        return []
    return ["A query of the commissioner is open: the practice answers it before the register is signed off"]
