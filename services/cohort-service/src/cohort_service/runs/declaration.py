"""What the identification runs add to the declaration of the service."""

from __future__ import annotations

from cohort_service.runs.approach import set_standard_approach
from cohort_service.runs.duty_operation import duty
from cohort_service.runs.duty_timers import DUE, OVERDUE, follow_membership, follow_network, say_what_is_owed
from cohort_service.runs.history import runs
from cohort_service.runs.identify import identify
from cohort_service.runs.import_audit import import_audit
from cohort_service.runs.matches import matches
from cohort_service.runs.offers import offer
from cohort_service.runs.priority_list import priority_list
from cohort_service.runs.stages import stages
from cohort_service.runs.tools import register_tool, tools
from tandem.service import Operation, Timer
from tandem.service_part import Part

PART = Part(
    reactions={"OrganizationAffiliation": (follow_membership,), "Organization": (follow_network,)},
    timers=(Timer(DUE, say_what_is_owed), Timer(OVERDUE, say_what_is_owed)),
    operations=(
        Operation(
            "identify", identify, type="Group", letter="u", writes=True, asynchronous=True,
            documentation="Looks through everybody registered, brings the lists up to date, and tells the numbers.",
        ),
        Operation(
            "runs", runs, type="Group",
            documentation="The identification runs that were made, with the definitions each of them used.",
        ),
        Operation(
            "duty", duty, type="Group",
            documentation="When people were last looked for, when the next run is due, and whether it is overdue.",
        ),
        Operation(
            "stages", stages, type="Group",
            documentation="How many people each stage of a run kept, and what clinicians decided.",
        ),
        Operation(
            "priority-list", priority_list, type="Group",
            documentation="The dated list of a run, with tier, reasons, decision and offers of each person.",
        ),
        Operation(
            "offer", offer, type="Group", letter="u", writes=True,
            documentation="Records that physical or mental health support was offered to a person.",
        ),
        Operation(
            "register-tool", register_tool, type="Group", letter="u", writes=True,
            documentation="Registers an identification tool in a version, for a practice or network.",
        ),
        Operation("tools", tools, type="Group", documentation="The identification tools that were registered."),
        Operation(
            "import-audit", import_audit, type="Group", letter="u", writes=True,
            documentation="Keeps what an identification tool found as a record of each person it names.",
        ),
        Operation(
            "matches", matches, type="Group",
            documentation="Whom an imported audit named, with the source of each match.",
        ),
        Operation(
            "standard-approach", set_standard_approach, type="Group", letter="u", writes=True,
            documentation="The cohorts by which a commissioner wants people at rising risk found.",
        ),
    ),
    emits={
        DUE: "An identification run for a service will be due in a network.",
        OVERDUE: "An identification run for a service was not made in time in a network.",
    },
)  # fmt: skip
