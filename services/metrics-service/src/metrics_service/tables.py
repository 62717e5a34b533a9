"""The tables of metrics-service: the kernel's, and the facts that are counted (times in microseconds)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

fact = Table(
    "fact", metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("patient", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", Text),
    Column("code", Text),
    Column("opened", BigInteger),
    Column("due", BigInteger),
    Column("reached", BigInteger),
    Column("ended", BigInteger),
)  # fmt: skip
Index("fact_patient", fact.c.patient, fact.c.kind)
