"""`POST Appointment/{id}/$outcome`: what came of an appointment, which everybody who took part reads (PCPC-039)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.appointments.appointment_transitions import TRANSITIONS
from mdt_service.domain.appointments.kinds import OUTCOME, kind_of
from tandem.clock import to_instant, to_micros
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import only, whole_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.audit_event import organisation_reference

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_FULFILLED = "fulfilled"


async def outcome(call: OperationCall) -> FhirResponse:
    """The Appointment as fulfilled, with the `outcome` (text) in the name of the organisation that says it.

    Said again in the same words by the same organisation, nothing changes. Raises FhirError 400, 404, and 422 for an
    appointment that is not of the shared process or did not happen.
    """
    only(call, ("outcome",))
    said, kernel, request, now = whole_text(call, "outcome"), call.kernel, call.request, call.kernel.clock.now()
    assert call.id is not None, "declared on the instance"
    async with kernel.database.transaction() as connection:
        appointment, held = await asked_resource(call, connection, lock=True)
        _refuse_faults(appointment)
        note = {"authorReference": organisation_reference(request.caller.organisation), "text": said}
        if not any(_says(each, note) for each in appointment.get("extension") or ()):
            told = {"url": OUTCOME, "valueAnnotation": {**note, "time": to_instant(now)}}
            extensions = [*(appointment.get("extension") or ()), told]
            changed = {**appointment, "status": _FULFILLED, "extension": extensions}
            appointment = await work_of(call, connection, now).put(changed)
        entry = audit_entry(
            request, "$outcome", to_micros(now), resource_type="Appointment", resource_id=call.id, patient=held.patient
        )
        await record(connection, [entry])
    return FhirResponse(200, encode(appointment))


def _refuse_faults(appointment: Resource) -> None:
    status = str(appointment.get("status"))
    if kind_of(appointment) is None:
        text = "Outcomes are recorded of appointments of the shared process, which CodeSystem/appointment-kind names"
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(text, "Appointment.serviceType")])
    if status != _FULFILLED and _FULFILLED not in TRANSITIONS.get(status, ()):
        text = f"An appointment that is {status} has no outcome"
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(text, "Appointment.status")])


def _says(extension: Resource, note: Resource) -> bool:
    given = extension.get("valueAnnotation") or {}
    return extension.get("url") == OUTCOME and all(given.get(name) == value for name, value in note.items())
