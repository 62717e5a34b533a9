"""What the referral loop adds to the declaration of the service."""

from __future__ import annotations

from referral_service.domain.request_transitions import status_moves_by_the_table
from referral_service.loops.closing import CLOSED, NOT_ANSWERED, follow_task
from referral_service.loops.opening import REQUESTED, open_loop
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (status_moves_by_the_table,)},
    reactions={"ServiceRequest": (open_loop,)},
    listeners=(Listener("follow-task", ("fhir.Task.*",), follow_task),),
    emits={
        REQUESTED: "A Task is asked for, under the id that it gives.",
        CLOSED: "The Task of a referral was completed, and the referral with it.",
        NOT_ANSWERED: "The Task of a referral was rejected, failed or cancelled; the need is still open.",
    },
)
