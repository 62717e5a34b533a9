"""The Communication of a `tandem.notice.requested`: professionals are told something about a person (PCPC-068).

http://hl7.org/fhir/R4/communication.html
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource

_NOTIFICATION = {
    "system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "notification",
    "display": "Notification",
}  # fmt: skip


def requested_notice(asked: dict[str, Any], patient: str) -> Resource:
    """The Communication, made and given in one.

    `asked` holds `communication` (the id), `about` (a reference), `topic`, `text`, `recipient` (References), `sender`
    (a Reference) and `sent` (instant).
    """
    return {
        "resourceType": "Communication",
        "id": asked["communication"],
        "status": "completed",
        "category": [{"coding": [_NOTIFICATION]}],
        "subject": {"reference": f"Patient/{patient}"},
        "topic": {"text": asked["topic"]},
        "about": [{"reference": asked["about"]}],
        "sent": asked["sent"],
        "recipient": asked["recipient"],
        "sender": asked["sender"],
        "payload": [{"contentString": asked["text"]}],
    }
