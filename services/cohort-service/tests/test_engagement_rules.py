"""Contacts as Communications say them, and where somebody stands in a screening process."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.engagement.contact import CHANNELS, Contact, contact_of
from cohort_service.domain.engagement.sequence import (
    Made,
    ProcessStep,
    ScreeningProcess,
    process_on,
    progress,
    step_faults,
)

MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
STEPS = (ProcessStep("letter", 0), ProcessStep("text", 14), ProcessStep("call", 7))


def communication(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Communication", "status": "completed", "sent": "2020-06-20",
        "about": [{"reference": "Group/g"}], "medium": [{"coding": [{"system": MODES, "code": "SMSWRIT"}]}], **more,
    }  # fmt: skip


def test_a_contact_is_completed_was_sent_and_is_about_a_list() -> None:
    assert contact_of(communication()) == Contact("g", "text", "2020-06-20")
    assert contact_of(communication(medium=[])) == Contact("g", "other", "2020-06-20")
    for more in ({"status": "preparation"}, {"sent": None}, {"about": [{"reference": "CarePlan/c"}]}):
        assert contact_of(communication(**more)) is None, more
    assert contact_of(None) is None


@pytest.mark.parametrize(
    ("contacts", "outcome", "today", "due", "done", "exceptions"),
    [
        ([], None, 100, [100, None, None], [None] * 3, []),
        ([], None, 101, [100, None, None], [None] * 3, ["The letter is overdue"]),
        ([Made("letter", 99)], None, 100, [100, None, None], [None] * 3, []),
        ([Made("letter", 103)], None, 110, [100, 117, None], [103, None, None], []),
        ([Made("text", 116), Made("letter", 103)], None, 116, [100, 117, 123], [103, 116, None],
         ["The text came before its day"]),
        ([Made("call", 100)], None, 100, [100, None, None], [None] * 3, ["A call where a letter was next"]),
        ([Made("letter", 100), Made("text", 114), Made("call", 121), Made("call", 130)], None, 140, [100, 114, 121],
         [100, 114, 121], ["A call after the last step"]),
        ([Made("letter", 100)], "attended", 200, [100, None, None], [100, None, None], []),
        ([], "declined", 200, [None] * 3, [None] * 3, ["The person declined; nothing more is due"]),
        ([Made("letter", 100)], "did-not-attend", 114, [100, 114, None], [100, None, None], []),
    ],
)  # fmt: skip
def test_where_somebody_stands(
    contacts: list[Made], outcome: str | None, today: int, due: list[int | None], done: list[int | None],
    exceptions: list[str],
) -> None:  # fmt: skip
    found = progress(STEPS, 100, contacts, outcome, today)
    assert (found.due, found.done, found.exceptions) == (due, done, exceptions)


_contacts = st.lists(st.builds(Made, st.sampled_from(CHANNELS), st.integers(90, 200)), max_size=8)


@given(contacts=_contacts, order=st.randoms(use_true_random=False))
def test_contacts_count_each_once_in_order_of_their_days(contacts: list[Made], order: Any) -> None:
    found = progress(STEPS, 100, contacts, None, 200)
    done = [day for day in found.done if day is not None]
    assert found.done[: len(done)] == done, "no step is done before the one before it"
    assert all(one <= following for one, following in pairwise(done))
    of_time = [each for each in contacts if each.day >= 100]
    out_of_place = [each for each in found.exceptions if each.startswith("A ")]
    assert len(done) + len(out_of_place) == len(of_time)
    if len({each.day for each in contacts}) == len(contacts):
        order.shuffle(contacts)
        assert progress(STEPS, 100, contacts, None, 200) == found


def test_the_newest_version_in_force_holds_for_the_lists_that_it_names() -> None:
    first = ScreeningProcess("U1", "1", 100, ("a", "b"), STEPS)
    second = ScreeningProcess("U1", "2", 110, ("a",), STEPS)
    assert process_on([second, first], "a", 99) is None
    assert process_on([second, first], "a", 109) == first
    assert process_on([second, first], "a", 110) == second
    assert process_on([second, first], "b", 110) == first


def test_faults_of_a_process() -> None:
    assert step_faults(STEPS) == []
    assert step_faults([]) == ["A process has 1 to 20 steps"]
    assert step_faults([ProcessStep("pigeon", 0)])[0].startswith("pigeon is no channel; allowed: letter, text")
    assert step_faults([ProcessStep("letter", 1_001)]) == ["afterDays is at most 1000"]
