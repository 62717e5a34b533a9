"""Plans, reviews and teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment_assignment",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("assessment_assignment_whole", "assessment_assignment", ["whole"], unique=False)
    op.create_table(
        "budget_right",
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("flag"),
    )
    op.create_index("budget_right_patient", "budget_right", ["patient"], unique=False)
    op.create_table(
        "budget_year",
        sa.Column("commissioner", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("promote", sa.Text(), nullable=False),
        sa.Column("direct", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commissioner", "year", "version"),
    )
    op.create_table(
        "care_team_hand_over",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team", "version"),
    )
    op.create_table(
        "care_team_role",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "place"),
    )
    op.create_index("care_team_role_patient", "care_team_role", ["patient", "role"], unique=False)
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
        "contribution",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("fhir_user", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "key"),
    )
    op.create_index("contribution_key", "contribution", ["key"], unique=False)
    op.create_table(
        "contribution_request",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "organisation", "name"),
    )
    op.create_table(
        "decision_situation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("trained", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
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
        "medication_review_decision",
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("known", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("episode", "system", "code"),
    )
    op.create_index("medication_review_decision_patient", "medication_review_decision", ["patient"], unique=False)
    op.create_table(
        "medication_review_episode",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=True),
        sa.Column("looked_up", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("medication_review_episode_patient", "medication_review_episode", ["patient"], unique=False)
    op.create_index("medication_review_episode_process", "medication_review_episode", ["process"], unique=False)
    op.create_index(
        "medication_review_one_preliminary",
        "medication_review_episode",
        ["process"],
        unique=True,
        postgresql_where=sa.text("status = 'preliminary'"),
        sqlite_where=sa.text("status = 'preliminary'"),
    )
    op.create_table(
        "medication_review_policy",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "scope", "version"),
    )
    op.create_table(
        "medication_review_prescription",
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("episode", "reference"),
    )
    op.create_table(
        "medication_review_process",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "medication_review_one_open",
        "medication_review_process",
        ["patient"],
        unique=True,
        postgresql_where=sa.text("open = 1"),
        sqlite_where=sa.text("open = 1"),
    )
    op.create_table(
        "medication_review_reference",
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("episode", "reference"),
    )
    op.create_table(
        "medication_review_request",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("medication_review_request_patient", "medication_review_request", ["patient"], unique=False)
    op.create_table(
        "pam_cohort",
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort", "version"),
    )
    op.create_table(
        "person_life",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("born", sa.Text(), nullable=True),
        sa.Column("died", sa.Text(), nullable=True),
        sa.Column("dead", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("patient"),
    )
    op.create_table(
        "questionnaire_response",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("authored", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("author_kind", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_kind", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "questionnaire_response_patient",
        "questionnaire_response",
        ["patient", "questionnaire", "authored"],
        unique=False,
    )
    op.create_index("questionnaire_response_whole", "questionnaire_response", ["whole"], unique=False)
    op.create_table(
        "response_answer",
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("response", "position"),
    )
    op.create_index("response_answer_link_id", "response_answer", ["link_id", "response"], unique=False)
    op.create_table(
        "response_plan",
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("response", "plan", "said_by"),
    )
    op.create_index("response_plan_plan", "response_plan", ["plan"], unique=False)
    op.create_table(
        "summary_consent",
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consent"),
    )
    op.create_index("summary_consent_patient", "summary_consent", ["patient"], unique=False)
    op.add_column("plan_activity", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("plan_activity", sa.Column("performers", sa.Text(), nullable=True))
    op.add_column("plan_activity", sa.Column("goals", sa.Text(), nullable=True))
    op.create_index("plan_activity_reference", "plan_activity", ["reference"], unique=False)
