"""A carer who is recorded is offered to be signposted to local support (AC-051, AC-064; 000 §4.12 r6 b3, b8).

It does not matter who recorded it, practice or community provider. One stay on the list of carers opens one offer.
"""

from __future__ import annotations

from typing import Final

from tandem.canonical import REFERRAL_KIND
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id

CARERS: Final = "carers"
"""The cohort of people recorded as carers."""
NO_LONGER: Final = "The person is no longer recorded as a carer"


def signposting_id(residency: str) -> str:
    """The id of the offer for one stay on the list."""
    return deterministic_id("carer-signposting", residency)


def signposting_offer(residency: str, patient: str, since: str) -> Resource:
    """The offer; `since` is the day from which the person is on the list."""
    return {
        "resourceType": "ServiceRequest",
        "id": signposting_id(residency),
        "status": "active",
        "intent": "proposal",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "carer-support"}]}],
        "code": {"text": "Signposting to local support for carers"},
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": since,
    }
