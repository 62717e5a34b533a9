"""What an episode of medication review says: its reasons, decisions, steps and follow-up, read from a Composition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from careplan_service.domain.current_medicines import medicine
from careplan_service.domain.medication_review.codes import (
    FOLLOW_UP,
    MEDICINES,
    PROCESS,
    STEPS,
    codings,
    name_of,
    section_code,
)
from careplan_service.domain.medication_review.medicines import Key
from tandem.canonical import MEDICATION_REVIEW, MEDICINE_DECISION, REVIEW_FOLLOW_UP
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of one medicine. `decision` is None as long as nothing is decided; `medicine` is what is taken
    instead, or from now on; `place` is the FHIRPath of its section."""

    key: Key
    concept: dict[str, Any]
    decision: str | None
    reason: dict[str, Any] | None
    medicine: dict[str, Any] | None
    dosage: str | None
    entries: tuple[str, ...]
    place: str

    @property
    def name(self) -> str:
        """What to call the medicine."""
        return name_of(self.concept)

    @property
    def taken(self) -> dict[str, Any]:
        """The medicine that is taken by this decision."""
        return self.medicine or self.concept


@dataclass(frozen=True, slots=True)
class Episode:
    """`process` is the CarePlan's id; `reasons` CodeableConcepts; `steps` the codes of the steps that are recorded."""

    process: str | None
    clinician: str | None
    reasons: tuple[dict[str, Any], ...]
    decisions: tuple[Decision, ...]
    steps: frozenset[str]
    follow_up: date | None
    end: str | None

    def about(self, key: Key) -> Decision | None:
        """What is said of a medicine; the last section of several counts."""
        return next((each for each in reversed(self.decisions) if each.key == key), None)


def episode_of(composition: Resource) -> Episode:
    """Read a Composition. What stands in it in another form is left out."""
    sections = {code: each for each in composition.get("section") or () if (code := section_code(each)) is not None}
    processes = target_ids(sections.get(PROCESS, {}).get("entry"), "CarePlan")
    authors = [each.get("reference") for each in composition.get("author") or () if each.get("reference")]
    follow_up, end = _follow_up(sections.get(FOLLOW_UP, {}))
    return Episode(
        processes[0] if processes else None, authors[0] if authors else None, tuple(_reasons(composition)),
        tuple(_decisions(composition)), frozenset(_steps(sections.get(STEPS, {}))), follow_up, end,
    )  # fmt: skip


def section_key(section: dict[str, Any]) -> Key:
    """Which medicine a section is about."""
    concept = section.get("code") or {"text": section.get("title")}
    return medicine({"medicationCodeableConcept": concept, "id": section.get("title")})


def _reasons(composition: Resource) -> Iterator[dict[str, Any]]:
    for event in composition.get("event") or ():
        yield from event.get("code") or ()


def _decisions(composition: Resource) -> Iterator[Decision]:
    for outer, section in enumerate(composition.get("section") or ()):
        if section_code(section) == MEDICINES:
            for inner, each in enumerate(section.get("section") or ()):
                yield _decision(each, f"Composition.section[{outer}].section[{inner}]")


def _decision(section: dict[str, Any], place: str) -> Decision:
    said = _sub_extensions(section, MEDICINE_DECISION)
    reason, instead = said.get("reason"), said.get("medicine")
    return Decision(
        section_key(section), section.get("code") or {"text": str(section.get("title") or "")}, said.get("decision"),
        reason if isinstance(reason, dict) else None, instead if isinstance(instead, dict) else None,
        said.get("dosage"), tuple(str(each.get("reference")) for each in section.get("entry") or ()), place,
    )  # fmt: skip


def _steps(section: dict[str, Any]) -> Iterator[str]:
    for each in section.get("section") or ():
        for coding in codings(each.get("code")):
            if coding.get("system") == MEDICATION_REVIEW and coding.get("code"):
                yield str(coding["code"])


def _follow_up(section: dict[str, Any]) -> tuple[date | None, str | None]:
    said = _sub_extensions(section, REVIEW_FOLLOW_UP)
    try:
        day = date.fromisoformat(str(said["on"])) if "on" in said else None
    except ValueError:
        # R4 lets a date be a month or a year; a follow-up is on a day.
        day = None
    end = said.get("end")
    return day, str(end).strip() or None if end is not None else None


def _sub_extensions(section: dict[str, Any], url: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for extension in section.get("extension") or ():
        if extension.get("url") == url:
            for each in extension.get("extension") or ():
                found[str(each.get("url"))] = next((v for name, v in each.items() if name.startswith("value")), None)
    return found
