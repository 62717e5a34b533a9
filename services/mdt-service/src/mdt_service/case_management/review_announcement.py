"""What is told of reviews of people at meetings: once for each item, and again when who was there is corrected."""

from __future__ import annotations

from typing import Final

from mdt_service.case_management.register_review_rows import reviews_of
from mdt_service.domain.meetings.agenda_item import is_kind, meeting_of
from mdt_service.domain.meetings.codes import AGENDA_ITEM
from mdt_service.domain.meetings.meeting_transitions import HELD
from mdt_service.meetings.agenda_rows import items_of
from mdt_service.meetings.meeting_rows import meeting_row
from tandem.london_days import date_of
from tandem.service import Change, Work

REVIEWED: Final = "tandem.person.reviewed"
TELLS: Final = {
    REVIEWED: "A person was discussed at a meeting that was held, with what the discussion lacks to be a review."
}


async def tell_reviews_of_meeting(change: Change, work: Work) -> None:
    """A meeting was written: of one that was held, tell of everybody who was reviewed."""
    for item in await items_of(work.connection, change.id):
        if item.patient is not None:
            await _tell(work, change.id, item.patient)


async def tell_review_of_item(change: Change, work: Work) -> None:
    """An agenda item was written: tell of the person when its meeting was held."""
    if change.after is None or not is_kind(change.after, AGENDA_ITEM) or change.patient is None:
        return
    meeting = meeting_of(change.after)
    if meeting is not None:
        await _tell(work, meeting, change.patient)


async def _tell(work: Work, appointment: str, patient: str) -> None:
    meeting = await meeting_row(work.connection, appointment)
    if meeting is None or meeting.status != HELD:
        return
    for each in await reviews_of(work.connection, patient, meeting.day):
        if each.meeting == appointment:
            data = {
                "task": each.task, "appointment": appointment, "day": date_of(each.day).isoformat(),
                "complete": each.complete, "missing": list(each.missing),
            }  # fmt: skip
            key = f"{each.task}/{each.day}/{','.join(each.missing)}"
            await work.emit(REVIEWED, data, key=key, patient=patient)
