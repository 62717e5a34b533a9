"""Somebody who needs extra support for a suspected cancer referral is referred to social prescribing as well.

000 §6.11 2023/24 ref2 (ECD-040): signposted to the link workers of the network. Asked for in an earlier year it is
raised just so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from tandem.canonical import EXTRA_SUPPORT, REFERRAL_KIND, SNOMED_CT
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of, text_of
from tandem.ids import deterministic_id

_SOCIAL_PRESCRIBING: Final = [
    {"system": SNOMED_CT, "code": "871731000000106", "display": "Referral to social prescribing service"}
]


def needs_support(request: Resource | None) -> bool:
    """Whether the referral is flagged so."""
    return text_of(parts_of(request, EXTRA_SUPPORT), "need") is not None


def performer_given(request: Resource) -> dict[str, Any] | None:
    """The organisation that is to support, when the flag names one."""
    given = next(iter((parts_of(request, EXTRA_SUPPORT) or {}).get("performer", ())), None)
    return given if isinstance(given, dict) else None


def support_id(request_id: str) -> str:
    """The id of the one request for support that a referral raises."""
    return deterministic_id("ServiceRequest", "extra-support", request_id)


def support_request(request: Resource, performer: dict[str, Any], now: datetime) -> Resource:
    """The ServiceRequest to a link worker's organisation, based on the referral."""
    need = text_of(parts_of(request, EXTRA_SUPPORT), "need")
    made: Resource = {
        "resourceType": "ServiceRequest", "id": support_id(str(request["id"])), "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "social-prescribing"}]}],
        "code": {"coding": _SOCIAL_PRESCRIBING}, "subject": request["subject"], "performer": [performer],
        "basedOn": [{"reference": f"ServiceRequest/{request['id']}"}], "authoredOn": to_instant(now),
        "reasonCode": [{"text": f"Support with a referral: {need}"}],
    }  # fmt: skip
    return made | ({"requester": request["requester"]} if "requester" in request else {})
