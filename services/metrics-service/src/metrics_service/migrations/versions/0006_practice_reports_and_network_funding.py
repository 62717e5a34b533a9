"""Practice reports and network funding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assurance_collaboration",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("with_practice", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "with_practice"),
    )
    op.create_index("assurance_collaboration_with", "assurance_collaboration", ["with_practice"], unique=False)
    op.create_table(
        "assurance_form",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("form_json", sa.LargeBinary(), nullable=False),
        sa.Column("baseline_json", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_day", sa.Integer(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("decided_day", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice"),
    )
    op.create_table(
        "baseline_return",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("fields_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "number"),
    )
    op.create_table(
        "funding_breakdown",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_day", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("lines_json", sa.LargeBinary(), nullable=True),
        sa.Column("answered_day", sa.Integer(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "number"),
    )
    op.create_table(
        "impact_fund_achievement",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "year", "element"),
    )
    op.create_table(
        "impact_fund_rules",
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_json", sa.LargeBinary(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", "version"),
    )
    op.create_table(
        "network_fund",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("designated_day", sa.Integer(), nullable=False),
        sa.Column("designated_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network"),
    )
    op.create_table(
        "network_payment",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("paid_day", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "number"),
    )
    op.create_table(
        "payment_recovery",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_day", sa.Integer(), nullable=True),
        sa.Column("recorded_day", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "number"),
    )
    op.create_table(
        "performance_decision",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("terms", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("satisfactory", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_day", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "terms", "number"),
    )
    op.create_table(
        "practice_report",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_json", sa.LargeBinary(), nullable=False),
        sa.Column("figures_json", sa.LargeBinary(), nullable=True),
        sa.Column("template_json", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_day", sa.Integer(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "period"),
    )
    op.create_table(
        "report_template",
        sa.Column("commissioner", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("questions_json", sa.LargeBinary(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commissioner", "version"),
    )
    op.create_table(
        "role_claim",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wte", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "role", "month"),
    )
    op.create_index("role_claim_month", "role_claim", ["network", "month"], unique=False)
    op.create_table(
        "scheme_payment",
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("paid_day", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("practice", "kind", "part"),
    )
    op.create_table(
        "scheme_variation",
        sa.Column("commissioner", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("upfront_pence", sa.BigInteger(), nullable=False),
        sa.Column("final_pence", sa.BigInteger(), nullable=False),
        sa.Column("final_due_day", sa.Integer(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commissioner", "number"),
    )
