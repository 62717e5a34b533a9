"""Members of lists, the Groups that stand for them, and what clinicians judged."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds."""
    # One row a stay in a cohort. `evidence` is JSON, what put the person there when it began; `revision` counts what
    # events said of it, so readers can order.
    member = Table(
        "group_member", metadata,
        Column("id", Text, primary_key=True),
        Column("cohort", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("since_date", Text, nullable=False),
        Column("until", BigInteger),
        Column("definition", Text, nullable=False),
        Column("evidence", LargeBinary, nullable=False),
        Column("revision", Integer, nullable=False),
        # what put the person there: rule or judgement
        Column("origin", Text, nullable=False, server_default="rule"),
        # why the stay ended: rule, judgement, died, left, definition
        Column("ended_by", Text),
        # the points of the definition's `rank`, for the order of offer
        Column("rank", Integer, nullable=False, server_default="0"),
        # 1 judged amenable to intervention, -1 judged not amenable, else 0: comes before rank in the order of offer
        Column("priority", Integer, nullable=False, server_default="0"),
        UniqueConstraint("cohort", "patient", "number", name="group_member_number"),
    )  # fmt: skip
    # A person is in a cohort once at a time: what would make it twice fails.
    Index(
        "group_member_current", member.c.cohort, member.c.patient, unique=True,
        postgresql_where=text("until IS NULL"), sqlite_where=text("until IS NULL"),
    )  # fmt: skip
    Index("group_member_patient", member.c.patient)
    # The Group resource that stands for a cohort at a practice.
    Table(
        "cohort_group", metadata,
        Column("id", Text, primary_key=True),
        Column("cohort", Text, nullable=False),
        Column("practice", Text, nullable=False),
        UniqueConstraint("cohort", "practice", name="cohort_group_practice"),
    )  # fmt: skip
    # A clinician's word over what was computed, with whose word it is; `domain/judgement.py` says which of them counts.
    # `number` orders those of one person and cohort; from `until_day` on (a day as in facts) it no longer counts.
    judgement = Table(
        "judgement", metadata,
        Column("id", Text, primary_key=True),
        Column("cohort", Text, nullable=False),
        Column("patient", Text, nullable=False),
        # add, remove, amenable, not-amenable, clear
        Column("decision", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("reason_code", Text),
        Column("tool", Text),
        Column("author", Text, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("until_day", Integer),
        Column("number", Integer, nullable=False),
        UniqueConstraint("patient", "cohort", "number", name="judgement_number"),
    )  # fmt: skip
    Index("judgement_until", judgement.c.until_day)
