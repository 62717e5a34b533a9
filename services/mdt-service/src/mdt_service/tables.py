"""The tables of mdt-service: the kernel's, and which Task fulfils which request."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text

from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

# `withdrawn` may be known before the Task is asked for; then there will be none.
fulfilment = Table(
    "fulfilment", metadata,
    Column("request", Text, primary_key=True),
    Column("task", Text),
    Column("withdrawn", Integer, nullable=False, server_default="0"),
)  # fmt: skip
