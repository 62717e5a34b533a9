"""The codes of CodeableConcepts (http://hl7.org/fhir/R4/datatypes.html#CodeableConcept)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def codings_of(*concepts: Any) -> Iterator[tuple[str, str, str | None]]:
    """System, code and display of every coding that has the first two; a code without its system means nothing."""
    for concept in concepts:
        for coding in (concept or {}).get("coding") or ():
            system, code = coding.get("system"), coding.get("code")
            if system and code:
                yield str(system), str(code), coding.get("display")


def codes_in(concept: Any) -> set[str]:
    """The bare codes of a status such as Condition.clinicalStatus."""
    return {str(coding.get("code")) for coding in (concept or {}).get("coding") or ()}
