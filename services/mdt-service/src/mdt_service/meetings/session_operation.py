"""`POST Appointment/$open-session`: a session on a significant event, about a case that was found (ECD-059)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mdt_service.domain.meetings.agenda_item import Reason, agenda_task
from mdt_service.domain.meetings.codes import LEARNING_CASE, REASONS, SESSION
from mdt_service.domain.meetings.meeting_resource import meeting_resource
from mdt_service.meetings.answers import minutes_asked, moment_asked
from tandem.clock import to_micros
from tandem.cohort_membership.queries import on_list
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, reference
from tandem.fhir.person_parameter import person_named
from tandem.fhir.reference_parameter import staff_given
from tandem.fhir.request import FhirResponse
from tandem.identity.access import has_access
from tandem.identity.audit import record
from tandem.ids import deterministic_id

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

LEARNING_CASES: Final = "cancer-learning-cases"


async def open_session(call: OperationCall) -> FhirResponse:
    """`patient` (a case of the list cancer-learning-cases), `start`, `minutes` (60), `participant` (staff, repeated).

    The Appointment and the item for the case, once for the same case and start; attendance, learning and actions are
    recorded with `$record`. Participants without access to the case read the learning, which names nobody, and their
    own actions. Raises FhirError 400, 404 for somebody whom the caller may not see, 422 for who is not on the list.
    """
    only(call, ("patient", "start", "minutes", "participant"))
    start, minutes, invited = moment_asked(call, "start"), minutes_asked(call), staff_given(call, "participant")
    if not invited:
        text = "Give the parameter participant: who takes part, each a Reference to a PractitionerRole"
        raise FhirError(Kind.BAD_REQUEST, text, expression="participant")
    now, caller = call.kernel.clock.now(), call.request.caller
    async with call.kernel.database.transaction() as connection:
        patient = await person_named(connection, call.one("patient"))
        if patient is None or not await has_access(
            connection, caller, patient, to_micros(now), registered_only=call.kernel.registered_only()
        ):
            raise FhirError(Kind.NOT_FOUND, "There is no such person", expression="patient")
        if not await on_list(connection, LEARNING_CASES, patient, today(call)):
            text = f"A session is opened on a found case: somebody on the list {LEARNING_CASES} (000 §6.12 b4.3)"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="patient")
        work = work_of(call, connection, now)
        meeting = deterministic_id("significant-event-session", caller.organisation, patient, str(to_micros(start)))
        item = deterministic_id("agenda-item", meeting, patient)
        if await work.read("Appointment", meeting) is None:
            await work.put(meeting_resource(meeting, SESSION, start, minutes, invited, None, None))
            reason = Reason(LEARNING_CASE, REASONS[LEARNING_CASE])
            await work.put(agenda_task(item, meeting, patient, [reason], None, now))
        await record(connection, [
            audit_entry(
                call.request, "$open-session", to_micros(now), resource_type="Appointment", resource_id=meeting,
                patient=patient,
            )
        ])  # fmt: skip
    return answer([reference("appointment", f"Appointment/{meeting}"), reference("item", f"Task/{item}")])
