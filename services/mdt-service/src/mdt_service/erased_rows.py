"""Rows about a person in tables that have no column `patient`: by table, which of them go when a person is erased.

`$1` is the Patient's id. They go before the rows of tables that have such a column, which may lead to them.
"""

from __future__ import annotations

from typing import Final

_TASK: Final = "task IN (SELECT id FROM resource WHERE type = 'Task' AND patient = $1)"
_APPOINTMENT: Final = "appointment IN (SELECT id FROM resource WHERE type = 'Appointment' AND patient = $1)"

ERASED: Final = {
    "action_chase": _TASK,
    "admission_review": _TASK,
    "ended_task": _TASK,
    "fulfilment": _TASK,
    "home_triage": _TASK,
    "round_preparation": _TASK,
    "appointment_time": _APPOINTMENT,
    "home_round": _APPOINTMENT,
    "meeting": _APPOINTMENT,
    "hospital_notice": "encounter IN (SELECT encounter FROM hospital_contact WHERE patient = $1)",
}
