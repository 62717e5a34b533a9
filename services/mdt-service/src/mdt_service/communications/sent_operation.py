"""`POST Communication/{id}/$sent`: the practice says that it sent an invitation, which is recorded with the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.invitations.sending import is_invitation, sent
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode
from tandem.fhir.operation_parameters import moment_or_now
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST = 2000


async def mark_sent(call: OperationCall) -> FhirResponse:
    """The Communication as sent at `sent` (dateTime, else now).

    `settled` tells how what needed attention (a translation, another format) was dealt with. Sent already: nothing
    changes, and the Communication is answered. Raises FhirError 400, 404, and 422 as the rules of an invitation say.
    """
    when, settled = moment_or_now(call, "sent"), _settled(call)
    kernel, request, now = call.kernel, call.request, call.kernel.clock.now()
    async with kernel.database.transaction() as connection:
        communication, held = await asked_resource(call, connection, lock=True)
        if not is_invitation(communication):
            raise FhirError(Kind.UNPROCESSABLE, "Only an invitation is recorded as sent by this operation")
        if communication["status"] != "completed":
            communication = await work_of(call, connection, now).put(sent(communication, when, settled))
        entry = audit_entry(
            request, "$sent", to_micros(now), resource_type="Communication", resource_id=held.id, patient=held.patient
        )
        await record(connection, [entry])
    return FhirResponse(200, encode(communication))


def _settled(call: OperationCall) -> str | None:
    value = call.one("settled")
    if value is not None and not (isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST):
        raise FhirError(Kind.BAD_REQUEST, f"settled is a text of 1 to {_LONGEST} characters", expression="settled")
    return value.strip() if value is not None else None
