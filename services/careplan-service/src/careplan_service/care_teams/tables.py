"""Who has which role in the team of a person, and when a role was handed over."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC), `[starts, ends)`."""
    # The participants of active CareTeams about a person, one row for each of their roles.
    role = Table(
        "care_team_role", metadata,
        Column("team", Text, primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("patient", Text, nullable=False),
        # Code of CARE_TEAM_ROLE; empty for a participant with none of them.
        Column("role", Text, nullable=False),
        # References as JSON: who it is, and for which organisation.
        Column("member", Text, nullable=False),
        Column("on_behalf_of", Text),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("care_team_role_patient", role.c.patient, role.c.role)

    # Hand-overs by the operation: `version` is that of the CareTeam that it made.
    Table(
        "care_team_hand_over", metadata,
        Column("team", Text, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("role", Text, nullable=False),
    )  # fmt: skip
