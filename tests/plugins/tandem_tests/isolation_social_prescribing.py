"""Offers and social prescribing: rows of `isolation_operations`, about an offer of the practice."""

from __future__ import annotations

from tandem.canonical import REFERRAL_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place

_OFFER = "social-prescribing-offer"


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice offers the person social prescribing."""
    made = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "proposal", "subject": place.here.subject,
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "social-prescribing"}]}],
    })  # fmt: skip
    place.kept[_OFFER] = made["id"]


async def _case(asking: Asking) -> str:
    return await asking.get(f"ServiceRequest/{asking.place.kept[_OFFER]}/$social-prescribing")


async def _answer(asking: Asking) -> str:
    """Accepted with nobody to ask: refused, so that it stays open for the next."""
    return await asking.post(f"ServiceRequest/{asking.place.kept[_OFFER]}/$answer-offer", ("answer", "accepted"))


OPERATIONS["GET ServiceRequest/[id]/$social-prescribing"] = _case
OPERATIONS["POST ServiceRequest/[id]/$answer-offer"] = _answer
