"""What the duty register adds to the declaration of the service."""

from __future__ import annotations

from mdt_service.domain.duties.duty_task import duty_is_whole
from mdt_service.duties.chase_timers import escalate, give_new_year, give_who_joined, remind, renew, tell_overdue
from mdt_service.duties.duties_operation import duties
from mdt_service.duties.duty_events import DUE, EMITS, ESCALATED, JOINED, LAPSED, NEW_YEAR, OVERDUE, REQUESTED
from mdt_service.duties.duty_reaction import keep_duty
from mdt_service.duties.evidence_operation import show_evidence
from mdt_service.duties.give_operation import give_duties
from mdt_service.duties.request_handler import give_requested_duty, plan_for_who_joined
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"Task": (duty_is_whole,)},
    reactions={"Task": (keep_duty,)},
    listeners=(
        Listener(
            "give-requested-duty", (REQUESTED,), give_requested_duty,
            asks="An organisation is to be given a duty, by a day, with the requirement or in words.",
        ),
        Listener("duties-of-who-joined", ("fhir.OrganizationAffiliation.*",), plan_for_who_joined),
    ),
    timers=(
        Timer(DUE, remind), Timer(OVERDUE, tell_overdue), Timer(ESCALATED, escalate), Timer(LAPSED, renew),
        Timer(NEW_YEAR, give_new_year), Timer(JOINED, give_who_joined),
    ),
    operations=(
        Operation(
            "give-duties", give_duties, type="Task", letter="u", writes=True,
            documentation="Gives an organisation, or a network and all who belong to it, the duties of a year.",
        ),
        Operation(
            "duties", duties, type="Task",
            documentation="The duty register of an organisation, a network or a commissioner, as of any day.",
        ),
        Operation(
            "evidence", show_evidence, level="instance", type="Task", letter="u", writes=True,
            documentation="Shows the evidence of a duty, by which it is met.",
        ),
    ),
    emits=EMITS,
)  # fmt: skip
