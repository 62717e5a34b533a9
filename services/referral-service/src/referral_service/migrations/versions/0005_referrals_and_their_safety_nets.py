"""Referrals and their safety nets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_request",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "type", "request_id"),
    )
    op.create_table(
        "cancer_criteria",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "cancer_diagnosis",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_index("cancer_diagnosis_day", "cancer_diagnosis", ["day"], unique=False)
    op.create_index("cancer_diagnosis_patient", "cancer_diagnosis", ["patient"], unique=False)
    op.create_table(
        "cancer_pathway",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=True),
        sa.Column("performer", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("area", "pathway", "first_day"),
    )
    op.create_table(
        "cancer_person",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("birth", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("patient"),
    )
    op.create_table(
        "cancer_protocol",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "version"),
    )
    op.create_table(
        "cancer_referral",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("judgement", sa.LargeBinary(), nullable=False),
        sa.Column("support", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_index("cancer_referral_patient", "cancer_referral", ["patient"], unique=False)
    op.create_table(
        "cohort_member",
        sa.Column("residency", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("residency"),
    )
    op.create_index("cohort_member_cohort", "cohort_member", ["cohort", "patient"], unique=False)
    op.create_index("cohort_member_patient", "cohort_member", ["patient"], unique=False)
    op.create_table(
        "directory_organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("directory_organisation_code", "directory_organisation", ["code"], unique=False)
    op.create_table(
        "directory_place",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "directory_practitioner",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("qualifications", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "directory_role",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("practitioner", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("specialties", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("directory_role_practitioner", "directory_role", ["practitioner"], unique=False)
    op.create_table(
        "local_agreement",
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("affiliation"),
    )
    op.create_index("local_agreement_role", "local_agreement", ["role"], unique=False)
    op.create_table(
        "message",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=True),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "request_id"),
        sa.UniqueConstraint("sender", "message", name="message_of_sender"),
    )
    op.create_index("message_focus", "message", ["sender", "focus"], unique=False)
    op.create_index("message_referral", "message", ["referral"], unique=False)
    op.create_table(
        "message_address",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", "system", "value"),
    )
    op.create_index("message_address_value", "message_address", ["system", "value"], unique=False)
    op.create_table(
        "referral_identifier",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "value"),
    )
    op.create_index("referral_identifier_request", "referral_identifier", ["request"], unique=False)
    op.create_table(
        "referral_step",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "version"),
    )
    op.create_index("referral_step_request", "referral_step", ["request"], unique=False)
    op.create_table(
        "request_clock",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("warn", sa.BigInteger(), nullable=True),
        sa.Column("stopped", sa.BigInteger(), nullable=True),
        sa.Column("stopped_how", sa.Text(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.Column("settled", sa.BigInteger(), server_default="253402300800000000", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warned", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("request", "kind"),
    )
    op.create_index("request_clock_due", "request_clock", ["kind", "due"], unique=False)
    op.create_index("request_clock_owner", "request_clock", ["owner", "settled"], unique=False)
    op.create_index("request_clock_person", "request_clock", ["patient", "settled"], unique=False)
    op.create_index("request_clock_settled", "request_clock", ["settled", "due"], unique=False)
    op.create_table(
        "safety_net",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=True),
        sa.Column("days", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_index("safety_net_patient", "safety_net", ["patient"], unique=False)
    op.create_table(
        "safety_net_chase",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("safety_net_chase_request", "safety_net_chase", ["request"], unique=False)
    op.create_table(
        "safety_net_fact",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("happened", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request", "source", "version"),
    )
    op.create_index("safety_net_fact_patient", "safety_net_fact", ["patient", "kind"], unique=False)
    op.create_index("safety_net_fact_source", "safety_net_fact", ["source"], unique=False)
    op.create_table(
        "safety_net_span",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="253402300800000000", nullable=False),
        sa.Column("due", sa.BigInteger(), server_default="253402300800000000", nullable=False),
        sa.PrimaryKeyConstraint("request", "place"),
    )
    op.create_index("safety_net_span_open", "safety_net_span", ["open", "until", "due", "request"], unique=False)
    op.create_index("safety_net_span_person", "safety_net_span", ["patient", "open", "until"], unique=False)
    op.create_table(
        "support_delivery",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("task_status", sa.Text(), nullable=True),
        sa.Column("task_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("support_delivery_request", "support_delivery", ["request", "due"], unique=False)
    op.create_table(
        "urgent_assessment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("assessed", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("assessed_by", sa.Text(), nullable=False),
        sa.Column("assessor", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("urgent_assessment_assessed", "urgent_assessment", ["assessed"], unique=False)
    op.create_index("urgent_assessment_person", "urgent_assessment", ["patient", "assessed"], unique=False)
    op.create_table(
        "urgent_breach_reason",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_table(
        "urgent_fact",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=True),
        sa.Column("responded", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request", "source"),
    )
    op.add_column("referral_loop", sa.Column("round", sa.Integer(), server_default="0", nullable=False))
    op.add_column("referral_loop", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("requester", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("request_status", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("sent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("referral_loop", sa.Column("task_status", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("task_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("referral_loop", sa.Column("partly", sa.Integer(), server_default="0", nullable=False))
    op.add_column("referral_loop", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("reply", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("stands", sa.Text(), server_default="waiting-for-answer", nullable=False))
    op.add_column("referral_loop", sa.Column("waits", sa.Integer(), server_default="1", nullable=False))
    op.add_column("referral_loop", sa.Column("asked", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("received", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("accepted", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("started", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("held", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("ended", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("answer_due", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("done_due", sa.BigInteger(), nullable=True))
    op.add_column("referral_loop", sa.Column("chased", sa.Text(), server_default="", nullable=False))
    op.add_column("referral_loop", sa.Column("replaces", sa.Text(), nullable=True))
    op.add_column("referral_loop", sa.Column("practice", sa.Text(), nullable=True))
    op.create_index("referral_loop_owner", "referral_loop", ["owner", "waits", "opened", "request"], unique=False)
    op.create_index("referral_loop_patient", "referral_loop", ["patient", "waits"], unique=False)
    op.create_index(
        "referral_loop_practice",
        "referral_loop",
        ["practice", "waits", "opened", "request", "stands", "answer_due", "done_due", "patient"],
        unique=False,
    )
    op.create_index("referral_loop_replaces", "referral_loop", ["replaces"], unique=False)
    op.create_index(
        "referral_loop_requester", "referral_loop", ["requester", "waits", "opened", "request"], unique=False
    )
    op.create_index("referral_loop_task", "referral_loop", ["task"], unique=False)
    op.create_index("referral_loop_waits", "referral_loop", ["waits", "opened", "request"], unique=False)
