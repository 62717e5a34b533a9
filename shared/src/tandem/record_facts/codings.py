"""Facts made of the codes of a CodeableConcept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tandem.canonical import BASE
from tandem.fhir.codings import codings_of
from tandem.record_facts.fact import Fact

DERIVED = f"{BASE}/CodeSystem/derived-fact"
"""The system of what no code of a record says by itself: `unplanned-admission`, `care-home-stay` and the like."""


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
