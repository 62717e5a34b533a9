"""Tables of meetings. Times are microseconds since 1970, days numbers of days in London; organisations are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # One row a Schedule of a team's meetings.
    series = Table(
        "meeting_series", metadata,
        Column("schedule", Text, primary_key=True),
        Column("team", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("first_day", Integer, nullable=False),
    )  # fmt: skip
    Index("meeting_series_team", series.c.team)
    # One row a meeting, whatever its status. `attendees` is a JSON list of what was known of everybody invited on the
    # day of the meeting, and `quorum` what the team asked for when the meeting was last written: so that later changes
    # of roles or of the team judge nothing anew.
    meeting = Table(
        "meeting", metadata,
        Column("appointment", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("team", Text),
        Column("schedule", Text),
        Column("owner", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
        Column("day", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("quorum", Integer),
        Column("attendees", Text, nullable=False),
    )  # fmt: skip
    Index("meeting_team", meeting.c.team, meeting.c.starts)
    Index("meeting_schedule", meeting.c.schedule, meeting.c.starts)
    # Agenda items of meetings that are known here; `patient` is NULL for one about nobody.
    item = Table(
        "agenda_item", metadata,
        Column("task", Text, primary_key=True),
        Column("appointment", Text, nullable=False),
        Column("patient", Text),
        Column("status", Text, nullable=False),
    )  # fmt: skip
    Index("agenda_item_appointment", item.c.appointment)
    Index("agenda_item_patient", item.c.patient)
    # Actions that came out of meetings. `owner` is the reference or code of who does it.
    action = Table(
        "meeting_action", metadata,
        Column("task", Text, primary_key=True),
        Column("appointment", Text, nullable=False),
        Column("item", Text),
        Column("patient", Text),
        Column("owner", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("due_day", Integer, nullable=False),
        Column("closed_day", Integer),
    )  # fmt: skip
    Index("meeting_action_appointment", action.c.appointment)
    Index("meeting_action_patient", action.c.patient)
    # The Tasks by which actions were chased.
    chase = Table(
        "action_chase", metadata,
        Column("task", Text, primary_key=True),
        Column("action", Text, nullable=False),
        Column("day", Integer, nullable=False),
    )  # fmt: skip
    Index("action_chase_action", chase.c.action)
    # Why somebody should be discussed: a flag of a home or a chase (a Task each), or a breached clock (cause and kind).
    reason = Table(
        "agenda_reason", metadata,
        Column("source", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("holds", Integer, nullable=False),
    )  # fmt: skip
    Index("agenda_reason_patient", reason.c.patient)
