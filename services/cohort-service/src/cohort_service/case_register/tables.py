"""Tables of the case register. Times are microseconds, days as in facts, `*_json` is JSON; organisations are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    _declare_entries(metadata)
    _declare_agreement(metadata)


def _declare_entries(metadata: MetaData) -> None:
    # A person proposed for, on, or kept off the register of a practice: candidate, on-register, declined, removed.
    entry = Table(
        "register_entry", metadata,
        Column("practice", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("status", Text, nullable=False),
        # the day from which the status holds
        Column("since_day", Integer, nullable=False),
        Column("reason", Text),
        # the meeting of the multidisciplinary team that decided; empty while its review is awaited
        Column("meeting", Text),
        Column("decided_by", Text),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("register_entry_patient", entry.c.patient)
    # What brought the person there, each source once; `run` is empty when it was named by hand.
    Table(
        "register_source", metadata,
        Column("practice", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("day", Integer, nullable=False),
        Column("detail", Text),
        Column("evidence_json", LargeBinary),
        Column("run", Text),
        Column("named_by", Text, nullable=False),
    )  # fmt: skip
    # A look through the sources; `sources_json` has how many people each found.
    run = Table(
        "register_run", metadata,
        Column("id", Text, primary_key=True),
        Column("practice", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("sources_json", LargeBinary, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("register_run_practice", run.c.practice, run.c.at)
    # Who oversees the care of a person on the register; the last day belongs to the span, open while it goes on.
    professional = Table(
        "named_professional", metadata,
        Column("practice", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("professional", Text, nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer),
        Column("assigned_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index(
        "named_professional_current", professional.c.practice, professional.c.patient, unique=True,
        postgresql_where=text("last_day IS NULL"), sqlite_where=text("last_day IS NULL"),
    )  # fmt: skip


def _declare_agreement(metadata: MetaData) -> None:
    # What a commissioner asks of how the register was compiled, and the practice's answer.
    Table(
        "register_query", metadata,
        Column("practice", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("question", Text, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("asked_at", BigInteger, nullable=False),
        Column("answer", Text),
        Column("answered_by", Text),
        Column("answered_at", BigInteger),
    )  # fmt: skip
    # A version of the register that the practice asked to be signed off: requested, agreed, returned.
    sign_off = Table(
        "register_sign_off", metadata,
        Column("practice", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("state", Text, nullable=False),
        Column("profile_use", Text, nullable=False),
        Column("figures_json", LargeBinary, nullable=False),
        Column("requested_day", Integer, nullable=False),
        Column("requested_by", Text, nullable=False),
        Column("decided_day", Integer),
        Column("decided_by", Text),
        Column("reason", Text),
    )  # fmt: skip
    Index(
        "register_sign_off_open", sign_off.c.practice, unique=True,
        postgresql_where=text("state = 'requested'"), sqlite_where=text("state = 'requested'"),
    )  # fmt: skip
    # Who was on that version, with their sources (space between); never shown to the commissioner.
    Table(
        "register_sign_off_entry", metadata,
        Column("practice", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("patient", Text, primary_key=True),
        Column("sources", Text, nullable=False),
    )  # fmt: skip
    # The baseline return of the specification's appendix 2, as it was on its day.
    Table(
        "register_baseline", metadata,
        Column("practice", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("day", Integer, nullable=False),
        Column("body_json", LargeBinary, nullable=False),
        Column("made_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
