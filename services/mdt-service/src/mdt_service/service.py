"""mdt-service: who does what, by when?

It owns the actions of the team: Tasks, appointments and what is said to people. It makes the Task and the letter
that another service asks for, and holds every Task to the states of FHIR.
"""

from __future__ import annotations

from mdt_service.domain.invitations.sending import invitation_is_sent_in_writing
from mdt_service.domain.task_transitions import status_moves_by_the_table
from mdt_service.invitation_operation import mark_sent
from mdt_service.request_handlers import cancel_withdrawn, create_requested_communication, create_requested_task
from mdt_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Listener, Operation, ResourceType, Rule, Service

_RULES: dict[str, tuple[Rule, ...]] = {
    "Task": (status_moves_by_the_table,),
    "Communication": (invitation_is_sent_in_writing,),
}

service = Service(
    name="mdt-service",
    types=tuple(ResourceType(name, rules=_RULES.get(name, ())) for name in OWNED_TYPES["mdt-service"]),
    metadata=metadata,
    migrations="mdt_service:migrations",
    listeners=(
        Listener("create-requested-task", ("tandem.task.requested",), create_requested_task),
        Listener("cancel-withdrawn", ("fhir.ServiceRequest.*",), cancel_withdrawn),
        Listener(
            "create-requested-communication", ("tandem.communication.requested",), create_requested_communication
        ),
    ),
    operations=(
        Operation(
            "sent", mark_sent, level="instance", type="Communication", letter="u", writes=True,
            documentation="Records that an invitation was sent in writing, with the day.",
        ),
    ),
)
