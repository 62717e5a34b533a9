"""What meetings add to the declaration of the service."""

from __future__ import annotations

from mdt_service.domain.meetings.agenda_item import items_are_discussed
from mdt_service.domain.meetings.meeting_resource import meeting_moves_by_the_table
from mdt_service.meetings.actions_operation import actions, chase
from mdt_service.meetings.agenda_operation import agenda
from mdt_service.meetings.agenda_reaction import keep_agenda, keep_breach
from mdt_service.meetings.evidence_operation import show_evidence
from mdt_service.meetings.meeting_events import EMITS
from mdt_service.meetings.meeting_reaction import keep_meeting_of_appointment, keep_meeting_series
from mdt_service.meetings.people_operation import people
from mdt_service.meetings.plan_operation import plan_meetings
from mdt_service.meetings.record_operation import meeting_record
from mdt_service.meetings.session_operation import open_session
from tandem.service import Listener, Operation
from tandem.service_part import Part

_CLOCKS = tuple(f"tandem.clock.{verb}" for verb in ("started", "stopped", "closed", "breached", "breach-withdrawn"))

PART = Part(
    rules={"Appointment": (meeting_moves_by_the_table,), "Task": (items_are_discussed,)},
    reactions={
        "Schedule": (keep_meeting_series,), "Appointment": (keep_meeting_of_appointment,), "Task": (keep_agenda,),
    },
    listeners=(Listener("keep-breach", _CLOCKS, keep_breach),),
    operations=(
        Operation(
            "plan-meetings", plan_meetings, type="Schedule", letter="u", writes=True,
            documentation="Plans the meetings of a multidisciplinary team in its rhythm, with everybody invited.",
        ),
        Operation(
            "people", people, level="instance", type="Schedule",
            documentation="Whom a team looks after: not discussed yet, or discussed with the actions that were agreed.",
        ),
        Operation(
            "evidence", show_evidence, level="instance", type="Schedule",
            documentation="How often a team met, who was there, which meetings were missed, and the next that is due.",
        ),
        Operation(
            "agenda", agenda, level="instance", type="Appointment", post_letter="u",
            documentation="Whom a meeting discusses and why; POST fills it from flags, breached clocks and the list.",
        ),
        Operation(
            "record", meeting_record, level="instance", type="Appointment", post_letter="u",
            documentation="Attendance, contributions, decisions and actions of a meeting; POST records and closes it.",
        ),
        Operation(
            "open-session", open_session, type="Appointment", letter="c", writes=True,
            documentation="Opens a session on a significant event, about a case that was found.",
        ),
        Operation(
            "actions", actions, type="Task",
            documentation="Every action of meetings that a key contact tracks, open, overdue or closed.",
        ),
        Operation(
            "chase", chase, level="instance", type="Task", letter="u", writes=True,
            documentation="The key contact chases an action of a meeting with whoever owns it.",
        ),
    ),
    emits=EMITS,
)  # fmt: skip
