"""`GET Schedule/[id]/$people`: whom a team looks after, who was discussed and what was agreed (AC-019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.meetings.agenda_rows import ActionRow, actions_of
from mdt_service.meetings.answers import action_shown, body_of
from mdt_service.meetings.meeting_rights import now_of, series_asked
from mdt_service.meetings.people_to_discuss import ToDiscuss, people_of
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_number_or_today, one_of, only, page
from tandem.fhir.parameters_answer import Parameter, answer, number, numbered_day, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = ("any", "not-discussed", "discussed")


async def people(call: OperationCall) -> FhirResponse:
    """`state` (not-discussed, discussed, any), `date` (else today), `_count`, `_offset`.

    Everybody on the team's list or in its homes whose record the caller may see: `state`, why they should be discussed,
    the last meeting that did, and the actions agreed there. Raises FhirError 400, 404, 422.
    """
    only(call, ("state", "date", "_count", "_offset"))
    wanted, day = one_of(call, "state", _STATES, "any"), day_number_or_today(call)
    count, offset = page(call)
    async with call.kernel.database.read() as connection:
        _, team = await series_asked(call, connection)
        found = [each for each in await people_of(call, connection, team, day) if wanted in ("any", _state(each))]
        shown = found[offset : offset + count]
        told = [await _person(connection, each, day) for each in shown]
    seen: set[str | None] = {each.patient for each in shown}
    at = now_of(call)
    await audit_reads(call.kernel.database, call.request, "$people", "Schedule", seen, at, resource_id=call.id)
    return answer([number("total", len(found)), *told])


def _state(person: ToDiscuss) -> str:
    return "not-discussed" if person.discussed is None else "discussed"


async def _person(connection: Connection, person: ToDiscuss, day: int) -> Parameter:
    told = [reference("patient", f"Patient/{person.patient}"), text("state", _state(person))]
    told += [text("reason", each.code) for each in person.reasons]
    if person.discussed is not None:
        meeting = person.discussed["appointment"]
        told += [reference("meeting", f"Appointment/{meeting}"), numbered_day("discussed", person.discussed["day"])]
        actions: list[ActionRow] = [
            each for each in await actions_of(connection, meeting) if each.item == person.discussed["task"]
        ]
        told += [action_shown(each, await body_of(connection, each.task), day) for each in actions]
    return parts("person", told)
