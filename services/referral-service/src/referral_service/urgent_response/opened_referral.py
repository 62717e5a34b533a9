"""The referral that an eligible assessment opens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from referral_service.domain.urgent_response.eligibility import Assessed, EligibilityPolicy
from tandem.canonical import REFERRAL_KIND, URGENT_RESPONSE_NEED, URGENT_RESPONSE_PURPOSE
from tandem.clock import to_instant
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named
from tandem.fhir.body import Resource
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit_event import organisation_reference

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TITLES = {"crisis-response": "Crisis response within two hours", "reablement": "Reablement within two days"}


async def open_referral(
    call: OperationCall, connection: Connection, patient: str, found: Assessed, policy: EligibilityPolicy,
    identity: str, now: datetime,
) -> None:  # fmt: skip
    """Write the ServiceRequest, with the rights of the caller and by the rules of referrals.

    Raises FhirError 400, 422 without a performer or for one that is not known here, 403.
    """
    if call.one("performer") is None:
        text = f"Whoever is eligible is referred: give performer, the organisation that responds ({policy.source})"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="performer")
    code = await resolved(connection, call.one("performer"), "performer")
    performer = await organisation_named(connection, code)
    if performer is None:
        text = "performer names an organisation that is not known here (docs/urgent-response.md)"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="performer")
    asked = organisation_reference(code) | ({"display": performer.name} if performer.name else {})
    await put_as_caller(call, connection, _request(call, patient, found, policy, identity, now, asked))


def _request(
    call: OperationCall, patient: str, found: Assessed, policy: EligibilityPolicy, identity: str, now: datetime,
    performer: dict[str, Any],
) -> Resource:  # fmt: skip
    titles = {word.code: word.title for word in (*policy.purposes, *policy.needs)}
    reasons = [(URGENT_RESPONSE_PURPOSE, each) for each in found.purposes]
    reasons += [(URGENT_RESPONSE_NEED, each) for each in found.needs]
    return {
        "resourceType": "ServiceRequest", "id": identity, "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": found.referral}]}],
        "priority": "urgent", "code": {"text": _TITLES[found.referral]},
        "subject": {"reference": f"Patient/{patient}"}, "authoredOn": to_instant(now),
        "requester": organisation_reference(call.request.caller.organisation), "performer": [performer],
        "reasonCode": [
            {"coding": [{"system": system, "code": code, "display": titles[code]}]} for system, code in reasons
        ],
    }  # fmt: skip
