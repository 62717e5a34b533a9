"""`GET ServiceRequest/{id}/$referral-message`: a referral as the message by which it leaves, with its HTTP headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.domain.booking_and_referral.codes import DOS_SERVICE
from referral_service.domain.booking_and_referral.message_of_referral import message_headers, message_of_referral
from referral_service.domain.referral_loop import performer_organisation
from tandem.database.connection import Connection
from tandem.directory.queries import DirectoryOrganisation, organisation_named
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit_event import organisation_reference
from tandem.identity.organisations import reference_code

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def referral_message(call: OperationCall) -> FhirResponse:
    """Answers `message` (the Bundle) and a `header` for each HTTP header to send it with.

    Raises FhirError 404, 422 for a referral that names no organisation known here as its performer and one about nobody
    with an NHS number.
    """
    only(call, ())
    async with call.kernel.database.read() as connection:
        referral, held = await asked_resource(call, connection)
        receiver = await _organisation(connection, performer_organisation(referral))
        if receiver is None:
            rule = "A message needs a performer: an organisation that is known here"
            raise FhirError(Kind.BUSINESS_RULE, rule, expression="ServiceRequest.performer")
        number = await _nhs_number(connection, held.patient)
        if number is None:
            rule = "A message names the person by NHS number, and this person has none"
            raise FhirError(Kind.BUSINESS_RULE, rule, expression="ServiceRequest.subject")
        author = held.author or call.request.caller.organisation
        asked_by = await _organisation(connection, referral.get("requester"))
        own = _resource(asked_by or await organisation_named(connection, author), author)
        target = await _target(connection, receiver.code)
    message = message_of_referral(referral, number, own, _resource(receiver, receiver.code), call.kernel.base)
    headers = message_headers(referral, own, target)
    bundle: Parameter = {"name": "message", "resource": message}
    named = (parts("header", [text("name", name), text("value", value)]) for name, value in headers.items())
    return answer([bundle, *named])


async def _organisation(connection: Connection, reference: dict[str, Any] | None) -> DirectoryOrganisation | None:
    code = reference_code(reference)
    return await organisation_named(connection, code) if code is not None else None


def _resource(organisation: DirectoryOrganisation | None, code: str) -> Resource:
    identifier = organisation_reference(organisation.code if organisation is not None else code)["identifier"]
    made: Resource = {"resourceType": "Organization", "identifier": [identifier]}
    if organisation is not None and organisation.name:
        made["name"] = organisation.name
    return made


async def _nhs_number(connection: Connection, patient: str | None) -> str | None:
    number: str | None = await connection.fetchval("SELECT nhs_number FROM patient WHERE id = $1", patient)
    return number


async def _target(connection: Connection, receiver: str) -> dict[str, str]:
    """The address of a service of the receiver, else the receiver itself."""
    row = await connection.fetchrow(
        "SELECT system, value FROM message_address WHERE organisation = $1 ORDER BY system <> $2, value LIMIT 1",
        receiver, DOS_SERVICE,
    )  # fmt: skip
    if row is not None:
        return {"system": row["system"], "value": row["value"]}
    identifier: dict[str, str] = organisation_reference(receiver)["identifier"]
    return identifier
