"""Tables of multidisciplinary teams and of key contacts, from the CareTeams that careplan-service owns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds, `[starts, ends)`."""
    # `owner` is the code of the organisation that wrote it first; `content` the CareTeam, which is about nobody.
    Table(
        "mdt_team", metadata,
        Column("team", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("content", Text, nullable=False),
    )  # fmt: skip
    # Who is the key contact of whom: participants with that role of active CareTeams about a person.
    contact = Table(
        "key_contact", metadata,
        Column("team", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("key_contact_member", contact.c.member)
    Index("key_contact_patient", contact.c.patient)
