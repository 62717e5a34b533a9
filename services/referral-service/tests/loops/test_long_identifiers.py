"""Identifiers of any length, as R4 allows: PostgreSQL refuses index entries over 2,704 bytes."""

from __future__ import annotations

import random
import string
from typing import Any

import pytest

from referral_service.booking_and_referral.address_listener import keep_addresses
from referral_service.booking_and_referral.targets import target_organisation
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import SmallWork, written_event

PRACTICE = Caller("A00001")
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=9_000))
"""Nothing that a database could compress."""
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
    "subject": {"reference": "Patient/p1"}, "basedOn": [{"reference": "CarePlan/c1"}],
    "performer": [{"reference": "Organization/charity"}],
}  # fmt: skip


async def test_a_long_business_identifier_is_of_one_referral(work: SmallWork) -> None:
    await work.write(REQUEST | {"identifier": [{"system": LONG, "value": LONG}]}, PRACTICE)
    await work.write(REQUEST | {"priority": "urgent", "identifier": [{"system": LONG, "value": LONG}]}, PRACTICE)
    await work.write(REQUEST | {"id": "s2", "identifier": [{"system": LONG, "value": f"{LONG}2"}]}, PRACTICE)
    with pytest.raises(FhirError):
        await work.write(REQUEST | {"id": "s3", "identifier": [{"system": LONG, "value": LONG}]}, PRACTICE)


async def test_a_service_with_a_long_identifier_can_be_addressed(work: SmallWork) -> None:
    provider = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RX001"}}
    service = {
        "resourceType": "HealthcareService", "id": "h1", "providedBy": provider,
        "identifier": [{"system": LONG, "value": LONG}],
    }  # fmt: skip
    await keep_addresses(written_event(service, None, version=1), work)
    organisation = {
        "resourceType": "Organization", "id": "o1", "identifier": [provider["identifier"]], "name": "Trust",
    }  # fmt: skip
    await work.hear(written_event(organisation, None, version=1))
    assert await target_organisation(work.connection, LONG, LONG) == "RX001"
    assert await target_organisation(work.connection, LONG, f"{LONG}2") is None


@pytest.mark.parametrize("element", ["performer", "requester"])
async def test_an_organisation_with_a_long_identifier_may_ask_and_be_asked(work: SmallWork, element: str) -> None:
    named: Any = {"type": "Organization", "identifier": {"system": LONG, "value": LONG}}
    await work.write(REQUEST | {element: [named] if element == "performer" else named}, PRACTICE)
    column = "owner" if element == "performer" else "requester"
    assert await work.connection.fetchval(f"SELECT {column} FROM referral_loop")
