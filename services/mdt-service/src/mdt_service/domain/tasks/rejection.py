"""Who turns a Task down says why, so that whoever asked can act on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tandem.fhir.outcome import Issue
from tandem.service import Change

_SOURCE: Final = "http://hl7.org/fhir/R4/task-definitions.html#Task.statusReason; docs/tasks.md"

def rejection_has_a_reason(change: Change) -> Iterator[Issue]:
    """Refuses a move to `rejected` without Task.statusReason; a record that arrives rejected is left as it is."""
    if change.before is None or change.after is None:
        return
    before, after = change.before.get("status"), change.after.get("status")
    if after == "rejected" != before and not change.after.get("statusReason"):
        yield Issue(f"A Task is rejected with a reason: say it in statusReason ({_SOURCE})", "Task.statusReason")
