"""The tables of cohort-service: the kernel's, and who belongs to which cohort by which statements."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

# What single records say of where a person lives, kept from the records themselves (times in microseconds).
residency_statement = Table(
    "residency_statement", metadata,
    Column("reference", Text, primary_key=True),
    Column("patient", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger),
)  # fmt: skip
Index("residency_statement_patient", residency_statement.c.patient)

# One row a stay in a cohort. `evidence` is JSON; `revision` counts what events said of it, so that readers can order.
group_member = Table(
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
    UniqueConstraint("cohort", "patient", "number", name="group_member_number"),
)  # fmt: skip
# A person is in a cohort once at a time: what would make it twice fails.
Index(
    "group_member_current", group_member.c.cohort, group_member.c.patient, unique=True,
    postgresql_where=text("until IS NULL"), sqlite_where=text("until IS NULL"),
)  # fmt: skip

# The Group resource that stands for a cohort at a practice.
cohort_group = Table(
    "cohort_group", metadata,
    Column("id", Text, primary_key=True),
    Column("cohort", Text, nullable=False),
    Column("practice", Text, nullable=False),
    UniqueConstraint("cohort", "practice", name="cohort_group_practice"),
)  # fmt: skip
