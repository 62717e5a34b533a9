"""A request that replaces another one: the older is revoked, so that one of a chain is active at a time.

FHIR lets `replaces` name requests that have ended; a client that forgets to end the older one means the same.
http://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.replaces
"""

from __future__ import annotations

from collections.abc import Sequence

from referral_service.domain.ended_reason import REPLACED, with_reason
from referral_service.domain.referral_loop import OVER
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.outcome import FhirError, Kind
from tandem.service import Work

_ANOTHER_PERSON = (
    "A referral replaces referrals of the same person only (http://hl7.org/fhir/R4/servicerequest-definitions.html"
    "#ServiceRequest.replaces)"
)  # fmt: skip
_DONE = "A referral that was completed is not replaced: what was done stays done (docs/referrals.md)"


async def replaced_requests(work: Work, request: Resource, patient: str) -> list[str]:
    """The ids of the requests that it replaces and that are held here.

    Raises FhirError 422 for one that is about another person.
    """
    found = []
    for each in target_ids(request.get("replaces"), "ServiceRequest"):
        row = await work.connection.fetchrow(
            "SELECT patient, deleted FROM resource WHERE type = 'ServiceRequest' AND id = $1", each
        )
        if row is None or each == request["id"]:
            continue
        if row["patient"] != patient:
            raise FhirError(Kind.BUSINESS_RULE, _ANOTHER_PERSON, expression="ServiceRequest.replaces")
        found.append(each)
    return found


async def revoke_replaced(work: Work, request: Resource, replaced: Sequence[str]) -> None:
    """Revoke what the request replaces, once it is there itself and asks for something.

    Raises FhirError 422 when that was completed.
    """
    if request.get("status") in OVER or request.get("status") == "draft":
        return
    for each in replaced:
        older = await work.read("ServiceRequest", each)
        if older is None or older.get("status") in ("revoked", "entered-in-error"):
            continue
        if older.get("status") == "completed":
            raise FhirError(Kind.BUSINESS_RULE, _DONE, expression="ServiceRequest.replaces")
        await work.put(with_reason(older, REPLACED, None))
