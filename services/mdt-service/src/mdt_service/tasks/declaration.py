"""What Tasks add to the declaration of the service."""

from __future__ import annotations

from mdt_service.domain.task_transitions import status_moves_by_the_table
from mdt_service.domain.tasks.rejection import rejection_has_a_reason
from mdt_service.tasks.answer_handler import take_answer
from mdt_service.tasks.clock_reaction import keep_task_clock
from mdt_service.tasks.delivered_operation import delivered
from mdt_service.tasks.escalation_timers import (
    CHASE,
    CHASED,
    FELL_DUE,
    OVERDUE,
    chase_overdue,
    plan_escalation,
    task_fell_due,
)
from mdt_service.tasks.inbox_operation import inbox
from mdt_service.tasks.request_handlers import cancel_withdrawn, create_requested_task, end_asked_task
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"Task": (status_moves_by_the_table, rejection_has_a_reason)},
    reactions={"Task": (keep_task_clock, plan_escalation)},
    timers=(Timer(FELL_DUE, task_fell_due), Timer(CHASE, chase_overdue)),
    listeners=(
        Listener("create-requested-task", ("tandem.task.requested",), create_requested_task),
        Listener("end-asked-task", ("tandem.task.ended",), end_asked_task),
        Listener("cancel-withdrawn", ("fhir.ServiceRequest.*",), cancel_withdrawn),
        Listener("take-answer", ("tandem.task.answered",), take_answer),
    ),
    operations=(
        Operation(
            "inbox", inbox, type="Task",
            documentation="What an organisation or a kind of staff has to do, what is due and overdue, by `as-of`.",
        ),
        Operation(
            "delivered", delivered, type="Task",
            documentation="Who did what for a person or in a network, and how much each partner did.",
        ),
    ),
    emits={
        OVERDUE: "A Task was not done by its day.",
        CHASED: "Whoever asked for an overdue Task was given another one, to chase it.",
    },
)  # fmt: skip
