"""Tables of home rounds. Days are days in London since 1970, times microseconds; homes codes or `Organization/id`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # One row a Schedule of home rounds. `team` is a JSON list of references of staff; `parts` one of what was agreed:
    # {organisation, part, agreed, until}.
    series = Table(
        "round_series", metadata,
        Column("schedule", Text, primary_key=True),
        Column("home", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("active", Integer, nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer),
        Column("team", Text, nullable=False),
        Column("parts", Text, nullable=False),
    )  # fmt: skip
    Index("round_series_home", series.c.home)
    # One row a round of a series, whatever its status. `leader` is the Practitioner's id, else the reference; `team` a
    # JSON list of what was known of everybody on the day of the round, so that no later change of role judges it anew.
    held = Table(
        "home_round", metadata,
        Column("appointment", Text, primary_key=True),
        Column("schedule", Text, nullable=False),
        Column("home", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
        Column("day", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("mode", Text, nullable=False),
        Column("leader", Text),
        Column("team", Text, nullable=False),
    )  # fmt: skip
    Index("home_round_schedule", held.c.schedule, held.c.day)
    Index("home_round_home", held.c.home, held.c.starts)
    Index("home_round_leader", held.c.leader, held.c.starts)
    # Published versions of the policy; `area` is a commissioner's code, or empty for everywhere. `content` is JSON.
    Table(
        "round_policy", metadata,
        Column("area", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("first_day", Integer, nullable=False),
        Column("content", Text, nullable=False),
        UniqueConstraint("area", "first_day"),
    )  # fmt: skip
    # Who lives in which home, from EpisodesOfCare.
    resident = Table(
        "home_resident", metadata,
        Column("episode", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("home", Text, nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
    )  # fmt: skip
    Index("home_resident_home", resident.c.home)
    Index("home_resident_patient", resident.c.patient)
    # Which network (code or `Organization/id`) a home is aligned to, from OrganizationAffiliations.
    alignment = Table(
        "home_alignment", metadata,
        Column("affiliation", Text, primary_key=True),
        Column("home", Text, nullable=False),
        Column("network", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("home_alignment_home", alignment.c.home)
    # Open flags. `by_code` is the organisation that raised it, `granted` whether it had access to the person.
    flag = Table(
        "home_flag", metadata,
        Column("task", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("code", Text),
        Column("text", Text),
        Column("by_code", Text, nullable=False),
        Column("granted", Integer, nullable=False),
    )  # fmt: skip
    Index("home_flag_patient", flag.c.patient)
    # Completed triages of flags by those who had access to the person.
    triage = Table(
        "home_triage", metadata,
        Column("task", Text, primary_key=True),
        Column("flag", Text, nullable=False),
        Column("priority", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("home_triage_flag", triage.c.flag)
    # Which organisation (code) prepared which round.
    preparation = Table(
        "round_preparation", metadata,
        Column("task", Text, primary_key=True),
        Column("appointment", Text, nullable=False),
        Column("organisation", Text, nullable=False),
    )  # fmt: skip
    Index("round_preparation_appointment", preparation.c.appointment)
