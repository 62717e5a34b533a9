"""What the referral loop adds to the declaration of the service."""

from __future__ import annotations

from referral_service.domain.request_transitions import status_moves_by_the_table
from referral_service.loops.chase_timer import DUE, loop_fell_due
from referral_service.loops.loop_operation import loop
from referral_service.loops.loop_rules import claims_are_sound
from referral_service.loops.older_rows import settle_older_rows
from referral_service.loops.practice_listener import keep_practice
from referral_service.loops.redirect_operation import redirect
from referral_service.loops.request_reaction import follow_request
from referral_service.loops.task_listener import follow_task
from referral_service.loops.telling import EMITS
from referral_service.loops.worklist_operation import worklist
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (status_moves_by_the_table, claims_are_sound)},
    reactions={"ServiceRequest": (follow_request,)},
    listeners=(
        Listener("follow-task", ("fhir.Task.*",), follow_task),
        Listener("keep-practice", ("fhir.Patient.*", "fhir.Organization.*"), keep_practice),
    ),
    timers=(Timer(DUE, loop_fell_due),),
    operations=(
        Operation(
            "loop",
            loop,
            level="instance",
            type="ServiceRequest",
            documentation="Where a referral stands, with whom, since when, and what happened in order.",
        ),
        Operation(
            "redirect",
            redirect,
            level="instance",
            type="ServiceRequest",
            letter="u",
            writes=True,
            documentation="Ask another organisation instead: the request is revoked and a new one replaces it.",
        ),
        Operation(
            "worklist",
            worklist,
            type="ServiceRequest",
            documentation="Every referral that is not closed, by where it stands, with exact counts.",
        ),
    ),
    emits=EMITS,
    seeds=(settle_older_rows,),
)
