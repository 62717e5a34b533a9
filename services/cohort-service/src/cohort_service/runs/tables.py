"""Identification runs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds, days as in facts, `*_json` is JSON."""
    run = Table(
        "identification_run", metadata,
        Column("id", Text, primary_key=True),
        # the service the run was for (SMR, AC, PCPC ...), NULL when it was for single cohorts
        Column("service", Text),
        # practice or network by code; NULL for everybody
        Column("organisation", Text),
        Column("as_of", Integer, nullable=False),
        Column("dry_run", Integer, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("asked_for", Text),
        Column("started", BigInteger, nullable=False),
        Column("finished", BigInteger),
        # the follower's position in the log when it began: what the run knew of
        Column("known_to", BigInteger, nullable=False),
        # the tool that made or supplied it, and the date of its data
        Column("tool", Text),
        Column("data_day", Integer),
        # definition names, counts a cohort (zero included), distinct people, parameters tried
        Column("definitions_json", LargeBinary, nullable=False),
        Column("counts_json", LargeBinary),
    )  # fmt: skip
    Index("identification_run_organisation", run.c.organisation, run.c.service, run.c.started)
