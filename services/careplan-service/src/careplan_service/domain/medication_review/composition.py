"""An episode as a Composition: opened with every medicine to be looked at, filled in step by step (decision 0010).

http://hl7.org/fhir/R4/composition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from careplan_service.domain.medication_review.codes import (
    FOLLOW_UP,
    MEDICINES,
    PROCESS,
    REQUEST,
    REVIEW,
    REVIEW_NAME,
    SIGNPOSTING,
    STEPS,
    TITLES,
    section_code,
)
from careplan_service.domain.medication_review.episode import section_key
from careplan_service.domain.medication_review.medicines import DIFFERENCES, Key, Medicine
from tandem.canonical import DELIVERY_CHANNEL, MEDICATION_REVIEW, MEDICINE_DECISION, REVIEW_FOLLOW_UP, SUPPORT_OFFER
from tandem.clock import to_instant
from tandem.fhir.body import Resource

HIGH_CARBON = "An inhaler with a high carbon footprint: switch it, or give a coded clinical reason"


def new_composition(
    identity: str, patient: str, clinician: dict[str, Any], kind: str, reasons: Sequence[dict[str, Any]],
    now: datetime,
) -> Resource:  # fmt: skip
    """An episode that begins, without its sections."""
    return {
        "resourceType": "Composition", "id": identity, "status": "preliminary", "type": {"coding": [REVIEW]},
        "category": [{"coding": [{"system": MEDICATION_REVIEW, "code": kind}]}],
        "subject": {"reference": f"Patient/{patient}"}, "date": to_instant(now), "author": [clinician],
        "title": REVIEW_NAME, "event": [{"code": list(reasons), "period": {"start": to_instant(now)}}],
    }  # fmt: skip


def with_mode(composition: Resource, mode: str | None) -> Resource:
    """Held in person, by telephone or by video."""
    if mode is None:
        return composition
    others = [each for each in composition.get("extension") or () if each.get("url") != DELIVERY_CHANNEL]
    return {**composition, "extension": [*others, {"url": DELIVERY_CHANNEL, "valueCode": mode}]}


def with_reasons(composition: Resource, reasons: Sequence[dict[str, Any]]) -> Resource:
    """With further reasons, each once."""
    first, *rest = composition.get("event") or [{}]
    held = first.get("code") or []
    new = [each for each in reasons if each not in held]
    return {**composition, "event": [{**first, "code": [*held, *new]}, *rest]} if new else composition


def with_entries(composition: Resource, code: str, references: Iterable[str], lines: Sequence[str] = ()) -> Resource:
    """With these references in the section of a code; those that are in it stay."""
    section = _section(composition, code)
    held = [each.get("reference") for each in section.get("entry") or ()]
    new = [{"reference": each} for each in dict.fromkeys(references) if each not in held]
    entries = [*(section.get("entry") or ()), *new]
    if not entries and not lines:
        return composition
    filled = {**section, "entry": entries} if entries else section
    return _with_section(composition, {**filled, "text": narrative(lines)} if lines else filled)


def with_process(composition: Resource, process: str, appointment: str | None) -> Resource:
    """With the process that the episode belongs to."""
    references = [f"CarePlan/{process}", *([appointment] if appointment is not None else [])]
    return with_entries(composition, PROCESS, references)


def with_requests(composition: Resource, references: Iterable[str]) -> Resource:
    """With who asked for the review."""
    return with_entries(composition, REQUEST, references)


def with_medicines(
    composition: Resource, medicines: Sequence[Medicine], contacts: Mapping[Key, Sequence[str]],
    high_carbon: Iterable[Key],
) -> Resource:  # fmt: skip
    """With a section for each medicine to be looked at; what was decided of one stays when it is taken no more."""
    section = _section(composition, MEDICINES)
    held = {section_key(each): each for each in section.get("section") or ()}
    prompted = set(high_carbon)
    for medicine in medicines:
        references = [record.reference for record in medicine.records] + list(contacts.get(medicine.key, ()))
        before = held.get(medicine.key) or {"title": medicine.name, "code": medicine.concept}
        lines = [*_what_is_known(medicine), *([HIGH_CARBON] if medicine.key in prompted else [])]
        entries = [{"reference": each} for each in dict.fromkeys(references)]
        filled = {**before, "text": narrative(lines or [medicine.name])}
        held[medicine.key] = {**filled, "entry": entries} if entries else filled
    text = "Every medicine of the person" if held else "No medicine is known of the person"
    whole = {**section, "text": narrative([text])}
    return _with_section(composition, {**whole, "section": list(held.values())} if held else whole)


def with_decision(composition: Resource, key: Key, concept: dict[str, Any], said: Mapping[str, Any]) -> Resource:
    """With what was decided of a medicine; `said` maps the sub-extensions' urls to (name of value[x], value)."""
    section = _section(composition, MEDICINES)
    inner = list(section.get("section") or ())
    place = next((place for place, each in enumerate(inner) if section_key(each) == key), None)
    if place is None:
        text = narrative(["Named at the review"])
        inner.append({"title": str(concept.get("text") or _display(concept)), "code": concept, "text": text})
        place = len(inner) - 1
    others = [each for each in inner[place].get("extension") or () if each.get("url") != MEDICINE_DECISION]
    parts = [{"url": url, name: value} for url, (name, value) in said.items()]
    inner[place] = {"extension": [*others, {"url": MEDICINE_DECISION, "extension": parts}], **{
        name: value for name, value in inner[place].items() if name != "extension"
    }}  # fmt: skip
    text = section.get("text") or narrative(["Every medicine of the person"])
    return _with_section(composition, {**section, "text": text, "section": inner})


