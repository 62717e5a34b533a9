"""What the receiver answers to a message at once: the ServiceRequest under the id it was given, and who is answered."""

from __future__ import annotations

from typing import Any

from referral_service.domain.booking_and_referral.codes import BUNDLE_PROFILE, HEADER_PROFILE
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id


def message_answer(message_header: Resource, referral: Resource, base: str) -> Resource:
    """A Bundle of type message whose header responds to the sender's.

    `message_header` needs `id`, `eventCoding` and `reason` of the message. The same message and version of the
    referral give the same answer.
    """
    meta: dict[str, Any] = referral["meta"]
    name = deterministic_id("message-answer", message_header["id"], referral["id"], str(meta["versionId"]))
    header: Resource = {
        "resourceType": "MessageHeader",
        "id": name,
        "meta": {"profile": [HEADER_PROFILE]},
        "eventCoding": message_header["eventCoding"],
        "source": {"name": "Tandem", "endpoint": base},
        "reason": message_header["reason"],
        "response": {"identifier": message_header["id"], "code": "ok"},
        "focus": [{"reference": f"ServiceRequest/{referral['id']}"}],
    }
    return {
        "resourceType": "Bundle",
        "id": deterministic_id("message-answer-bundle", name),
        "meta": {"lastUpdated": meta["lastUpdated"], "profile": [BUNDLE_PROFILE]},
        "type": "message",
        "timestamp": meta["lastUpdated"],
        "entry": [
            {"fullUrl": f"urn:uuid:{name}", "resource": header},
            {"fullUrl": f"{base}/ServiceRequest/{referral['id']}", "resource": referral},
        ],
    }
