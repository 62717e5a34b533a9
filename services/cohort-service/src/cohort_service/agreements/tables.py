"""The table of agreements."""

from __future__ import annotations

from sqlalchemy import Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`."""
    # One row for each OrganizationAffiliation that is an agreement: by whose people it is about (a code, or
    # `Organization/id`), and the identifier that the resources of one agreement have in common.
    table = Table(
        "agreement_document", metadata,
        Column("id", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("agreement", Text),
    )  # fmt: skip
    Index("agreement_document_holder", table.c.holder)
    Index("agreement_document_agreement", table.c.agreement)
