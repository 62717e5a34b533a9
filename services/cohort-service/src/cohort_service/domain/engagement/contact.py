"""What a Communication says of a contact with somebody about a list (ECD-043, ECD-044, ECD-054).

A contact is a Communication that is completed, has `sent`, and is `about` the Group of the list. Its `medium` says how
(http://hl7.org/fhir/R4/communication.html; https://terminology.hl7.org/CodeSystem-v3-ParticipationMode.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.fhir.body import Resource

CHANNELS: Final = ("letter", "text", "call", "email", "face-to-face", "other")
OUTCOMES: Final = ("attended", "declined", "did-not-attend")
"""What became of an invitation; who declined is not contacted again about that list."""

_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_BY_MODE = {
    "WRITTEN": "letter", "MAILWRIT": "letter", "TYPEWRIT": "letter", "HANDWRIT": "letter", "SMSWRIT": "text",
    "PHONE": "call", "VERBAL": "call", "EMAILWRIT": "email", "PHYSICAL": "face-to-face", "FACE": "face-to-face",
    "VIDEOCONF": "face-to-face",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """`group` is the id of the list's Group, `sent` the FHIR dateTime of the contact."""

    group: str
    channel: str
    sent: str


def contact_of(communication: Resource | None) -> Contact | None:
    """None for a Communication that did not happen (yet), or is about no list."""
    if communication is None or communication.get("status") != "completed" or not communication.get("sent"):
        return None
    about = [str(each.get("reference") or "") for each in communication.get("about") or ()]
    group = next((each.removeprefix("Group/") for each in about if each.startswith("Group/")), None)
    return None if group is None else Contact(group, _channel(communication), str(communication["sent"]))


def _channel(communication: Resource) -> str:
    codings = [coding for each in communication.get("medium") or () for coding in each.get("coding") or ()]
    named = (_BY_MODE.get(str(each.get("code"))) for each in codings if each.get("system") == _MODES)
    return next((each for each in named if each is not None), "other")
