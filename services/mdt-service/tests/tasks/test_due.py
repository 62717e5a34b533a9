"""When a Task is due, and where it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt_service.domain.tasks.due import ENDED, Standing, due_of, standing
from mdt_service.domain.tasks.escalation import chase_at
from tandem.canonical import TASK_KIND
from tandem.clock import from_micros, to_instant
from tandem.identity.periods import bounds

URGENT = {"code": {"coding": [{"system": TASK_KIND, "code": "urgent-enquiry"}]}}


def until(end: str) -> dict[str, Any]:
    return {"restriction": {"period": {"end": end}}}


@pytest.mark.parametrize(
    ("task", "due"),
    [
        ({}, None),
        (until("2020-07-03"), "2020-07-03T22:59:59.999Z"),
        (until("2020-07-03T12:00:00Z"), "2020-07-03T12:00:00.999Z"),
        ({**URGENT, "authoredOn": "9999-12-31"}, "9999-12-31T23:59:59.999Z"),
        ({**URGENT, "authoredOn": "2020-07-01T08:40:00+01:00"}, "2020-07-01T22:59:59.999Z"),
        ({**URGENT, "authoredOn": "2020-07-01T23:30:00Z"}, "2020-07-02T22:59:59.999Z"),
        ({**URGENT, "authoredOn": "2020-12-01T08:40:00Z"}, "2020-12-01T23:59:59.999Z"),
        ({**URGENT, **until("2020-07-03"), "authoredOn": "2020-07-01"}, "2020-07-03T22:59:59.999Z"),
        (URGENT, "2020-06-15T22:59:59.999Z"),
    ],
)
def test_when_it_is_due(task: dict[str, Any], due: str | None) -> None:
    found = due_of(task, bounds("2020-06-15T10:00:00Z")[0])
    assert (to_instant(from_micros(found)) if found is not None else None) == due


def test_what_has_ended() -> None:
    assert {"completed", "failed", "rejected", "cancelled", "entered-in-error"} == ENDED


@given(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9), st.integers(0, 9))
def test_where_it_stands(due: int | None, ended: int | None, at: int) -> None:
    found = standing(due, ended, at)
    assert (found is Standing.ENDED) is (ended is not None and ended <= at)
    if found is not Standing.ENDED:
        assert (found is Standing.OPEN) is (due is None)
        assert (found is Standing.OVERDUE) is (due is not None and due < at)


def test_nothing_is_chased_after_the_calendar() -> None:
    due = due_of(until("9999-12-31"), 0)
    assert due is not None
    assert chase_at(from_micros(due)) is None
