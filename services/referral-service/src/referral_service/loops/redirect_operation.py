"""`POST ServiceRequest/[id]/$redirect`: another organisation is asked instead, or the same again after it said no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from referral_service.domain.ended_reason import REDIRECTED, with_reason, without_reason
from referral_service.domain.loop_state import PARTLY_DONE, UNANSWERED
from referral_service.domain.referral_loop import OVER, performer_organisation
from referral_service.domain.urgent_response.clock_rule import without_receipt
from referral_service.loops.known_performer import performer_is_known
from referral_service.loops.loop_rows import loop_of
from referral_service.loops.requester import code_of_reference
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.changed_since import check_version
from tandem.fhir.etag import version_headers
from tandem.fhir.kernel import check_scope
from tandem.fhir.operation_parameters import only, required_short_text
from tandem.fhir.operation_work import put_as_caller, work_of
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisations import reference_code

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_SOURCE: Final = "(000 §4.12 r6; docs/referrals.md)"
_NOT_COPIED: Final = frozenset({"id", "meta", "text", "replaces", "performer", "authoredOn", "status"})


async def redirect(call: OperationCall) -> FhirResponse:
    """The request is revoked with the `reason`, and a new one replaces it, sent to `performer`: 201 with the new one.

    `performer` is a Reference to an organisation: another one, or after a rejection, or for the rest of what was done
    in part, the same again. Business identifiers go to the new request. Takes If-Match. Raises FhirError 400, 403, 404,
    412, 422.
    """
    only(call, ("performer", "reason"))
    performer, reason = call.one("performer"), required_short_text(call, "reason")
    if not isinstance(performer, dict) or organisation_named(performer) is None:
        raise FhirError(Kind.BAD_REQUEST, "performer is a Reference to an organisation", expression="performer")
    # It makes a new request too.
    check_scope(call.request.caller, "ServiceRequest", "c")
    kernel, request, now = call.kernel, call.request, call.kernel.clock.now()
    async with kernel.database.transaction() as connection:
        older, stored = await asked_resource(call, connection, lock=True)
        await check_version(kernel, connection, request, stored)
        await _check_open(connection, older, performer)
        asked_for = without_receipt(without_reason(older))
        newer: Resource = {
            **{name: value for name, value in asked_for.items() if name not in _NOT_COPIED},
            "id": kernel.ids.new(), "status": "active", "performer": [performer], "authoredOn": to_instant(now),
            "replaces": [{"reference": f"ServiceRequest/{older['id']}"}],
        }  # fmt: skip
        await performer_is_known(work_of(call, connection, now), newer)
        await put_as_caller(call, connection, with_reason(older, REDIRECTED, reason))
        kept = await put_as_caller(call, connection, newer)
        entry = audit_entry(
            request,
            "$redirect",
            to_micros(now),
            resource_type="ServiceRequest",
            resource_id=call.id,
            patient=stored.patient,
        )
        await record(connection, [entry])
    headers: dict[str, str] = version_headers(1, to_micros(now))
    headers["Location"] = f"{kernel.base}/ServiceRequest/{kept['id']}/_history/1"
    return FhirResponse(201, encode(kept), headers)


async def _check_open(connection: Connection, older: Resource, performer: dict[str, Any]) -> None:
    """Raises FhirError 422 for a referral that has ended, a record, and one that asks this organisation already."""
    status, loop = str(older.get("status")), await loop_of(connection, str(older["id"]))
    if status in OVER:
        raise _refused(f"A referral that is {status} is not redirected: what has ended stays ended")
    if loop is None:
        raise _refused("A record is not redirected: it claims no kind of referral and is based on no plan")
    asked = reference_code(performer_organisation(older))
    named = reference_code(performer)
    if asked is None or named is None or loop.stands in (UNANSWERED, PARTLY_DONE):
        return
    if await code_of_reference(connection, asked) == await code_of_reference(connection, named):
        raise _refused("This organisation is asked already and has not said no: chase it, or name another")


def _refused(text: str) -> FhirError:
    return FhirError(Kind.BUSINESS_RULE, f"{text} {_SOURCE}", expression="ServiceRequest.status")
