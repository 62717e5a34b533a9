"""`GET Schedule/[id]/$evidence`: how often a team met, who was there, and whether it should have met by now."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mdt_service.domain.meetings.attendance import below_quorum, by_organisation
from mdt_service.domain.meetings.meeting_transitions import ERROR, HELD
from mdt_service.domain.meetings.rhythm import next_due
from mdt_service.meetings.answers import meeting_shown, state_of
from mdt_service.meetings.meeting_rights import now_of, series_asked
from mdt_service.meetings.meeting_rows import last_held, meetings_of_team
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_number_or_today, only, optional_day
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, number, numbered_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.memberships import kind_of_code
from tandem.london_days import date_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = ("planned", "held", "overdue", "cancelled")


async def show_evidence(call: OperationCall) -> FhirResponse:
    """`from`, `to`, `as-of` (else today): the meetings by state, attendance by organisation, and the next that is due.

    A meeting whose time passed without being held is `overdue`; so is the team when its rhythm asks for one by now.
    Raises FhirError 400, 404, 422.
    """
    only(call, ("from", "to", "as-of"))
    first, last, as_of = optional_day(call, "from"), optional_day(call, "to"), day_number_or_today(call, "as-of")
    if first is not None and last is not None and first > last:
        raise FhirError(Kind.BAD_REQUEST, "from is not after to", expression="from")
    async with call.kernel.database.read() as connection:
        series, team = await series_asked(call, connection)
        every = [each for each in await meetings_of_team(connection, series.team) if each.status != ERROR]
        shown = [
            each for each in every
            if (first is None or each.day >= day_number(first)) and (last is None or each.day <= day_number(last))
        ]  # fmt: skip
        held = [each for each in shown if each.status == HELD and each.day <= as_of]
        attendance = by_organisation([each.attendees for each in held])
        kinds = {code: await kind_of_code(connection, code) for code in attendance}
    due = next_due(last_held(every, as_of), date_of(series.first_day), team.arrangement.cadence)
    states = Counter(state_of(call, each, as_of) for each in shown)
    told = [reference("team", f"CareTeam/{team.team}"), text("name", team.name), numbered_day("as-of", as_of)]
    told += [number(state, states[state]) for state in _STATES]
    told.append(number("below-quorum", sum(below_quorum(each.attendees, each.quorum) for each in held)))
    if due is not None:
        told += [numbered_day("next-due", day_number(due)), yes("meeting-overdue", day_number(due) < as_of)]
    told += [
        parts("attendance", [
            text("organisation", code), text("organisation-kind", kinds[code]), number("meetings", count),
        ])
        for code, count in sorted(attendance.items())
    ]  # fmt: skip
    told += [parts("meeting", meeting_shown(call, each, as_of)) for each in shown]
    await audit_reads(
        call.kernel.database, call.request, "$evidence", "Schedule", {None}, now_of(call), resource_id=call.id
    )
    return answer(told)
