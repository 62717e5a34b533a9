"""Which codes an extract may hold: those of a terminology, in its form. Never a text, nor a number that could be one.

Records come from many systems, and what stands in `code` is not always a code. What is not of a known terminology or
not of its form is left out; so is what too few people have (see `small_numbers`).
"""

from __future__ import annotations

import re
from typing import Final, Literal

from cohort_service.domain.extracts.opt_outs import is_opt_out
from tandem.canonical import BASE, DMD, SNOMED_CT
from tandem.nhs.snomed_ct import concept_fault

Theme = Literal["health", "housing", "education"]

_ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
_ICD_10_FORM = re.compile(r"[A-Z][0-9]{2}(\.?[0-9X]{1,2})?")
_OURS: Final = f"{BASE}/CodeSystem/"
_OUR_FORM = re.compile(r"[a-z][a-z0-9]*([-/][a-z0-9]+)*")
_LONGEST = 64

# What was imported of other sectors is coded by its source (see docs/runs.md); the two of SNOMED CT are the value set
# poor-housing.
_SOURCES: Final[tuple[tuple[str, Theme], ...]] = (("housing-data/", "housing"), ("education-data/", "education"))
_HOUSING: Final = frozenset(("105531004", "81877007"))


def may_be_given(system: str, code: str) -> bool:
    """Whether the code is one of a known terminology, and not about opting out."""
    if is_opt_out(system, code) or len(code) > _LONGEST:
        return False
    if system in (SNOMED_CT, DMD):
        return concept_fault(code) is None
    if system == _ICD_10:
        return _ICD_10_FORM.fullmatch(code) is not None
    return system.startswith(_OURS) and _OUR_FORM.fullmatch(code) is not None


def theme_of(system: str, code: str) -> Theme:
    """To which of the linked data sets a fact belongs."""
    if system == SNOMED_CT:
        return "housing" if code in _HOUSING else "health"
    return next((theme for beginning, theme in _SOURCES if code.startswith(beginning)), "health")
