"""A loop from the request to its end."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from referral_service.domain.referral_loop import task_id
from referral_service.loops.task_listener import follow_task
from referral_service.loops.telling import CLOSED, NOT_ANSWERED, NOTICE, TASK_ENDED
from referral_service.loops.telling import TASK_REQUESTED as REQUESTED
from tandem.canonical import REFERRAL_PROGRESS
from tandem.events.event import Event
from tandem.identity.caller import Caller
from tandem_tests.small_work import SmallWork, written_event

PRACTICE = Caller("A00001")
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "s1",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "basedOn": [{"reference": "CarePlan/c1"}],
    "performer": [{"reference": "Organization/charity"}],
    "quantityQuantity": {"value": Decimal("1.50")},
}


def task(status: str, *, patient: str = "p1", granted: bool = True, identity: str | None = None) -> Event:
    resource = {
        "resourceType": "Task",
        "id": identity or task_id("s1"),
        "status": status,
        "focus": {"reference": "ServiceRequest/s1"},
    }
    return written_event(resource, patient, version=2, granted=granted)


def status_of(work: SmallWork) -> str:
    return str(work.resources["ServiceRequest/s1"]["status"])


async def test_a_task_is_asked_for_once(work: SmallWork) -> None:
    await work.write(REQUEST | {"status": "draft"}, PRACTICE)
    assert work.of(REQUESTED) == []
    await work.write(REQUEST, PRACTICE)
    await work.write(REQUEST | {"priority": "urgent"}, PRACTICE)
    (asked,) = work.of(REQUESTED)
    assert asked["task"] == task_id("s1")


async def test_a_record_asks_for_none(work: SmallWork) -> None:
    await work.write(REQUEST | {"basedOn": []}, PRACTICE)
    assert work.said == []


async def test_a_completed_task_completes_the_request_and_changes_nothing_else(work: SmallWork) -> None:
    held = await work.write(REQUEST, PRACTICE)
    for status in ("accepted", "in-progress", "completed", "completed"):
        await follow_task(task(status), work)
    closed = work.resources["ServiceRequest/s1"]
    assert {**closed, "meta": None} == {**held, "status": "completed", "meta": None}
    assert closed["meta"]["versionId"] == "2"
    assert [each["outcome"] for each in work.of(CLOSED)] == ["completed"]
    assert await work.connection.fetchval("SELECT outcome FROM referral_loop") == "completed"


@pytest.mark.parametrize("status", ["rejected", "failed", "cancelled"])
async def test_a_task_that_ends_otherwise_leaves_the_need_open_and_tells(work: SmallWork, status: str) -> None:
    await work.write(REQUEST, PRACTICE)
    await follow_task(task(status), work)
    assert status_of(work) == "active"
    assert [each["outcome"] for each in work.of(NOT_ANSWERED)] == [status]


async def test_nobody_waits_for_the_answer_to_a_revoked_request(work: SmallWork) -> None:
    await work.write(REQUEST, PRACTICE)
    await work.write(REQUEST | {"status": "revoked"}, PRACTICE)
    await follow_task(task("cancelled"), work)
    await follow_task(task("completed"), work)
    assert status_of(work) == "revoked"
    assert work.of(NOT_ANSWERED) == work.of(CLOSED) == []


async def test_a_task_of_a_stranger_or_about_another_person_closes_nothing(work: SmallWork) -> None:
    await work.write(REQUEST, PRACTICE)
    await follow_task(task("completed", granted=False), work)
    await follow_task(task("completed", patient="p2"), work)
    assert status_of(work) == "active"


async def test_another_organisations_own_task_closes_it_too(work: SmallWork) -> None:
    await work.write(REQUEST, PRACTICE)
    await follow_task(task("completed", identity="their-own"), work)
    assert status_of(work) == "completed"


@pytest.mark.parametrize(("author", "told"), [("CHARITY", ["Referral done"]), ("A00001", [])])
async def test_whoever_asked_is_told_of_a_task_of_the_performers_own(
    work: SmallWork, author: str, told: list[str]
) -> None:
    await work.write(REQUEST, PRACTICE)
    for _ in range(2):
        await follow_task(replace(task("completed", identity="their-own"), author=author), work)
    assert [each["topic"] for each in work.of(NOTICE)] == told


async def test_a_part_done_by_a_task_of_the_performers_own_has_ours_say_so_and_leaves_the_rest_open(
    work: SmallWork,
) -> None:
    await work.write(REQUEST, PRACTICE)
    partly = {"coding": [{"system": REFERRAL_PROGRESS, "code": "partly-fulfilled"}]}
    theirs = replace(task("completed", identity="their-own"), author="CHARITY")
    await follow_task(replace(theirs, data={**(theirs.data or {}), "businessStatus": partly}), work)
    assert status_of(work) == "active"
    assert work.of(TASK_ENDED) == [{"task": task_id("s1"), "status": "completed", "businessStatus": partly}]
    ours = task("completed")
    await follow_task(replace(ours, data={**(ours.data or {}), "businessStatus": partly}), work)
    assert await work.connection.fetchval("SELECT stands FROM referral_loop") == "partly-done"
    assert [each["topic"] for each in work.of(NOTICE)] == ["Referral partly done"]
    await follow_task(replace(task("completed", identity="the-rest"), author="CHARITY"), work)
    assert status_of(work) == "completed"
    assert [each["topic"] for each in work.of(NOTICE)] == ["Referral partly done", "Referral done"]


async def test_a_task_about_something_else_is_none_of_ours(work: SmallWork) -> None:
    await follow_task(task("completed"), work)
    other = {"resourceType": "Task", "id": "x", "status": "completed", "focus": {"reference": "CarePlan/s1"}}
    await follow_task(written_event(other, "p1"), work)
    await follow_task(Event("e", "fhir.Task.delete", "x", work.now, type="Task", resource_id="t", version=3), work)
    assert work.said == []
