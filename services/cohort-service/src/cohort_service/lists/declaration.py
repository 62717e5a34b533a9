"""What the lists add to the declaration of the service."""

from __future__ import annotations

from cohort_service.lists.announcements import ENTERED, LEFT
from cohort_service.lists.daily import DAY_BEGAN, STEP, day_began, expect_next_day, take_step
from cohort_service.lists.explain import explain
from cohort_service.lists.judge import judge, judge_in_cohort
from cohort_service.lists.list_operation import combined_members, members
from cohort_service.lists.patient_cohorts import patient_cohorts
from cohort_service.lists.practice_arrival import give_practice_its_groups
from tandem.service import Operation, Timer
from tandem.service_part import Part

PART = Part(
    reactions={"Organization": (give_practice_its_groups,)},
    timers=(Timer(DAY_BEGAN, day_began), Timer(STEP, take_step)),
    seeds=(expect_next_day,),
    operations=(
        Operation(
            "members", members, level="instance", type="Group",
            documentation="The Group with its members in the order of offer, as far as the caller may see them, a page"
            " at a time; filtered by need, segment, risk and intervention.",
        ),
        Operation(
            "members", combined_members, type="Group",
            documentation="The caller's people who are on any of several lists, each counted once.",
        ),
        Operation(
            "explain", explain, level="instance", type="Group",
            documentation="Whether, since when, by which rules and by which records a person is in the group.",
        ),
        Operation(
            "judge", judge, level="instance", type="Group", letter="u", writes=True,
            documentation="A clinician adds a person, takes one off, or moves one up or down, with the reason.",
        ),
        Operation(
            "judge", judge_in_cohort, type="Group", letter="u", writes=True,
            documentation="The same for the list of the cohort at the practice of the person.",
        ),
        Operation(
            "cohorts", patient_cohorts, level="instance", type="Patient",
            documentation="Every list, plan, activation score and budget of a person, with the service of each.",
        ),
    ),
    emits={
        ENTERED: "A person entered a cohort, or a later-known record moved the beginning of the stay.",
        LEFT: "A person left a cohort, or the evidence for the stay was taken back.",
    },
)  # fmt: skip
