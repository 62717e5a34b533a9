"""A note in words: what it says, who wrote it and when (http://hl7.org/fhir/R4/datatypes.html#Annotation)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from careplan_service.domain.plan_document.people import People
from careplan_service.domain.plan_document.plain_words import date_in_words


def note_in_words(note: dict[str, Any], people: People) -> str:
    """`Walks further now (Ann Bell, 3 June 2020)`, with as much of it as is known; empty without a text."""
    if not note.get("text"):
        return ""
    author = note.get("authorReference")
    who = people.name(author) if author else str(note.get("authorString") or "")
    told = ", ".join(each for each in (who, date_in_words(note.get("time"))) if each)
    return f"{note['text']}{f' ({told})' if told else ''}"


def notes_in_words(notes: Iterable[dict[str, Any]] | None, people: People) -> list[str]:
    """Those of them that say something."""
    return [words for words in (note_in_words(each, people) for each in notes or ()) if words]
