"""When a Task is due, and where it stands at a moment. Nothing is stored as overdue: it is a comparison at read.

A Task is due when its restriction says so (http://hl7.org/fhir/R4/task-definitions.html#Task.restriction.period). An
urgent enquiry is answered by telephone on the same day (PCPC-031): without a restriction it is due by the end of the
London day on which it was made.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from mdt_service.domain.task_transitions import TRANSITIONS
from tandem.canonical import TASK_KIND
from tandem.clock import from_micros, to_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import london_date
from tandem.nhs.working_days import end_of_london_day

URGENT_ENQUIRY: Final = "urgent-enquiry"
ENDED: Final = frozenset(status for status, following in TRANSITIONS.items() if set(following) <= {"entered-in-error"})
"""Statuses in which nobody waits for the Task any more."""


class Standing(Enum):
    """Where a Task stands at a moment: `open` has no day by which it is to be done."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    ENDED = "ended"


def kind_of(task: Resource) -> str | None:
    """The kind of a Task of the shared process (a code of TASK_KIND)."""
    codings = (task.get("code") or {}).get("coding") or ()
    return next((str(each.get("code")) for each in codings if each.get("system") == TASK_KIND), None)


def due_of(task: Resource, made: int) -> int | None:
    """When it is due, in microseconds, inclusive; `made` is when the record was written, for one without authoredOn."""
    end = ((task.get("restriction") or {}).get("period") or {}).get("end")
    if end is not None:
        return bounds(str(end))[1] - 1
    if kind_of(task) == URGENT_ENQUIRY:
        authored = bounds(str(task["authoredOn"]))[0] if task.get("authoredOn") else made
        return to_micros(end_of_london_day(london_date(from_micros(authored))))
    return None


def standing(due: int | None, ended: int | None, at: int) -> Standing:
    """Where it stands at a moment; all in microseconds."""
    if ended is not None and ended <= at:
        return Standing.ENDED
    if due is None:
        return Standing.OPEN
    return Standing.OVERDUE if due < at else Standing.DUE
