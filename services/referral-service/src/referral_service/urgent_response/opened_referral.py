"""The referral that an eligible assessment opens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from referral_service.domain.urgent_response.eligibility import Assessed, EligibilityPolicy
from tandem.canonical import REFERRAL_KIND, URGENT_RESPONSE_NEED, URGENT_RESPONSE_PURPOSE
from tandem.clock import to_instant
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named as held_organisation
from tandem.fhir.body import Resource
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit_event import organisation_reference
from tandem.identity.organisations import organisation_code

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
    asked = await _performer(connection, call.one("performer"))
    await put_as_caller(call, connection, _request(call, patient, found, policy, identity, now, asked))


async def _performer(connection: Connection, given: Any) -> dict[str, Any]:
    """The Reference to the organisation, with its name when that is known here. The loop refuses one nobody knows."""
    if isinstance(given, str):
        literal = given.startswith("Organization/")
        try:
            given = {"reference": given} if literal else organisation_reference(organisation_code(given))
        except ValueError:
            given = None
    code = organisation_named(given)
    if code is None:
        wanted = "performer is a Reference, Organization/[id] or a code"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression="performer")
    found = await held_organisation(connection, code)
    named = {"display": found.name} if found is not None and found.name else {}
    return (organisation_reference(found.code) if found is not None else given) | named


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
