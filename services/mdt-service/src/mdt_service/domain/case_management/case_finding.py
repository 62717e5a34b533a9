"""Finding cases at meetings of the multidisciplinary team, as Tasks (003 §2.2; PCPC-019 to PCPC-022).

A Task of kind `case-finding` is based on the meeting's Appointment. It is closed with a person and a decision; an
accepted one names who coordinates the care, and the care process that was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mdt_service.domain.case_management.codes import output_of, value_of
from mdt_service.domain.tasks.due import kind_of
from tandem.canonical import STAFF_KIND, TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import kind_names
from tandem.nhs.working_days import add_days
from tandem.service import Change

CASE_FINDING: Final = "case-finding"
ACCEPT, DECLINE = "accept", "decline"
DECISIONS: Final = (ACCEPT, DECLINE)
_CLOSED: Final = ("completed", "rejected")


@dataclass(frozen=True, slots=True)
class CareProcess:
    """One process of the health and social care spectrum; `staff` is the kind of staff that does it."""

    name: str
    title: str
    sector: str
    staff: str
    due_days: int


def process_of(told: Mapping[str, Any]) -> CareProcess:
    """A process from YAML. Raises ValueError for a kind of staff that does not exist."""
    if told["staff"] not in kind_names():
        raise ValueError(f"there is no kind of staff {told['staff']}")
    return CareProcess(told["name"], told["title"], told["sector"], told["staff"], int(told["due_days"]))


def cases_are_decided(change: Change) -> Iterator[Issue]:
    """A case-finding item is closed with the person it found, and by a decision (003 §2.2 b1)."""
    task = change.after
    if task is None or change.before is None or kind_of(task) != CASE_FINDING:
        return
    if task.get("status") not in _CLOSED or task.get("status") == change.before.get("status"):
        return
    if not task.get("for"):
        yield Issue("Case finding identifies the person: name the patient in for (003 §2.2 b1)", "Task.for")
    if value_of(task, "decision") is None:
        text = "Case finding is closed by a decision: record it with Task/[id]/$decide-case (003 §2.2)"
        yield Issue(text, "Task.output")


def decided(
    task: Resource, patient: str, decision: str, reason: str | None, coordinator: str | None,
    process: CareProcess | None,
) -> Resource:  # fmt: skip
    """The item with the person and what was decided; its status is still to be moved."""
    outputs = [output_of("decision", valueCode=decision)]
    if reason is not None:
        outputs.append(output_of("note", valueString=reason))
    if coordinator is not None:
        outputs.append(output_of("coordinator", valueReference={"reference": coordinator}))
    if process is not None:
        outputs.append(output_of("process", valueCode=process.name))
        made = {"reference": f"Task/{process_task_id(str(task['id']))}"}
        outputs.append(output_of("process-task", valueReference=made))
    return {**task, "for": {"reference": f"Patient/{patient}"}, "output": [*(task.get("output") or ()), *outputs]}


def process_task_id(case: str) -> str:
    """The id of the Task by which the chosen process is asked for."""
    return deterministic_id("care-process", case)


def process_task(case: str, patient: str, process: CareProcess, coordinator: str, now: datetime) -> Resource:
    """The Task by which the coordinator sees to the chosen process, for the kind of staff that does it."""
    due = add_days(london_date(now), process.due_days)
    staff = {"system": STAFF_KIND, "code": process.staff, "display": kind_names()[process.staff]}
    return {
        "resourceType": "Task", "id": process_task_id(case), "status": "requested", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "action", "display": "Action"}]},
        "description": process.title, "partOf": [{"reference": f"Task/{case}"}],
        "for": {"reference": f"Patient/{patient}"}, "owner": {"reference": coordinator},
        "performerType": [{"coding": [staff]}], "authoredOn": to_instant(now), "lastModified": to_instant(now),
        "restriction": {"period": {"end": due.isoformat()}},
    }  # fmt: skip
