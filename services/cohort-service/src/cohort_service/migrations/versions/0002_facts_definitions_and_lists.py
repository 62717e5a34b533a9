"""Facts definitions and lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohort_choice",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("switched_on", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "cohort", "from_day"),
    )
    op.create_table(
        "cohort_definition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("installed", sa.BigInteger(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_table(
        "concept",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=True),
        sa.Column("bnf", sa.Text(), nullable=True),
        sa.Column("substance", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("system", "code", name="concept_code"),
    )
    op.create_table(
        "fact",
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("concept", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=True),
    )
    op.create_index("fact_concept", "fact", ["concept", "person", "starts", "ends"], unique=False)
    op.create_index("fact_person", "fact", ["person"], unique=False)
    op.create_index("fact_record", "fact", ["record"], unique=False)
    op.create_table(
        "identification_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Integer(), nullable=False),
        sa.Column("dry_run", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=True),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("known_to", sa.BigInteger(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=True),
        sa.Column("data_day", sa.Integer(), nullable=True),
        sa.Column("definitions_json", sa.LargeBinary(), nullable=False),
        sa.Column("counts_json", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "identification_run_organisation", "identification_run", ["organisation", "service", "started"], unique=False
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("tool", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("judgement_person", "judgement", ["patient", "cohort"], unique=False)
    op.create_index("judgement_until", "judgement", ["until_day"], unique=False)
    op.create_table(
        "medicine",
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("concept", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("record", sa.BigInteger(), nullable=False),
    )
    op.create_index("medicine_concept", "medicine", ["concept", "person", "starts", "ends"], unique=False)
    op.create_index("medicine_person", "medicine", ["person"], unique=False)
    op.create_index("medicine_record", "medicine", ["record"], unique=False)
    op.create_table(
        "person",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("died", sa.Integer(), nullable=True),
        sa.Column("left_on", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("patient"),
    )
    op.create_table(
        "record",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("record_person", "record", ["person"], unique=False)
    op.create_table(
        "stale_person",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "value_set",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("grouping", sa.Text(), nullable=True),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("installed", sa.BigInteger(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_table(
        "value_set_member",
        sa.Column("value_set", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("concept", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("value_set", "version", "concept"),
    )
    op.create_index("value_set_member_concept", "value_set_member", ["concept"], unique=False)
    op.add_column("group_member", sa.Column("origin", sa.Text(), server_default="rule", nullable=False))
    op.add_column("group_member", sa.Column("ended_by", sa.Text(), nullable=True))
    op.add_column("group_member", sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
    op.create_index("group_member_patient", "group_member", ["patient"], unique=False)
