"""Codes of meetings, agendas and what comes out of them."""

from __future__ import annotations

from typing import Final

from tandem.canonical import BASE, MDT_TEAM, MEETING_RECORD, MEETING_SERIES, TASK_KIND

MDT_MEETING: Final = "mdt-meeting"
SESSION: Final = "significant-event-session"
MEETINGS: Final = (MDT_MEETING, SESSION)
"""Codes of Appointment.serviceType in APPOINTMENT_KIND; a Schedule has the first."""

AGENDA_ITEM: Final = "agenda-item"
ACTION: Final = "action"
CHASE: Final = "chase"
HOME_FLAG: Final = "home-flag"
"""Codes of Task.code in TASK_KIND."""

TEAM, SERIES, KIND_SYSTEM, RECORD = MDT_TEAM, MEETING_SERIES, TASK_KIND, MEETING_RECORD
LEARNING_POINT: Final = f"{BASE}/StructureDefinition/learning-point"
"""Extension on the Appointment of a session, repeated, valueAnnotation: what is to be learnt, in words about nobody."""

SAID_FOR: Final = f"{BASE}/StructureDefinition/said-for"
"""Extension on an Annotation of a meeting, valueReference: the organisation for which somebody spoke."""
SAID_AS: Final = f"{BASE}/StructureDefinition/said-as"
"""Extension on an Annotation of a meeting, valueReference: the PractitionerRole in which somebody spoke. R4 lets an
Annotation name a Practitioner or an Organization as its author, and no role."""

CONTRIBUTIONS: Final = ("discussion", "plan-review", "support", "decision", "learning", "no-action")
"""Codes of Task.output.type in MEETING_RECORD: what was said of somebody; the last is why no action follows."""
DECISION: Final = "decision"
NO_ACTION: Final = "no-action"

ON_THE_LIST: Final = "list"
FLAGGED: Final = "home-flag"
CLOCK_BREACHED: Final = "clock-breached"
ESCALATED: Final = "escalation"
NAMED: Final = "named"
LEARNING_CASE: Final = "learning-case"
REASONS: Final = {
    FLAGGED: "Flagged by the care home", ESCALATED: "An action was chased", CLOCK_BREACHED: "A clock was breached",
    NAMED: "Put on the agenda by name", LEARNING_CASE: "Found as a case to learn from",
    ON_THE_LIST: "On the team's list and not discussed yet",
}  # fmt: skip
"""Codes of Task.reasonCode in MEETING_RECORD, the most pressing first."""
