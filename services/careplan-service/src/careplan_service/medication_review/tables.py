"""Processes and episodes of medication review, what was prescribed and decided, requests, and dated policies."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC), days ISO dates."""
    # The CarePlans of category 1239511000000100.
    process = Table(
        "medication_review_process", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("status", Text, nullable=False),
        # 1 while episodes attach to it; a person has one such process.
        Column("open", Integer, nullable=False),
    )  # fmt: skip
    Index(
        "medication_review_one_open", process.c.patient, unique=True,
        postgresql_where=text("open = 1"), sqlite_where=text("open = 1"),
    )  # fmt: skip
    # The Compositions of that type which were opened here. `looked_up` is the day on which cohort-service was last
    # asked for the prescriptions; `role` the kind of staff under which the clinician may review.
    episode = Table(
        "medication_review_episode", metadata,
        Column("id", Text, primary_key=True),
        Column("process", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("opened", BigInteger, nullable=False),
        Column("completed", BigInteger),
        Column("looked_up", Text),
    )  # fmt: skip
    Index("medication_review_episode_process", episode.c.process)
    Index("medication_review_episode_patient", episode.c.patient)
    Index(
        "medication_review_one_preliminary", episode.c.process, unique=True,
        postgresql_where=text("status = 'preliminary'"), sqlite_where=text("status = 'preliminary'"),
    )  # fmt: skip
    # What was prescribed when it was looked up, and the Medications that statements refer to: resources as JSON.
    Table(
        "medication_review_prescription", metadata,
        Column("episode", Text, primary_key=True),
        Column("reference", Text, primary_key=True),
        Column("body", LargeBinary, nullable=False),
    )  # fmt: skip
    # What completed episodes decided. `known` is a JSON list of the versions of records from hospital that it knew.
    decision = Table(
        "medication_review_decision", metadata,
        Column("episode", Text, primary_key=True),
        Column("system", Text, primary_key=True),
        Column("code", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("decision", Text, nullable=False),
        Column("statement", Text),
        Column("known", Text, nullable=False),
    )  # fmt: skip
    Index("medication_review_decision_patient", decision.c.patient)
    # The shared decisions and referrals of completed episodes: they count for no other one.
    Table(
        "medication_review_reference", metadata,
        Column("episode", Text, primary_key=True),
        Column("reference", Text, primary_key=True),
    )  # fmt: skip
    # Tasks and ServiceRequests that ask for a review; `reasons` is a JSON list of CodeableConcepts.
    request = Table(
        "medication_review_request", metadata,
        Column("reference", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("reasons", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("medication_review_request_patient", request.c.patient)
    # Versions of policies that were published here; `scope` is the commissioner of a formulary, else empty.
    Table(
        "medication_review_policy", metadata,
        Column("kind", Text, primary_key=True),
        Column("scope", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
