"""The kernel's tables as they were first released; each service's first version begins with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# SQLite gives only an INTEGER PRIMARY KEY its own numbers.
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables that every service has."""
    for create in (
        _access, _agreement, _audit, _cursor, _dissent, _due, _event_position, _inbox, _inbox_version, _job,
        _lease, _log, _membership, _organisation, _outbox, _parked, _part, _patient, _resource, _search_date,
        _search_number, _search_string, _search_token,
    ):  # fmt: skip
        create()


def _access() -> None:
    op.create_table("access",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient", "organisation", "reason", "starts")
    )
    op.create_index("access_organisation", "access", ["organisation", "patient"], unique=False)


def _agreement() -> None:
    op.create_table("agreement",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("holder_reference", sa.Text(), nullable=False),
        sa.Column("member_reference", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("parties", sa.Text(), server_default="[]", nullable=False),
        sa.Column("signed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("agreement_holder", "agreement", ["holder"], unique=False)
    op.create_index("agreement_member", "agreement", ["member"], unique=False)


def _audit() -> None:
    op.create_table("audit",
        sa.Column("id", _KEY, sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("fhir_user", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("audit_organisation", "audit", ["organisation", "id"], unique=False)
    op.create_index("audit_patient", "audit", ["patient", "id"], unique=False)


def _cursor() -> None:
    op.create_table("cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name")
    )


def _dissent() -> None:
    op.create_table("dissent",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("organisation_reference", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "organisation_reference")
    )
    op.create_index(op.f("ix_dissent_patient"), "dissent", ["patient"], unique=False)


def _due() -> None:
    op.create_table("due",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key")
    )
    op.create_index("due_at", "due", ["fired_at", "at"], unique=False)


def _event_position() -> None:
    op.create_table("event_position",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("log_id")
    )


def _inbox() -> None:
    op.create_table("inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id")
    )


def _inbox_version() -> None:
    op.create_table("inbox_version",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "subject")
    )


def _job() -> None:
    op.create_table("job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id")
    )


def _lease() -> None:
    op.create_table("lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name")
    )


def _log() -> None:
    op.create_table("log",
        sa.Column("id", _KEY, sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("granted", sa.Integer(), server_default="1", nullable=False),
        sa.Column("correlation", sa.Text(), nullable=True),
        sa.Column("practice", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("type", "resource_id", "version", name="log_version")
    )
    op.create_index("log_type", "log", ["type", "id"], unique=False)


def _membership() -> None:
    op.create_table("membership",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("holder_reference", sa.Text(), nullable=False),
        sa.Column("member_reference", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("membership_holder", "membership", ["holder"], unique=False)
    op.create_index("membership_member", "membership", ["member"], unique=False)


def _organisation() -> None:
    op.create_table("organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("organisation_code", "organisation", ["code"], unique=False)


def _outbox() -> None:
    op.create_table("outbox",
        sa.Column("log_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("txid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("log_id")
    )


def _parked() -> None:
    op.create_table("parked",
        sa.Column("id", _KEY, sa.Identity(always=False), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consumer", "event_id", name="parked_event")
    )
    op.create_index("parked_next", "parked", ["state", "next_at"], unique=False)
    op.create_index("parked_subject", "parked", ["consumer", "subject", "version"], unique=False)


def _part() -> None:
    op.create_table("part",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("organisation_reference", sa.Text(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "patient", "organisation_reference", "giver")
    )
    op.create_index("part_organisation", "part", ["organisation"], unique=False)
    op.create_index("part_patient", "part", ["patient"], unique=False)


def _patient() -> None:
    op.create_table("patient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("nhs_number", sa.Text(), nullable=True),
        sa.Column("practice_reference", sa.Text(), nullable=True),
        sa.Column("practice", sa.Text(), nullable=True),
        sa.Column("deleted", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("nhs_number")
    )
    op.create_index("patient_practice", "patient", ["practice"], unique=False)
    op.create_index("patient_practice_reference", "patient", ["practice_reference"], unique=False)


def _resource() -> None:
    op.create_table("resource",
        sa.Column("key", _KEY, sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("custodian", sa.Text(), nullable=True),
        sa.Column("received_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("type", "id", name="resource_type_id")
    )
    op.create_index("resource_patient", "resource", ["patient", "type"], unique=False)
    op.create_index("resource_type_key", "resource", ["type", "key"], unique=False)
    op.create_index("resource_updated", "resource", ["type", "updated", "key"], unique=False)


def _search_date() -> None:
    op.create_table("search_date",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("param", sa.Integer(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False)
    )
    op.create_index("search_date_key", "search_date", ["key"], unique=False)
    op.create_index("search_date_low", "search_date", ["param", "low", "key"], unique=False)


def _search_number() -> None:
    op.create_table("search_number",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("param", sa.Integer(), nullable=False),
        sa.Column("low", sa.Float(precision=53), nullable=False),
        sa.Column("high", sa.Float(precision=53), nullable=False),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True)
    )
    op.create_index("search_number_key", "search_number", ["key"], unique=False)
    op.create_index("search_number_low", "search_number", ["param", "low", "key"], unique=False)


def _search_string() -> None:
    op.create_table("search_string",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("param", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False)
    )
    op.create_index("search_string_folded", "search_string", ["param", "folded", "key"], unique=False)
    op.create_index("search_string_key", "search_string", ["key"], unique=False)


def _search_token() -> None:
    op.create_table("search_token",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("param", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False)
    )
    op.create_index("search_token_code", "search_token", ["param", "code", "key", "system"], unique=False)
    op.create_index("search_token_key", "search_token", ["key"], unique=False)
