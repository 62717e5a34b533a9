"""A referral as a message to another NHS system: the reverse of what comes in."""

from __future__ import annotations

import base64
import json
from typing import Any

from referral_service.domain.booking_and_referral.codes import (
    BUNDLE_PROFILE,
    CATEGORY,
    EVENT_SYSTEM,
    HEADER_PROFILE,
    NEW,
    REASON_SYSTEM,
    REFERRAL,
    REQUEST,
    UPDATE,
)
from tandem.canonical import NHS_NUMBER
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id

_CONVENTIONS = "https://fhir.nhs.uk/StructureDefinition/BARSServiceRequest-request-referral"


def message_of_referral(
    referral: Resource, nhs_number: str, sender: dict[str, Any], receiver: dict[str, Any], base: str
) -> Resource:
    """A Bundle of type message. `sender` and `receiver` are Organizations with id, identifier and name.

    The same version of the referral gives the same message: version 1 is new, later ones update, and a revoked one
    cancels. The person goes along as an NHS number alone; the receiver traces the rest.
    """
    version = str(referral["meta"]["versionId"])
    name = deterministic_id("referral-message", referral["id"], version)
    person = {"resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": nhs_number}]}
    others = {"patient": person, "sender": sender, "receiver": receiver}
    urls = {part: f"urn:uuid:{deterministic_id(name, part)}" for part in ("header", "request", *others)}
    request = _request(referral, urls)
    reason = NEW if version == "1" and request["status"] == "active" else UPDATE
    header: Resource = {
        "resourceType": "MessageHeader",
        "id": name,
        "meta": {"profile": [HEADER_PROFILE]},
        "eventCoding": {"system": EVENT_SYSTEM, "code": REQUEST},
        "destination": [{"endpoint": urls["receiver"], "receiver": {"reference": urls["receiver"]}}],
        "sender": {"reference": urls["sender"]},
        "source": {"name": "Tandem", "endpoint": base},
        "reason": {"coding": [{"system": REASON_SYSTEM, "code": reason}]},
        "focus": [{"reference": urls["request"]}],
    }
    entries = [("header", header), ("request", request), *others.items()]
    return {
        "resourceType": "Bundle",
        "id": deterministic_id("referral-message-bundle", name),
        "meta": {"lastUpdated": referral["meta"]["lastUpdated"], "profile": [BUNDLE_PROFILE]},
        "type": "message",
        "timestamp": referral["meta"]["lastUpdated"],
        "entry": [{"fullUrl": urls[part], "resource": resource} for part, resource in entries],
    }


def message_headers(referral: Resource, sender: dict[str, Any], target: dict[str, str]) -> dict[str, str]:
    """The HTTP headers to send it with; the request identifier is the same for the same version."""
    version = str(referral["meta"]["versionId"])
    software = {"resourceType": "Device", "deviceName": [{"name": "Tandem", "type": "manufacturer-name"}]}
    return {
        "X-Request-ID": deterministic_id("referral-message-request", referral["id"], version),
        "X-Correlation-ID": deterministic_id("referral-message-correlation", referral["id"]),
        "NHSD-End-User-Organisation": _encoded(sender),
        "NHSD-Requesting-Software": _encoded(software),
        "NHSD-Target-Identifier": _encoded(target),
    }


def _encoded(value: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def _request(referral: Resource, urls: dict[str, str]) -> Resource:
    """The ServiceRequest with the references of the message; `intent` is plan, as the standard fixes it."""
    status = referral["status"] if referral["status"] in ("active", "entered-in-error") else "revoked"
    category = [{"coding": [{"system": CATEGORY, "code": REFERRAL}]}]
    category += [each for each in referral.get("category") or () if each not in category]
    return {
        **{name: value for name, value in referral.items() if name != "meta"},
        "meta": {"profile": [_CONVENTIONS]}, "status": status, "intent": "plan", "category": category,
        "subject": {"reference": urls["patient"]}, "requester": {"reference": urls["sender"]},
        "performer": [{"reference": urls["receiver"]}],
    }  # fmt: skip
