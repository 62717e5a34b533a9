"""Codes of a record as facts carry them."""

from __future__ import annotations

from typing import Any

from tandem.fhir.codings import codings_of
from tandem.fhir.search.folding import bounded


def coding_texts(*concepts: Any) -> tuple[str, ...]:
    """Each coding of these CodeableConcepts as `system|code`, once, in its order; of a very long one a digest."""
    return tuple(dict.fromkeys(bounded(f"{system}|{code}") for system, code, _ in codings_of(*concepts)))


def code_of(system: str, *concepts: Any) -> str | None:
    """The first code of a system in these CodeableConcepts."""
    return next((code for named, code, _ in codings_of(*concepts) if named == system), None)
