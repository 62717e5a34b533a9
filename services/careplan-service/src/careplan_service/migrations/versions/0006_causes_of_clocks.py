"""Causes of clocks.

A clock is named by what caused it, and not by a stay in a care home alone. Written by hand: what was kept goes along.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FOREVER = 253_402_300_800_000_000
"""What stood for no end when this was written."""
_TIMER = "careplan.clock.due"
_POLICIES = {
    "agreed-within-seven-days": "agreed-within-seven-days/stay@1",
    "community-input-within-seven-working-days": "community-input-within-seven-working-days/stay@1",
}


def upgrade() -> None:
    op.create_table(
        "clock_fact",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("plan", sa.Text()),
        sa.Column("next", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("clock_fact_patient", "clock_fact", ["patient"])
    op.execute("ALTER TABLE plan_clock RENAME COLUMN residency TO cause")
    for column in (
        sa.Column("warn", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("settled", sa.BigInteger(), nullable=False, server_default=str(_FOREVER)),
        sa.Column("first", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("warned", sa.BigInteger()),
        sa.Column("told", sa.BigInteger()),
    ):
        op.add_column("plan_clock", column)
    op.drop_index("plan_clock_patient", "plan_clock")
    op.create_index("plan_clock_person", "plan_clock", ["patient", "settled"])
    op.create_index("plan_clock_settled", "plan_clock", ["settled", "due", "patient"])
    _carry_clocks()
    _carry_agreements()
    _renew_timers()


def _carry_clocks() -> None:
    op.execute("UPDATE plan_clock SET cause = 'membership/' || cause")
    op.execute(f"UPDATE plan_clock SET settled = COALESCE(stopped, closed, {_FOREVER}), warn = due")
    for kind, policy in _POLICIES.items():
        op.execute(f"UPDATE plan_clock SET policy = '{policy}' WHERE kind = '{kind}'")


def _carry_agreements() -> None:
    """What stopped a clock is known from then on by itself."""
    op.execute(
        "INSERT INTO clock_fact (source, kind, patient, at, plan, version)"
        " SELECT 'CarePlan/' || id || '/_history/0', 'plan-agreed', patient, agreed, id, 0 FROM shared_plan"
        " WHERE agreed IS NOT NULL"
    )
    op.execute(
        "INSERT INTO clock_fact (source, kind, patient, at, version)"
        " SELECT cause, 'community-input', patient, stopped, 0 FROM plan_clock"
        " WHERE stopped IS NOT NULL AND kind = 'community-input-within-seven-working-days'"
    )


def _renew_timers() -> None:
    """Timers name their clock by its cause, and its person."""
    connection = op.get_bind()
    connection.execute(sa.text(f"DELETE FROM due WHERE kind = '{_TIMER}' AND fired_at IS NULL"))
    running = connection.execute(
        sa.text(f"SELECT cause, kind, patient, due FROM plan_clock WHERE settled = {_FOREVER}")
    ).all()
    for cause, kind, patient, due in running:
        payload = json.dumps({"cause": cause, "kind": kind, "patient": patient}).encode()
        connection.execute(
            sa.text("INSERT INTO due (kind, key, at, payload) VALUES (:kind, :key, :at, :payload)"),
            {"kind": _TIMER, "key": f"{cause}/{kind}", "at": due, "payload": payload},
        )
