"""The id that a literal reference names (http://hl7.org/fhir/R4/references.html#literal)."""

from __future__ import annotations

from typing import Any


def target_id(reference: Any, resource_type: str) -> str | None:
    """`1` of the Reference `{"reference": "CarePlan/1"}` or `CarePlan/1/_history/2`, when the type is this one.

    None for a reference to something else, a logical one, and one that is no Reference.
    """
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str) or not text.startswith(resource_type + "/"):
        return None
    return text[len(resource_type) + 1 :].partition("/")[0] or None


def target_ids(references: Any, resource_type: str) -> list[str]:
    """The ids that a list of References names, of this type, each once and in order."""
    entries = references if isinstance(references, list) else []
    found = (target_id(entry, resource_type) for entry in entries)
    return list(dict.fromkeys(each for each in found if each is not None))
