"""What clocks add to the declaration of the service."""

from __future__ import annotations

from careplan_service.clocks.clock_rows import DUE
from careplan_service.clocks.clocks_operations import clocks, clocks_of_plan
from careplan_service.clocks.due_timer import clock_time_came
from careplan_service.clocks.hospital_handler import hospital_stay_changed
from careplan_service.clocks.keep_clocks import LATER, work_out_later
from careplan_service.clocks.life_handler import life_changed
from careplan_service.clocks.plan_reactions import assessment_changed, count_community_input, plan_was_touched
from careplan_service.clocks.residency_handlers import list_changed
from careplan_service.clocks.support_handlers import team_changed, work_changed
from tandem.clocks.event_kinds import MEANING
from tandem.identity.periods import FOREVER
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    reactions={
        "CarePlan": (plan_was_touched,),
        "Goal": (count_community_input,),
        "QuestionnaireResponse": (assessment_changed, count_community_input),
        "RiskAssessment": (count_community_input,),
        "CareTeam": (team_changed,),
    },
    listeners=(
        Listener("clocks-of-lists", ("tandem.cohort.entered", "tandem.cohort.left"), list_changed),
        Listener("clocks-after-hospital", ("fhir.Encounter.*",), hospital_stay_changed),
        Listener("clocks-of-support", ("fhir.Task.*", "fhir.ServiceRequest.*"), work_changed),
        Listener("clocks-end-with-life", ("fhir.Patient.*",), life_changed),
    ),
    timers=(Timer(DUE, clock_time_came), Timer(LATER, work_out_later)),
    operations=(
        Operation(
            "clocks", clocks_of_plan, level="instance", type="CarePlan",
            documentation="Where the clocks of a plan stand, or stood at `as-of`.",
        ),
        Operation(
            "clocks", clocks, level="type", type="CarePlan",
            documentation="The clocks that the caller may see: by `state`, `kind`, `list`, practice and `as-of`.",
        ),
    ),
    emits=MEANING,
    overdue_clocks="SELECT kind AS name, COUNT(*) AS number FROM plan_clock"
    f" WHERE settled = {FOREVER} AND due < $1 GROUP BY kind",
)  # fmt: skip
