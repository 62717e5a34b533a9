"""What home rounds add to the declaration of the service."""

from __future__ import annotations

from mdt_service.domain.home_rounds.flags import flags_are_whole
from mdt_service.domain.home_rounds.round_transitions import round_moves_by_the_table
from mdt_service.home_rounds.agreed_part_operation import agree_part
from mdt_service.home_rounds.alignment_listener import keep_alignment
from mdt_service.home_rounds.compliance_operation import round_compliance
from mdt_service.home_rounds.flag_reaction import keep_flag
from mdt_service.home_rounds.medication_review_reaction import refuse_who_may_not_review_medicines
from mdt_service.home_rounds.plan_operation import plan_rounds
from mdt_service.home_rounds.policy_operation import round_policy
from mdt_service.home_rounds.resident_listener import keep_resident
from mdt_service.home_rounds.round_events import EMITS, GP_DUE, GP_OVERDUE, WEEK_ENDED
from mdt_service.home_rounds.round_list_operation import round_list
from mdt_service.home_rounds.round_operation import take_round
from mdt_service.home_rounds.round_reaction import keep_home_round
from mdt_service.home_rounds.round_timers import tell_gp_led, week_ended
from mdt_service.home_rounds.series_reaction import keep_series_of_rounds
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"Appointment": (round_moves_by_the_table,), "Task": (flags_are_whole,)},
    reactions={
        "Schedule": (keep_series_of_rounds,), "Appointment": (keep_home_round,),
        "Task": (keep_flag, refuse_who_may_not_review_medicines),
    },
    listeners=(
        Listener("keep-home-resident", ("fhir.EpisodeOfCare.*",), keep_resident),
        Listener("keep-home-alignment", ("fhir.OrganizationAffiliation.*",), keep_alignment),
    ),
    timers=(Timer(WEEK_ENDED, week_ended), Timer(GP_DUE, tell_gp_led), Timer(GP_OVERDUE, tell_gp_led)),
    operations=(
        Operation(
            "plan-rounds", plan_rounds, type="Schedule", letter="c", writes=True,
            documentation="Plans the weekly rounds of a care home, and says which rule the plan would break.",
        ),
        Operation(
            "agree-part", agree_part, level="instance", type="Schedule", letter="u", writes=True,
            documentation="Records what an organisation agreed to do for the rounds of a home.",
        ),
        Operation(
            "round-compliance", round_compliance, level="instance", type="Schedule",
            documentation="Missed weeks, GP-led rounds, consistency of the team and agreed parts, as of any day.",
        ),
        Operation(
            "round-policy", round_policy, type="Schedule", post_letter="u",
            documentation="The versions of the policy of home rounds; POST publishes the next.",
        ),
        Operation(
            "round-list", round_list, level="instance", type="Appointment",
            documentation="Whom a home round sees, in order, with every reason.",
        ),
        Operation(
            "round", take_round, level="instance", type="Appointment", letter="u", writes=True,
            documentation="Begins a home round, records what is done for a resident, or finishes it.",
        ),
    ),
    emits=EMITS,
)  # fmt: skip
