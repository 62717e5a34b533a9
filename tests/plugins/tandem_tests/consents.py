"""Consents of the two categories of our own, and people who ask for themselves."""

from __future__ import annotations

from typing import Any

import httpx

from tandem.canonical import CONSENT_CATEGORY
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.running import EmbeddedTandem

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def consent(patient: str, category: str, status: str = "active", **more: Any) -> Resource:
    """A Consent of a Patient id; `provision` and `dateTime` come with `more`."""
    return {
        "resourceType": "Consent", "status": status, "patient": {"reference": f"Patient/{patient}"},
        "scope": {"coding": [{"system": f"{_TERMINOLOGY}/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": category}]}],
        "policyRule": {"coding": [{"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "OPTIN"}]}, **more,
    }  # fmt: skip


def summary_consent(patient: str, answer: str = "permit", on: str = "2020-06-30", **more: Any) -> Resource:
    """What the person answered when asked to share the enriched summary: `permit` or `deny`."""
    return consent(patient, "enriched-summary", dateTime=on, **{"provision": {"type": answer}, **more})


def carers_part(patient: str, carer: str, answer: str = "permit", **provision: Any) -> Resource:
    """The person lets a RelatedPerson (its id) take part, or does not."""
    role = {"coding": [{"system": f"{_TERMINOLOGY}/v3-RoleCode", "code": "DELEGATEE"}]}
    actor = {"role": role, "reference": {"reference": f"RelatedPerson/{carer}"}}
    given = {"type": answer, "actor": [actor], **provision}
    return consent(patient, "carers-part", dateTime="2020-06-30", provision=given)


async def carer_of(client: FhirClient, patient: str, name: str = "Bea", **more: Any) -> str:
    """Somebody related to the person: RelatedPerson.id."""
    made = await client.create({
        "resourceType": "RelatedPerson", "active": True, "patient": {"reference": f"Patient/{patient}"},
        "name": [{"text": name}], **more,
    })  # fmt: skip
    return str(made["id"])


def person_client(
    http: httpx.AsyncClient, system: EmbeddedTandem, organisation: str, user: str, **claims: Any
) -> FhirClient:
    """A client of a patient or carer (`Patient/1`), whose token was issued for an organisation's code."""
    return FhirClient(http, system.url, system.token(organisation, user=user, **claims))


async def withdraw(client: FhirClient, made: Resource) -> None:
    """The Consent is taken back."""
    await client.patch(f"Consent/{made['id']}", [{"op": "replace", "path": "/status", "value": "inactive"}])
