"""The tables of careplan-service: the kernel's, and those of each of its parts."""

from __future__ import annotations

from sqlalchemy import MetaData

from careplan_service.activation import tables as activation
from careplan_service.assessments import tables as assessments
from careplan_service.care_teams import tables as care_teams
from careplan_service.clocks import tables as clocks
from careplan_service.consents import tables as consents
from careplan_service.contributions import tables as contributions
from careplan_service.medication_review import tables as medication_review
from careplan_service.personal_budgets import tables as personal_budgets
from careplan_service.plans import tables as plans
from careplan_service.questionnaires import tables as questionnaires
from careplan_service.shared_decisions import tables as shared_decisions
from tandem.cohort_membership import tables as cohort_membership
from tandem.database.tables import declare_kernel_tables
from tandem.directory import tables as directory
from tandem.local_agreements import tables as local_agreements

metadata = MetaData()
declare_kernel_tables(metadata)

_AREAS = (
    directory, cohort_membership, local_agreements, questionnaires, consents, contributions, care_teams,
    assessments, activation, plans, clocks, medication_review, shared_decisions, personal_budgets,
)  # fmt: skip
for part in _AREAS:
    part.declare(metadata)
