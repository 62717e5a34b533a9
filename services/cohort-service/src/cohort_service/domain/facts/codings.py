"""The codes of a CodeableConcept, and facts made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cohort_service.domain.facts.fact import Fact
from tandem.canonical import BASE

DERIVED = f"{BASE}/CodeSystem/derived-fact"
"""The system of what no code of a record says by itself: `unplanned-admission`, `care-home-stay` and the like."""


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


def facts_with(
    concepts: Iterable[Any], starts: int, ends: int | None, value: float | None = None, *, medicine: bool = False
) -> list[Fact]:
    """One fact for each coding. A fact never ends before it begins."""
    until = None if ends is None else max(starts, ends)
    return [
        Fact(system, code, starts, until, value, medicine) for system, code, _ in codings_of(*concepts)
    ]


def derived(code: str, starts: int, ends: int | None, value: float | None = None) -> Fact:
    """A fact with a code of our own."""
    return Fact(DERIVED, code, starts, None if ends is None else max(starts, ends), value)
