"""`POST Communication/{id}/$sent`: the practice says that it sent an invitation, which is recorded with the day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mdt_service.domain.invitations.sending import is_invitation, sent
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import decode, encode
from tandem.fhir.kernel import write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.audit import record
from tandem.identity.periods import bounds

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST = 2000


async def mark_sent(call: OperationCall) -> FhirResponse:
    """The Communication as sent at `sent` (dateTime, else now).

    `settled` tells how what needed attention (a translation, another format) was dealt with. Sent already: nothing
    changes, and the Communication is answered. Raises FhirError 400, 404, and 422 as the rules of an invitation say.
    """
    when, settled = _when(call), _settled(call)
    kernel, request, now = call.kernel, call.request, call.kernel.clock.now()
    assert call.id is not None, "declared on the instance"
    factory = kernel.writing.work_factory
    assert factory is not None, "the runtime sets the work factory"
    async with kernel.database.transaction() as connection:
        held = await visible_resource(kernel, connection, request, "Communication", call.id, lock=True)
        if held is not None and held.body is not None:
            communication = decode(held.body)
            if not is_invitation(communication):
                raise FhirError(Kind.UNPROCESSABLE, "Only an invitation is recorded as sent by this operation")
            if communication["status"] != "completed":
                work = factory(
                    connection, write_context(request.caller, request.request_id, request.correlation_id), now
                )
                communication = await work.put(sent(communication, when, settled))
            entry = audit_entry(
                request, "$sent", to_micros(now), resource_type="Communication", resource_id=call.id,
                patient=held.patient,
            )  # fmt: skip
            await record(connection, [entry])
            return FhirResponse(200, encode(communication))
    raise FhirError(Kind.NOT_FOUND, "There is no such Communication")


def _when(call: OperationCall) -> datetime:
    value = call.one("sent")
    if value is None:
        return call.kernel.clock.now()
    try:
        return from_micros(bounds(value)[0])
    except (ValueError, TypeError, AttributeError):
        raise FhirError(Kind.BAD_REQUEST, "sent is a date or an instant such as 2020-07-01") from None


def _settled(call: OperationCall) -> str | None:
    value = call.one("settled")
    if value is not None and not (isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST):
        raise FhirError(Kind.BAD_REQUEST, f"settled is a text of 1 to {_LONGEST} characters")
    return value.strip() if value is not None else None
