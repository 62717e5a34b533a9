"""What is booked, free slots, who knows a person, and the policy of review appointments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC), days ISO dates."""
    # An appointment of the shared process, while it stands.
    booked = Table(
        "appointment_booked", metadata,
        Column("appointment", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("patient", Text),
        Column("status", Text, nullable=False),
        Column("intervention", Text),
        Column("starts", BigInteger),
        Column("ends", BigInteger),
    )  # fmt: skip
    Index("appointment_booked_intervention", booked.c.intervention, booked.c.starts)
    # Whose time it takes (a reference of staff, or of what is used), as long as it is to happen.
    taken = Table(
        "appointment_time", metadata,
        Column("appointment", Text, primary_key=True),
        Column("actor", Text, primary_key=True),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("appointment_time_actor", taken.c.actor, taken.c.starts)
    slot = Table(
        "slot_time", metadata,
        Column("slot", Text, primary_key=True),
        Column("schedule", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("slot_time_free", slot.c.status, slot.c.starts)
    Table(
        "schedule_actor", metadata,
        Column("schedule", Text, primary_key=True),
        Column("actor", Text, primary_key=True),
    )  # fmt: skip
    # The people of a person's team by role; `member` is a reference.
    team = Table(
        "care_team_member", metadata,
        Column("team", Text, primary_key=True),
        Column("role", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("care_team_member_patient", team.c.patient, team.c.role)
    # Versions that were published after the one that ships; `modes` is JSON.
    Table(
        "review_appointment_policy", metadata,
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Text, nullable=False),
        Column("modes", Text, nullable=False),
        Column("shortest", Integer, nullable=False),
        Column("longest", Integer, nullable=False),
        Column("source", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
