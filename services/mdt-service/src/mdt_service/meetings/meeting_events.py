"""What is said of meetings; it names nobody who was discussed."""

from __future__ import annotations

from typing import Any, Final

from mdt_service.domain.meetings.attendance import below_quorum, present
from mdt_service.domain.meetings.meeting_transitions import HELD, PLANNED
from mdt_service.domain.multidisciplinary_teams.make_up import organisations_of
from mdt_service.meetings.meeting_rows import MeetingRow
from tandem.clock import from_micros, to_instant
from tandem.service import Work

MEETING_PLANNED: Final = "tandem.meeting.planned"
MEETING_HELD: Final = "tandem.meeting.held"
EMITS: Final = {
    MEETING_PLANNED: "A meeting of a team, or a session on a significant event, was planned, or moved.",
    MEETING_HELD: "The record of a meeting was closed: who was there, and whether they were enough.",
}


async def say_meeting(work: Work, row: MeetingRow, former: MeetingRow | None) -> None:
    """Say what became of a meeting, once."""
    told: dict[str, Any] = {
        "appointment": row.appointment, "kind": row.kind, "team": row.team, "organisation": row.owner,
        "start": to_instant(from_micros(row.starts)),
    }  # fmt: skip
    if row.status == HELD and (former is None or former.status != HELD):
        there = present(row.attendees)
        told |= {
            "attended": len(there), "organisations": sorted(organisations_of(there)),
            "disciplines": sorted({kind for member in there for kind in member.kinds}),
            "below_quorum": below_quorum(row.attendees, row.quorum),
        }  # fmt: skip
        await work.emit(MEETING_HELD, told, key=row.appointment)
    elif row.status in PLANNED and (former is None or former.starts != row.starts):
        await work.emit(MEETING_PLANNED, told, key=f"{row.appointment}/{row.starts}")
