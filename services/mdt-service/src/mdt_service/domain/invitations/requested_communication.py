"""The Communication that another service asks for: an invitation as a letter that a practice can send (SMR-033).

UK Core asks of a Communication its subject; the rest is http://hl7.org/fhir/R4/communication.html.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from mdt_service.domain.invitations.codes import (
    ATTENTION_SYSTEM,
    CATEGORY_SYSTEM,
    INVITATION,
    LETTER_ATTENTION,
    LETTER_COVERS,
)
from mdt_service.domain.invitations.form_of_letter import Attention, form_for, needs_of
from mdt_service.domain.invitations.letter import Letter, fill
from mdt_service.domain.invitations.letter_html import letter_html
from mdt_service.domain.invitations.letter_pdf import letter_pdf
from mdt_service.domain.invitations.template import Template
from tandem.fhir.body import Resource
from tandem.london_days import london_date
from tandem.printing.fonts import unprintable

_WRITTEN = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "WRITTEN", "display": "written",
}  # fmt: skip


class UnknownLetterError(ValueError):
    """There is no template of the letter that was asked for."""


def requested_communication(asked: dict[str, Any], patient: str, templates: Sequence[Template]) -> Resource:
    """The Communication of a `tandem.communication.requested`, with an HTML and a PDF body.

    `asked` holds `communication` (the id), `letter` (a template), `topic` (CodeableConcept), `group` (reference of the
    list), `practice` (`reference`, `name`, `address` as lines, `phone`), `person` (`name`, `address`), `needs` (see
    `needs_of`) and `authoredOn` (instant). It is in preparation, or on hold while somebody must see to it first. Raises
    UnknownLetterError.
    """
    form = form_for(str(asked["letter"]), templates, needs_of(asked["needs"]))
    if form is None:
        raise UnknownLetterError("there is no template of the letter that was asked for")
    made = datetime.fromisoformat(asked["authoredOn"])
    words = letter_words(asked, london_date(made))
    letter = fill(form.template, words, form.points)
    attention = [*form.attention, *_faults_of(words)]
    communication: Resource = {
        "resourceType": "Communication",
        "id": asked["communication"],
        "status": "on-hold" if attention else "preparation",
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": INVITATION}]}],
        "medium": [{"coding": [_WRITTEN]}],
        "subject": {"reference": f"Patient/{patient}"},
        "topic": asked["topic"],
        "about": [{"reference": asked["group"]}],
        "recipient": [{"reference": f"Patient/{patient}"}],
        "sender": asked["practice"]["reference"],
        "payload": _bodies(letter, made),
        "extension": [
            *({"url": LETTER_COVERS, "valueCode": subject} for subject in letter.covers),
            *(_extension(each) for each in attention),
        ],
    }
    if attention:
        communication["statusReason"] = {
            "coding": [{"system": ATTENTION_SYSTEM, "code": each.code} for each in attention],
            "text": " ".join(each.text for each in attention),
        }
    return communication


def letter_words(asked: dict[str, Any], day: date) -> dict[str, str]:
    """The words of the letter, by their names in a template."""
    practice, person, needs = asked["practice"], asked["person"], asked["needs"]
    return {
        "practice-name": practice.get("name") or "",
        "practice-address": "\n".join(practice.get("address") or ()),
        "practice-phone": practice.get("phone") or "",
        "person-name": person.get("name") or "",
        "person-address": "\n".join(person.get("address") or ()),
        "date": f"{day.day} {day:%B %Y}",
        "interpreter": "yes" if needs.get("interpreter") else "",
        "adjustments": "; ".join(needs.get("adjustments") or ()),
    }


def _bodies(letter: Letter, made: datetime) -> list[dict[str, Any]]:
    page, document = letter_html(letter).encode(), letter_pdf(letter, made)
    return [
        {"contentAttachment": {
            "contentType": kind, "language": letter.language, "data": b64encode(body).decode(), "title": letter.title,
            "creation": made.isoformat(),
        }}
        for kind, body in (("text/html", page), ("application/pdf", document))
    ]  # fmt: skip


def _faults_of(words: dict[str, str]) -> list[Attention]:
    found = []
    if not words["practice-phone"]:
        found.append(Attention("phone-missing", "The practice has no telephone number on record to book with."))
    if unprintable("".join(words.values())):
        text = "A name or address has letters that the PDF cannot show. Print the HTML page, or have it written."
        found.append(Attention("name-not-printable", text))
    return found


def _extension(attention: Attention) -> dict[str, Any]:
    return {"url": LETTER_ATTENTION, "extension": [
        {"url": "code", "valueCode": attention.code}, {"url": "text", "valueString": attention.text},
    ]}  # fmt: skip
