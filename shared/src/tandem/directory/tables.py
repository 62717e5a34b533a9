"""The directory: organisations, practitioners, their roles, and places."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC), spans `[starts, ends)`."""
    # `code` and `kind` as in tandem.identity.organisations.
    organisation = Table(
        "directory_organisation", metadata,
        Column("id", Text, primary_key=True),
        Column("code", Text, nullable=False),
        Column("name", Text),
        Column("kind", Text, nullable=False),
    )  # fmt: skip
    Index("directory_organisation_code", organisation.c.code)
    # `qualifications` is a JSON list of {code, system, display, starts, ends}.
    Table(
        "directory_practitioner", metadata,
        Column("id", Text, primary_key=True),
        Column("name", Text),
        Column("qualifications", LargeBinary, nullable=False),
    )  # fmt: skip
    # `practitioner` is an id; `organisation` a code, or `Organization/id` as long as only that is known. Neither needs
    # to be known here yet. `codes` and `specialties` are JSON lists of {system, code, display}.
    role = Table(
        "directory_role", metadata,
        Column("id", Text, primary_key=True),
        Column("practitioner", Text),
        Column("organisation", Text),
        Column("codes", LargeBinary, nullable=False),
        Column("specialties", LargeBinary, nullable=False),
        Column("active", Integer, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("directory_role_practitioner", role.c.practitioner)
    # `id` is `Location/x` or `HealthcareService/x`; `organisation` as in a role.
    Table(
        "directory_place", metadata,
        Column("id", Text, primary_key=True),
        Column("name", Text),
        Column("organisation", Text),
    )  # fmt: skip
