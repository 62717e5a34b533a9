"""What case management adds to the declaration of the service."""

from __future__ import annotations

from mdt_service.case_management.admission_review_operation import admission_review
from mdt_service.case_management.arrangement_rows import plan_next_contact
from mdt_service.case_management.case_management_operation import case_management
from mdt_service.case_management.case_operation import EMITS, decide_case
from mdt_service.case_management.hospital_listener import keep_hospital_contact, settle_for_team
from mdt_service.case_management.register_review_operations import gp_participation, register_reviews
from mdt_service.case_management.review_announcement import (
    TELLS,
    tell_review_of_item,
    tell_reviews_of_meeting,
)
from mdt_service.case_management.review_chase_timer import MONTH_ENDED, chase_reviews
from mdt_service.case_management.review_reaction import keep_admission_review
from mdt_service.domain.case_management.case_finding import cases_are_decided
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"Task": (cases_are_decided,)},
    reactions={
        "Task": (keep_admission_review, plan_next_contact, tell_review_of_item),
        "Appointment": (tell_reviews_of_meeting,),
    },
    listeners=(
        Listener("keep-hospital-contact", ("fhir.Encounter.*",), keep_hospital_contact),
        Listener("settle-hospital-for-team", ("fhir.CareTeam.*",), settle_for_team),
    ),
    timers=(Timer(MONTH_ENDED, chase_reviews),),
    operations=(
        Operation(
            "admission-review", admission_review, type="Task", post_letter="c",
            documentation="Unplanned admissions, readmissions and attendances to review; POST decides and closes.",
        ),
        Operation(
            "case-management", case_management, type="Task", post_letter="c",
            documentation="Level of need, proactive contacts and next review of a person, with history; POST changes.",
        ),
        Operation(
            "decide-case", decide_case, level="instance", type="Task", letter="u", writes=True,
            documentation="A meeting accepts a case with its coordinator and care process, or declines it.",
        ),
        Operation(
            "register-reviews", register_reviews, type="Task",
            documentation="People on the case register, never reviewed or with their reviews by the team.",
        ),
        Operation(
            "gp-participation", gp_participation, type="Task",
            documentation="How often the own GP took part in reviews of people on the register.",
        ),
    ),
    emits={**EMITS, **TELLS},
)  # fmt: skip
