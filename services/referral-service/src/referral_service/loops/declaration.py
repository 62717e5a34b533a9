"""What the referral loop adds to the declaration of the service."""

from __future__ import annotations

from referral_service.domain.request_transitions import status_moves_by_the_table
from referral_service.loops.chase_timer import DUE, loop_fell_due
from referral_service.loops.loop_rules import claims_are_sound
from referral_service.loops.request_reaction import follow_request
from referral_service.loops.task_listener import follow_task
from referral_service.loops.telling import EMITS
from tandem.service import Listener, Timer
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (status_moves_by_the_table, claims_are_sound)},
    reactions={"ServiceRequest": (follow_request,)},
    listeners=(Listener("follow-task", ("fhir.Task.*",), follow_task),),
    timers=(Timer(DUE, loop_fell_due),),
    emits=EMITS,
)
