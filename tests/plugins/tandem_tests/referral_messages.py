"""Messages of the booking and referral standard as an NHS system sends them."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import httpx

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource

DOS = "https://fhir.nhs.uk/Id/dos-service-id"


def encoded(value: Any) -> str:
    """Base64 of JSON, as the NHSD headers carry it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def headers_of(sender: dict[str, Any], target: dict[str, str], **more: str) -> dict[str, str]:
    """The headers of a message. `sender` and `target` are Identifiers."""
    organisation = {"resourceType": "Organization", "identifier": [sender], "name": "Sender"}
    return {
        "X-Request-ID": str(uuid4()), "X-Correlation-ID": str(uuid4()),
        "NHSD-End-User-Organisation": encoded(organisation),
        "NHSD-Requesting-Software": encoded({"resourceType": "Device", "deviceName": [{"name": "Patient Manager"}]}),
        "NHSD-Target-Identifier": encoded(target), "use-context": "a4t3|referral|new|other", **more,
    }  # fmt: skip


def message(
    nhs_number: str, sender: dict[str, Any], receiver: dict[str, Any], *, reason: str = "new", status: str = "active",
    event: str = "servicerequest-request", focus: str | None = None, **request: Any,
) -> Resource:  # fmt: skip
    """A message about one person; `focus` is the id of the ServiceRequest, `request` more of it."""
    urls = {
        name: f"urn:uuid:{uuid4()}" for name in ("header", "request", "patient", "sender", "receiver", "flag", "role")
    }
    resources: dict[str, Resource] = {
        "header": {
            "resourceType": "MessageHeader", "id": str(uuid4()),
            "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars", "code": event},
            "destination": [{"endpoint": urls["receiver"], "receiver": {"reference": urls["receiver"]}}],
            "sender": {"reference": urls["sender"]}, "source": {"name": "999", "endpoint": "R000:1"},
            "reason": {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/message-reason-bars", "code": reason}]},
            "focus": [{"reference": urls["request"]}],
        },
        "request": {
            "resourceType": "ServiceRequest", "id": focus or str(uuid4()), "status": status, "intent": "plan",
            "meta": {"versionId": "1", "profile": ["https://fhir.nhs.uk/StructureDefinition/BARSServiceRequest-request-referral"]},
            "category": [{"coding": [
                {"system": "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest", "code": "referral"},
                {"system": "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars", "code": "a4t3"},
            ]}],
            "subject": {"reference": urls["patient"]}, "requester": {"reference": urls["role"]},
            "performer": [{"reference": urls["receiver"]}], "authoredOn": "2020-07-01T08:30:00+01:00",
            "occurrencePeriod": {"start": "2020-07-01T08:30:00+01:00"},
            "reasonCode": [{"text": "Fell in the kitchen, no injury"}], **request,
        },
        "patient": {
            "resourceType": "Patient", "name": [{"family": "Jones"}],
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number}],
        },
        "sender": {"resourceType": "Organization", "identifier": [sender], "name": "Sender"},
        "receiver": {"resourceType": "Organization", "identifier": [receiver], "name": "Receiver"},
        "role": {
            "resourceType": "PractitionerRole", "organization": {"reference": urls["sender"]},
            "practitioner": {"display": "M. Blake"},
        },
        "flag": {
            "resourceType": "Flag", "status": "active", "subject": {"reference": urls["patient"]},
            "code": {"text": "Key in the safe by the door"},
        },
    }  # fmt: skip
    return {
        "resourceType": "Bundle", "id": str(uuid4()), "type": "message", "timestamp": "2020-07-01T08:30:00+01:00",
        "entry": [{"fullUrl": urls[name], "resource": resource} for name, resource in resources.items()],
    }  # fmt: skip


async def send(client: FhirClient, body: Resource, headers: dict[str, str]) -> httpx.Response:
    """POST it."""
    return await client.request("POST", "$process-message", body, **headers)


def referral_in(answer: Resource) -> Resource:
    """The ServiceRequest of an answered message."""
    (found,) = [each["resource"] for each in answer["entry"] if each["resource"]["resourceType"] == "ServiceRequest"]
    assert isinstance(found, dict)
    return found
