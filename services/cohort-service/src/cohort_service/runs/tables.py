"""Identification runs: what was counted, whom it covered, the tools that were used, and what people were offered."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds, days as in facts, `*_json` is JSON."""
    _runs(metadata)
    _tools(metadata)
    # What a person on a run's list was offered: `kind` is physical-health or mental-health.
    offer = Table(
        "support_offer", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("text", Text, nullable=False),
        # offered, accepted or declined
        Column("answer", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("support_offer_patient", offer.c.patient)


def _runs(metadata: MetaData) -> None:
    # A run is kept when it has ended; one that was cancelled leaves no row.
    run = Table(
        "identification_run", metadata,
        Column("id", Text, primary_key=True),
        # the service the run was for (SMR, AC, PCPC ...), NULL when it was for single cohorts
        Column("service", Text),
        # practice or network by code; NULL for everybody
        Column("organisation", Text),
        Column("as_of", Integer, nullable=False),
        Column("dry_run", Integer, nullable=False),
        # 1 when a tool's audit was imported, 0 when the definitions were evaluated
        Column("imported", Integer, nullable=False, server_default="0"),
        Column("asked_by", Text, nullable=False),
        Column("asked_for", Text),
        Column("started", BigInteger, nullable=False),
        Column("finished", BigInteger, nullable=False),
        # the follower's position in the log when it began: what the run knew of
        Column("known_to", BigInteger, nullable=False),
        # the tool that made or supplied it, and the date of its data
        Column("tool", Text),
        Column("tool_version", Text),
        Column("data_day", Integer),
        # the approach by which a priority list came about: `standard <commissioner>`, `local`
        Column("approach", Text),
        # definition names and the parameters that were tried
        Column("definitions_json", LargeBinary, nullable=False),
    )  # fmt: skip
    Index("identification_run_organisation", run.c.organisation, run.c.service, run.c.started)
    # What a run counted among the people of one practice; its whole is the sum. `practice` is empty for people whose
    # practice is not known.
    part = Table(
        "identification_run_practice", metadata,
        Column("run", Text, primary_key=True),
        Column("practice", Text, primary_key=True),
        Column("counts_json", LargeBinary, nullable=False),
    )  # fmt: skip
    Index("identification_run_practice_practice", part.c.practice)
    # The days on which a practice's people were looked through completely for a service.
    Table(
        "identification_coverage", metadata,
        Column("service", Text, primary_key=True),
        Column("practice", Text, primary_key=True),
        Column("run", Text, primary_key=True),
        Column("day", Integer, nullable=False),
    )  # fmt: skip
    # The people of a run's priority list. `points` order them, `cohorts` (ids, space between) are the reasons.
    person = Table(
        "identification_run_person", metadata,
        Column("run", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("points", Integer, nullable=False),
        Column("cohorts", Text, nullable=False),
    )  # fmt: skip
    Index("identification_run_person_patient", person.c.patient)

    # By which cohorts a commissioner wants people at risk found, from a day on; empty `cohorts` takes it back.
    Table(
        "standard_approach", metadata,
        Column("commissioner", Text, primary_key=True),
        Column("service", Text, primary_key=True),
        Column("from_day", Integer, primary_key=True, autoincrement=False),
        Column("cohorts", Text, nullable=False),
        Column("made", BigInteger, nullable=False),
        Column("made_by", Text, nullable=False),
    )  # fmt: skip


def _tools(metadata: MetaData) -> None:
    # A tool that an organisation chose to identify people with, one row a version.
    Table(
        "identification_tool", metadata,
        Column("organisation", Text, primary_key=True),
        Column("code", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("registered", BigInteger, nullable=False),
        Column("registered_by", Text, nullable=False),
    )  # fmt: skip
    # Whom an imported audit named, and the List that keeps what it said.
    match = Table(
        "identification_match", metadata,
        Column("run", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("list", Text, nullable=False),
    )  # fmt: skip
    Index("identification_match_patient", match.c.patient)
