"""careplan-service: what did we agree with the person?

It owns the plan, its goals, the team, consents and what a person takes. It opens a plan for whoever comes to live in a
care home, keeps the plan's clocks, and shows on the plan the work that others do for it.
"""

from __future__ import annotations

from careplan_service.activity_handlers import show_on_plan
from careplan_service.agreement_operations import agreement
from careplan_service.clock_operations import clocks, clocks_of_plan
from careplan_service.clock_rows import BREACHED, CLOSED, DUE, STARTED, STOPPED
from careplan_service.medicine_operations import current
from careplan_service.medicine_reactions import CHANGED, tell_medicine
from careplan_service.plan_reactions import count_community_input, keep_goal, keep_plan, show_activities
from careplan_service.residency_handlers import clock_fell_due, end_residency, open_plan
from careplan_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Listener, Operation, Reaction, ResourceType, Service, Timer

_REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "CarePlan": (keep_plan, count_community_input, show_activities),
    "Goal": (keep_goal, count_community_input),
    "QuestionnaireResponse": (count_community_input,),
    "RiskAssessment": (count_community_input,),
    "MedicationStatement": (tell_medicine,),
}

_VERSIONED = frozenset({"CarePlan", "Goal", "CareTeam"})
"""Shared by several organisations at once: nobody overwrites what they have not read."""

service = Service(
    name="careplan-service",
    types=tuple(
        ResourceType(name, reactions=_REACTIONS.get(name, ()), versioned_update=name in _VERSIONED)
        for name in OWNED_TYPES["careplan-service"]
    ),
    metadata=metadata,
    migrations="careplan_service:migrations",
    listeners=(
        Listener("open-plan", ("tandem.cohort.entered",), open_plan),
        Listener("end-residency", ("tandem.cohort.left",), end_residency),
        Listener("show-on-plan", ("fhir.Task.*", "fhir.ServiceRequest.*"), show_on_plan),
    ),
    timers=(Timer(DUE, clock_fell_due),),
    operations=(
        Operation(
            "clocks", clocks_of_plan, level="instance", type="CarePlan",
            documentation="Where the clocks of a plan stand, or stood at `as-of`.",
        ),
        Operation(
            "clocks", clocks, level="type", type="CarePlan",
            documentation="The clocks of all plans that the caller may see, by `state`, `kind` and `as-of`.",
        ),
        Operation(
            "agreement", agreement, level="instance", type="CarePlan",
            documentation="What the agreement of a plan rests on, goals and the person's voice, and what is missing.",
        ),
        Operation(
            "current", current, level="type", type="MedicationStatement",
            documentation="What a person takes now: the newest statement of each medicine, when it is active.",
        ),
    ),
    emits={
        STARTED: "A clock of a plan began, or its beginning is now known to be another.",
        STOPPED: "What a clock of a plan asked for was done.",
        BREACHED: "A clock of a plan fell due without being stopped.",
        CLOSED: "A clock of a plan was closed because its reason went away before it was stopped.",
        CHANGED: "A statement about a medicine of a person was made, changed or deleted.",
    },
)  # fmt: skip