def with_step(composition: Resource, code: str, text: str, note: str | None) -> Resource:
    """With a step that was done."""
    section = _section(composition, STEPS)
    others = [each for each in section.get("section") or () if section_code(each) != code]
    done = {
        "title": text, "code": {"coding": [{"system": MEDICATION_REVIEW, "code": code}]},
        "text": narrative([note or "Done"]),
    }  # fmt: skip
    return _with_section(composition, {**section, "section": [*others, done]})


def with_signpost(composition: Resource, service: str, name: str, offer: str | None, note: str | None) -> Resource:
    """With a service (`HealthcareService/id`) that the person was signposted to; the same one again is said anew."""
    section = _section(composition, SIGNPOSTING)
    others = [each for each in section.get("section") or () if each.get("entry") != [{"reference": service}]]
    coded = {"code": {"coding": [{"system": SUPPORT_OFFER, "code": offer}]}} if offer is not None else {}
    told = {"title": name, **coded, "text": narrative([note or "Signposted"]), "entry": [{"reference": service}]}
    return _with_section(composition, {**section, "section": [*others, told]})


def with_follow_up(composition: Resource, day: date | None, end: str | None) -> Resource:
    """With the day of the follow-up, or why none is needed."""
    if day is None and end is None:
        return composition
    part = {"url": "on", "valueDate": day.isoformat()} if day is not None else {"url": "end", "valueString": end}
    text = f"Follow-up on {day.isoformat()}" if day is not None else f"No follow-up: {end}"
    section = {**_section(composition, FOLLOW_UP), "text": narrative([text])}
    return _with_section(composition, {**section, "extension": [{"url": REVIEW_FOLLOW_UP, "extension": [part]}]})


def narrative(lines: Sequence[str]) -> dict[str, str]:
    """A Narrative of paragraphs."""
    paragraphs = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'}


def _what_is_known(medicine: Medicine) -> list[str]:
    lines = [
        f"{record.source}: {record.dosage or 'no dosage given'}{'' if record.current else ' (not taken)'}"
        for record in medicine.records
    ]
    return [*lines, DIFFERENCES[medicine.difference]] if medicine.difference else lines


def _display(concept: dict[str, Any]) -> str:
    shown = [each.get("display") or each.get("code") for each in concept.get("coding") or ()]
    return str(next((each for each in shown if each), "A medicine without a name"))


def _section(composition: Resource, code: str) -> dict[str, Any]:
    held = (each for each in composition.get("section") or () if section_code(each) == code)
    new = {"title": TITLES[code], "code": {"coding": [{"system": MEDICATION_REVIEW, "code": code}]}}
    return next(held, new)


def _with_section(composition: Resource, section: dict[str, Any]) -> Resource:
    code = section_code(section)
    sections = list(composition.get("section") or ())
    place = next((place for place, each in enumerate(sections) if section_code(each) == code), None)
    if place is None:
        sections.append(section)
    else:
        sections[place] = section
    return {**composition, "section": sections}
