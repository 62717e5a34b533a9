"""The states of a Task: the whole table, cell by cell, and the page that draws it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mdt_service.domain.task_transitions import ERROR, TRANSITIONS, may_follow, status_moves_by_the_table
from tandem.fhir.outcome import Issue
from tandem.fhir.validation import validator
from tandem.identity.caller import Caller
from tandem.service import Change

# from each status, those that may follow; written out a second time so that a slip in the table is seen
FOLLOWING = {
    "draft": "requested ready cancelled",
    "requested": "received accepted rejected cancelled",
    "received": "accepted rejected cancelled",
    "accepted": "ready in-progress on-hold failed cancelled",
    "rejected": "",
    "ready": "in-progress on-hold failed cancelled",
    "cancelled": "",
    "in-progress": "ready on-hold completed failed cancelled",
    "on-hold": "accepted ready in-progress failed cancelled",
    "failed": "",
    "completed": "",
    "entered-in-error": "",
}


def task(status: str) -> dict[str, Any]:
    return {"resourceType": "Task", "id": "t", "status": status, "intent": "order"}


def faults(before: str | None, after: str | None) -> list[Issue]:
    change = Change(
        "Task",
        "t",
        "update",
        task(before) if before else None,
        task(after) if after else None,
        Caller("RX001"),
        datetime(2020, 7, 1, tzinfo=UTC),
        None,
    )
    return list(status_moves_by_the_table(change))


@pytest.mark.parametrize("before", FOLLOWING)
@pytest.mark.parametrize("after", FOLLOWING)
def test_each_pair_of_statuses(before: str, after: str) -> None:
    legal = before == after or after in FOLLOWING[before].split() or (after == ERROR and before != ERROR)
    assert may_follow(before, after) is legal
    assert (faults(before, after) == []) is legal


def test_the_table_knows_every_status_of_fhir_and_no_other() -> None:
    assert set(TRANSITIONS) == set(FOLLOWING)
    for status in TRANSITIONS:
        assert validator("fhirkit").validate(task(status)) == []


def test_a_refusal_names_from_to_and_what_is_allowed() -> None:
    (issue,) = faults("completed", "accepted")
    assert issue.text == "Task.status cannot go from 'completed' to 'accepted'; allowed: entered-in-error"
    assert issue.expression == "Task.status"
    (issue,) = faults(ERROR, "draft")
    assert issue.text.endswith("allowed: nothing")


@pytest.mark.parametrize("status", FOLLOWING)
def test_a_task_is_created_and_deleted_in_any_status(status: str) -> None:
    assert faults(None, status) == []
    assert faults(status, None) == []
