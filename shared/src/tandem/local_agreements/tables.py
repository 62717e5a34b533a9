"""Local agreements, as a service keeps them from the OrganizationAffiliations that cohort-service owns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Times are microseconds, `[starts, ends)`."""
    # `parties` is a JSON list of pairs: an organisation (code or `Organization/id`) and whether it signed, null for one
    # that is not waited for.
    agreement = Table(
        "local_agreement", metadata,
        Column("affiliation", Text, primary_key=True),
        Column("role", Text, nullable=False),
        Column("parties", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("local_agreement_role", agreement.c.role)
