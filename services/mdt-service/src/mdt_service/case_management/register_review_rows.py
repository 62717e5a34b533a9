"""Reviews of people on the case register, read from meetings that were held and their completed agenda items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mdt_service.appointments.care_team_listener import who_knows
from mdt_service.domain.case_management.register_review import Review, missing_of
from mdt_service.domain.meetings.attendance import present
from mdt_service.domain.meetings.meeting_transitions import HELD
from mdt_service.meetings.meeting_rows import meeting_row
from tandem.clock import to_micros
from tandem.cohort_membership.queries import members_of
from tandem.database.connection import Connection
from tandem.identity.access import visible_of_person
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ON_REGISTER = "case-register"


async def people_on_register(call: OperationCall, connection: Connection, day: int) -> list[str]:
    """Who is on the register on a day, of those whom the caller may see."""
    params: list[Any] = []
    listed = members_of("m", params, ON_REGISTER, date_of(day))
    seen = visible_of_person(
        call.request.caller, "m", params, to_micros(call.kernel.clock.now()), resource_type="List",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        f"SELECT DISTINCT m.patient FROM cohort_member m WHERE {listed} AND {seen} ORDER BY m.patient", *params
    )
    return [row["patient"] for row in rows]


async def reviews_of(connection: Connection, patient: str, until: int) -> list[Review]:
    """Every review of a person up to a day, the oldest first, judged by who was there."""
    rows = await connection.fetch(
        "SELECT i.task, m.appointment FROM agenda_item i JOIN meeting m ON m.appointment = i.appointment"
        " WHERE i.patient = $1 AND i.status = 'completed' AND m.status = $2 AND m.day <= $3 ORDER BY m.starts, i.task",
        patient, HELD, until,
    )  # fmt: skip
    found = []
    for row in rows:
        meeting = await meeting_row(connection, row["appointment"])
        assert meeting is not None, "it was joined"
        practice = await registered_with(connection, patient, meeting.starts)
        own = await who_knows(connection, patient, ("named-gp",), meeting.starts)
        missing = missing_of(present(meeting.attendees), practice, own)
        found.append(Review(meeting.appointment, row["task"], patient, practice, meeting.day, missing))
    return found


async def registered_with(connection: Connection, patient: str, at: int) -> str | None:
    """The code of the practice of a person at a moment."""
    found: str | None = await connection.fetchval(
        "SELECT MIN(organisation) FROM access WHERE patient = $1 AND reason = 'registered' AND starts <= $2"
        " AND ends > $2", patient, at,
    )  # fmt: skip
    return found
