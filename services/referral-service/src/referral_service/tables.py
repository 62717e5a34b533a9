"""The tables of referral-service: the kernel's, and how far each loop has come."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

# `outcome` is the status of the Task that ended the loop.
referral_loop = Table(
    "referral_loop", metadata,
    Column("request", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("closed", BigInteger),
)  # fmt: skip
