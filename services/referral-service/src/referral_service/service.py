"""referral-service: was the loop closed?

It owns requests for other services and their reports. It asks for the Task by which a request is fulfilled, follows
that Task, and closes the request when it is done.
"""

from __future__ import annotations

from referral_service.domain.request_transitions import status_moves_by_the_table
from referral_service.loop_closing import CLOSED, NOT_ANSWERED, follow_task
from referral_service.loop_opening import REQUESTED, open_loop
from referral_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Listener, ResourceType, Service


def _declared(name: str) -> ResourceType:
    if name == "ServiceRequest":
        return ResourceType(name, rules=(status_moves_by_the_table,), reactions=(open_loop,))
    return ResourceType(name)


service = Service(
    name="referral-service",
    types=tuple(map(_declared, OWNED_TYPES["referral-service"])),
    metadata=metadata,
    migrations="referral_service:migrations",
    listeners=(Listener("follow-task", ("fhir.Task.*",), follow_task),),
    emits={
        REQUESTED: "A Task is asked for, under the id that it gives.",
        CLOSED: "The Task of a referral was completed, and the referral with it.",
        NOT_ANSWERED: "The Task of a referral was rejected, failed or cancelled; the need is still open.",
    },
)
