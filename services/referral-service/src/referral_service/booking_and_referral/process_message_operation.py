"""`POST $process-message`: a referral as another NHS system sends it (BaRS), taken as a ServiceRequest and Task."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from referral_service.booking_and_referral.message_rows import (
    TakenMessage,
    is_taken,
    keep,
    message_under,
    referral_of_focus,
)
from referral_service.booking_and_referral.targets import target_organisation
from referral_service.domain.booking_and_referral.answered_task import answered_task
from referral_service.domain.booking_and_referral.codes import NEW, RESPONSE
from referral_service.domain.booking_and_referral.focus_shape import focus_shape
from referral_service.domain.booking_and_referral.message import Message, read_message
from referral_service.domain.booking_and_referral.message_answer import message_answer
from referral_service.domain.booking_and_referral.message_headers import (
    MessageEnvelope,
    read_envelope,
    version_is_taken,
)
from referral_service.domain.booking_and_referral.referral_of_message import (
    performers_named,
    referral_of_message,
    sender_named,
)
from referral_service.domain.booking_and_referral.updated_referral import updated_referral
from referral_service.domain.referral_loop import performer_organisation
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.operation_work import put_as_caller, work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import load, load_version
from tandem.gateway.backends import UNNAMED
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import reference_code

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ANSWERED = "tandem.task.answered"
_KIND = "other"
_KNOWN = "This message has been recognised as having already been successfully processed (BaRS, X-Request-ID)"


@dataclass(frozen=True, slots=True)
class _Taking:
    """A message being carried out; `sender` is the code of who sends it, `at` microseconds."""

    call: OperationCall
    connection: Connection
    envelope: MessageEnvelope
    message: Message
    at: int


async def process_message(call: OperationCall) -> FhirResponse:
    """Carry out a message and answer with the ServiceRequest as it is then, in a Bundle of type message.

    The same X-Request-ID with the same body gets the same answer again and changes nothing. Raises FhirError 400 for
    headers and messages that are none, 403 for another organisation's name, 404 for a target or a referral that is not
    known, 406 for another version, 409 for a message that was taken already, 422 where header and focus disagree, for
    an unknown person and for what a rule forbids; then nothing is kept.
    """
    envelope = _envelope(call)
    message = read_message(call.one("resource"))
    _refuse_invalid(call, message.request)
    digest = sha256(call.request.body).hexdigest()
    async with call.kernel.database.transaction() as connection:
        sender = envelope.sender
        await hold(connection, [f"message/{sender}/{envelope.request_id}", f"message/{sender}/{message.id}"])
        known = await message_under(connection, sender, envelope.request_id)
        if known is not None:
            return await _answered_before(call, connection, message, known, digest)
        if await is_taken(connection, sender, message.id):
            raise FhirError(Kind.DUPLICATE, _KNOWN, expression="MessageHeader.id")
        taking = _Taking(call, connection, envelope, message, to_micros(call.kernel.clock.now()))
        referral = await _carry_out(taking)
        focus = message.request.get("id")
        taken = TakenMessage(
            envelope.request_id, message.id, digest, message.event, message.reason,
            focus if isinstance(focus, str) else None, referral["id"], int(referral["meta"]["versionId"]),
        )  # fmt: skip
        await keep(connection, sender, taken, taking.at)
    return _answer(call, message, referral)


def _refuse_invalid(call: OperationCall, request: Resource) -> None:
    """What is read from the focus is a ServiceRequest of R4, also where it is not stored as it came."""
    issues = call.kernel.validator.validate(focus_shape(request))
    if issues:
        raise FhirError(Kind.INVALID, issues=issues[:100])


def _envelope(call: OperationCall) -> MessageEnvelope:
    headers = call.request.headers
    if not version_is_taken(headers.get("accept", "")):
        raise FhirError(Kind.NOT_ACCEPTABLE, "Version 1 of the booking and referral standard is spoken here")
    envelope, faults = read_envelope(headers, headers.get(UNNAMED, "").split(","))
    if envelope is None:
        raise FhirError(Kind.BAD_REQUEST, issues=faults)
    caller = call.request.caller
    if not caller.sees_all and envelope.sender != caller.organisation:
        text = "NHSD-End-User-Organisation is the organisation that the token was given to"
        raise FhirError(Kind.FORBIDDEN, issues=[Issue(text, "http.nhsd-end-user-organisation")])
    return envelope


async def _answered_before(
    call: OperationCall, connection: Connection, message: Message, known: TakenMessage, digest: str
) -> FhirResponse:
    if known.digest != digest:
        text = "Another message was sent under this X-Request-ID: every message has its own (BaRS, X-Request-ID)"
        raise FhirError(Kind.CONFLICT, text, expression="http.x-request-id")
    row = await load_version(connection, "ServiceRequest", known.referral, known.version)
    assert row is not None, "the log keeps every version"
    return _answer(call, message, decode(bytes(row["body"])))


def _answer(call: OperationCall, message: Message, referral: Resource) -> FhirResponse:
    return FhirResponse(200, encode(message_answer(message.header, referral, call.kernel.base)))


async def _carry_out(taking: _Taking) -> Resource:
    named = sender_named(taking.message)
    if named is not None and named != taking.envelope.sender:
        text = "MessageHeader.sender is another organisation than NHSD-End-User-Organisation"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="MessageHeader.sender")
    if taking.message.event == RESPONSE:
        return await _answer_of_performer(taking)
    return await (_new(taking) if taking.message.reason == NEW else _changed(taking))


async def _new(taking: _Taking) -> Resource:
    """A referral that is sent to a service of an organisation known here."""
    connection, message = taking.connection, taking.message
    target = await _target(taking)
    resource_id = taking.call.kernel.ids.new()
    sender, performer = await reference_to(connection, taking.envelope.sender), await reference_to(connection, target)
    referral = referral_of_message(message, resource_id, sender, performer, _KIND)
    referral.setdefault("authoredOn", to_instant(taking.call.kernel.clock.now()))
    return await put_as_caller(taking.call, connection, referral)


async def _target(taking: _Taking) -> str:
    target = await target_organisation(taking.connection, *taking.envelope.target)
    if target is None:
        text = "No service known here has the identifier of NHSD-Target-Identifier (BaRS, NHSD-Target-Identifier)"
        raise FhirError(Kind.NOT_FOUND, issues=[Issue(text, "http.nhsd-target-identifier", "not-found")])
    others = [code for code in performers_named(taking.message) if code != target]
    if others:
        text = "The message is for another organisation than the target of NHSD-Target-Identifier: a wrong target"
        raise FhirError(
            Kind.UNPROCESSABLE, f"{text} (BaRS, NHSD-Target-Identifier)", expression="ServiceRequest.performer"
        )
    return target


async def _changed(taking: _Taking) -> Resource:
    """An update or a cancellation by whoever sent the referral."""
    focus, sender = taking.message.request.get("id"), taking.envelope.sender
    found = await referral_of_focus(taking.connection, sender, focus) if isinstance(focus, str) else None
    stored = await load(taking.connection, "ServiceRequest", found) if found is not None else None
    if stored is None or stored.body is None:
        raise _no_referral()
    return await put_as_caller(taking.call, taking.connection, updated_referral(decode(stored.body), taking.message))


async def _answer_of_performer(taking: _Taking) -> Resource:
    """The performer's answer moves the Task; the referral follows it."""
    focus = str(taking.message.request.get("id") or "")
    stored = await load(taking.connection, "ServiceRequest", focus)
    held: Resource = decode(stored.body) if stored is not None and stored.body is not None else {}
    performer = performer_organisation(held)
    sender = taking.envelope.sender
    if stored is None or performer is None or await _code(taking.connection, performer) != sender:
        raise _no_referral()
    task = await taking.connection.fetchval("SELECT task FROM referral_loop WHERE request = $1", focus)
    if task is None:
        raise _no_referral()
    answer = answered_task(task, taking.message.request)
    work = work_of(taking.call, taking.connection, taking.call.kernel.clock.now())
    await work.emit(ANSWERED, answer, key=f"{sender}/{taking.message.id}", patient=stored.patient)
    return held


def _no_referral() -> FhirError:
    text = (
        "No referral that this organisation sent, or is to answer, has the identifier of the message's ServiceRequest"
    )
    return FhirError(Kind.NOT_FOUND, issues=[Issue(text, "ServiceRequest.id", "not-found")])


async def _code(connection: Connection, reference: dict[str, Any]) -> str | None:
    named = reference_code(reference)
    organisation = await organisation_named(connection, named) if named is not None else None
    return organisation.code if organisation is not None else named
