"""Tasks that assign parts of an assessment, as mdt-service tells them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from careplan_service.assessments.assignment_handler import keep_assignment
from careplan_service.assessments.parts import assignments_of
from careplan_service.domain.assessments.completeness import Assignment
from tandem.canonical import ODS_CODE, TASK_KIND
from tandem_tests.small_work import START, SmallWork, written_event


def task(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "assessment-part"}]},
        "focus": {"reference": "QuestionnaireResponse/whole"},
        "owner": {"identifier": {"system": ODS_CODE, "value": "RX001"}},
        "input": [{"type": {"text": "section"}, "valueString": "social"}, {"type": {"text": "note"}}], **more,
    }  # fmt: skip


async def kept(work: SmallWork) -> list[Assignment]:
    return await assignments_of(work.connection, "whole", "p1", START)


async def test_an_assignment_is_kept_until_its_task_ends_without_it(work: SmallWork) -> None:
    await keep_assignment(written_event(task(), "p1"), work)
    assert await kept(work) == [Assignment("t1", "RX001", ("social",))]
    await keep_assignment(written_event(task(status="completed"), "p1", version=2), work)
    assert len(await kept(work)) == 1
    await keep_assignment(written_event(task(status="cancelled"), "p1", version=3), work)
    assert await kept(work) == []
    await keep_assignment(written_event(task(status="accepted"), "p1", version=4), work)
    await keep_assignment(replace(written_event(task(), "p1", version=5), data=None), work)
    assert await kept(work) == []


async def test_a_stranger_assigns_nothing_and_no_other_task_does(work: SmallWork) -> None:
    await keep_assignment(written_event(task(), "p1", granted=False), work)
    await keep_assignment(written_event(task(code={"text": "assessment-part"}), "p1"), work)
    await keep_assignment(written_event(task(), "p2"), work)
    assert await kept(work) == []
