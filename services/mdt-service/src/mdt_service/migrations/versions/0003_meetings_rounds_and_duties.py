"""Meetings, rounds and duties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_chase",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("action_chase_action", "action_chase", ["action"], unique=False)
    op.create_table(
        "admission_review",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("encounter", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("admission_review_encounter", "admission_review", ["encounter"], unique=False)
    op.create_index("admission_review_scope", "admission_review", ["scope"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("agenda_item_appointment", "agenda_item", ["appointment"], unique=False)
    op.create_index("agenda_item_patient", "agenda_item", ["patient"], unique=False)
    op.create_table(
        "agenda_reason",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_index("agenda_reason_patient", "agenda_reason", ["patient"], unique=False)
    op.create_table(
        "appointment_booked",
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("intervention", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=True),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("appointment"),
    )
    op.create_index("appointment_booked_intervention", "appointment_booked", ["intervention", "starts"], unique=False)
    op.create_table(
        "appointment_time",
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("appointment", "actor"),
    )
    op.create_index("appointment_time_actor", "appointment_time", ["actor", "starts"], unique=False)
    op.create_table(
        "care_team_member",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "role", "member"),
    )
    op.create_index("care_team_member_patient", "care_team_member", ["patient", "role"], unique=False)
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
        "duty",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("met_day", sa.Integer(), nullable=True),
        sa.Column("until_day", sa.Integer(), nullable=True),
        sa.Column("withdrawn_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("duty_owner", "duty", ["owner"], unique=False)
    op.create_table(
        "duty_chase",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("duty", "step"),
    )
    op.create_table("duty_given", sa.Column("task", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("task"))
    op.create_table(
        "duty_register", sa.Column("network", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("network")
    )
    op.create_table(
        "home_flag",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by_code", sa.Text(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("home_flag_patient", "home_flag", ["patient"], unique=False)
    op.create_table(
        "home_resident",
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("episode"),
    )
    op.create_index("home_resident_home", "home_resident", ["home"], unique=False)
    op.create_index("home_resident_patient", "home_resident", ["patient"], unique=False)
    op.create_table(
        "home_round",
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("appointment"),
    )
    op.create_index("home_round_home", "home_round", ["home", "starts"], unique=False)
    op.create_index("home_round_leader", "home_round", ["leader", "starts"], unique=False)
    op.create_index("home_round_schedule", "home_round", ["schedule", "day"], unique=False)
    op.create_table(
        "home_triage",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("home_triage_flag", "home_triage", ["flag"], unique=False)
    op.create_table(
        "hospital_contact",
        sa.Column("encounter", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("encounter"),
    )
    op.create_index("hospital_contact_patient", "hospital_contact", ["patient", "starts"], unique=False)
    op.create_index("hospital_contact_starts", "hospital_contact", ["starts"], unique=False)
    op.create_table(
        "hospital_follow_up",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("hospital_follow_up_patient", "hospital_follow_up", ["patient"], unique=False)
    op.create_table(
        "hospital_notice",
        sa.Column("communication", sa.Text(), nullable=False),
        sa.Column("encounter", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("communication"),
    )
    op.create_index("hospital_notice_encounter", "hospital_notice", ["encounter"], unique=False)
    op.create_table(
        "key_contact",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "member"),
    )
    op.create_index("key_contact_member", "key_contact", ["member"], unique=False)
    op.create_index("key_contact_patient", "key_contact", ["patient"], unique=False)
    op.create_table(
        "mdt_team",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team"),
    )
    op.create_table(
        "meeting",
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("attendees", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("appointment"),
    )
    op.create_index("meeting_schedule", "meeting", ["schedule", "starts"], unique=False)
    op.create_index("meeting_team", "meeting", ["team", "starts"], unique=False)
    op.create_table(
        "meeting_action",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("closed_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("meeting_action_appointment", "meeting_action", ["appointment"], unique=False)
    op.create_index("meeting_action_patient", "meeting_action", ["patient"], unique=False)
    op.create_table(
        "meeting_series",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("schedule"),
    )
    op.create_index("meeting_series_team", "meeting_series", ["team"], unique=False)
    op.create_table(
        "review_appointment_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("modes", sa.Text(), nullable=False),
        sa.Column("shortest", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "round_policy",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area", "version"),
        sa.UniqueConstraint("area", "first_day"),
    )
    op.create_table(
        "round_preparation",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("appointment", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("round_preparation_appointment", "round_preparation", ["appointment"], unique=False)
    op.create_table(
        "round_series",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule"),
    )
    op.create_index("round_series_home", "round_series", ["home"], unique=False)
    op.create_table(
        "schedule_actor",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "actor"),
    )
    op.create_table(
        "slot_time",
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot"),
    )
    op.create_index("slot_time_free", "slot_time", ["status", "starts"], unique=False)
    op.create_table(
        "task_clock",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("performer", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("task_clock_owner", "task_clock", ["owner", "ended", "due"], unique=False)
    op.create_index("task_clock_patient", "task_clock", ["patient"], unique=False)
    op.create_index("task_clock_performer", "task_clock", ["performer", "ended", "due"], unique=False)
