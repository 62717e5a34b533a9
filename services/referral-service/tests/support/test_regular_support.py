"""The deliveries of regular support in the database: asked for in time, once, and no more when it ended (EHCH-049)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from referral_service.domain.referral_loop import task_id
from referral_service.support.delivery_rows import deliveries_of
from referral_service.support.regular_support import DELIVERY, delivery_task
from tandem.canonical import REFERRAL_KIND, TASK_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.caller import Caller
from tandem_tests.small_work import START, SmallWork, written_event

PRACTICE = Caller("A81001")
WEEKLY = {"repeat": {"period": 1, "periodUnit": "wk", "count": 4}}
DAY = timedelta(days=1)
FIRST, SECOND, THIRD, FOURTH = ("2020-07-01/1", "2020-07-08/1", "2020-07-15/1", "2020-07-22/1")


def request(**more: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "support-offer"}]}], "code": {"text": "Dietetics"},
        "subject": {"reference": "Patient/p1"}, "performer": [{"reference": "Organization/o1"}],
        "occurrenceTiming": WEEKLY, **more,
    }  # fmt: skip


def asked(work: SmallWork) -> list[str]:
    """The Tasks of deliveries that were asked for, by their days."""
    return [each["description"].rpartition(" ")[2] for each in _deliveries(work)]


def _deliveries(work: SmallWork) -> list[dict[str, Any]]:
    return [each for each in work.of("tandem.task.requested") if each.get("kind") == DELIVERY]


def ended(work: SmallWork) -> set[str]:
    return {each["task"] for each in work.of("tandem.task.ended")}


def told(task: str, *statuses: str, kind: str | None = DELIVERY, at: datetime = START) -> list[Event]:
    code = {"code": {"coding": [{"system": TASK_KIND, "code": kind}]}} if kind else {}
    return [
        written_event(
            {"resourceType": "Task", "id": task, "status": status, "focus": {"reference": "ServiceRequest/s1"}, **code},
            "p1", version=version, at=at + version * timedelta(hours=1),
        )
        for version, status in enumerate(("requested", *statuses), start=1)
    ]  # fmt: skip


async def stands(work: SmallWork) -> dict[str, str | None]:
    return {each.place: each.task_status for each in await deliveries_of(work.connection, "s1")}


async def test_a_delivery_is_asked_for_a_week_ahead_and_each_once(work: SmallWork) -> None:
    await work.write(request(), PRACTICE)
    assert asked(work) == ["2020-07-01", "2020-07-08"]
    (first,) = [each for each in work.of("tandem.task.requested") if each.get("due") == "2020-07-01T22:59:59.000Z"]
    assert (first["kind"], first["owner"]) == (DELIVERY, {"reference": "Organization/o1"})
    await work.pass_time(START + 6 * DAY)
    assert asked(work) == ["2020-07-01", "2020-07-08"]
    await work.write(request(note=[{"text": "Prefers mornings"}]), PRACTICE)
    await work.pass_time(START + 60 * DAY)
    assert asked(work) == ["2020-07-01", "2020-07-08", "2020-07-15", "2020-07-22"]
    assert not any(kind == "support.delivery.due" for kind, _ in work.due)


@pytest.mark.parametrize("seed", range(6))
async def test_what_their_tasks_say_counts_in_any_order_and_repeated(work: SmallWork, seed: int) -> None:
    await work.write(request(), PRACTICE)
    events = told(delivery_task("s1", FIRST), "accepted", "in-progress", "completed")
    events += told(delivery_task("s1", SECOND), "accepted", "failed")
    events += events[::2]
    random.Random(seed).shuffle(events)
    for event in events:
        await work.hear(event)
    assert await stands(work) == {FIRST: "completed", SECOND: "failed"}
    assert (await work.read("ServiceRequest", "s1") or {})["status"] == "active", "one delivery is not the whole"


@pytest.mark.parametrize("end", ["revoked", "completed", "entered-in-error", "deleted"])
async def test_the_end_of_the_request_ends_what_is_open_and_asks_for_no_more(work: SmallWork, end: str) -> None:
    await work.write(request(), PRACTICE)
    for event in told(delivery_task("s1", FIRST), "accepted", "in-progress", "completed"):
        await work.hear(event)
    if end == "deleted":
        await work.delete("ServiceRequest", "s1")
    else:
        await work.write(request(status=end), PRACTICE)
    assert delivery_task("s1", SECOND) in ended(work)
    assert delivery_task("s1", FIRST) not in ended(work), "what was done stays done"
    await work.pass_time(START + 60 * DAY)
    assert asked(work) == ["2020-07-01", "2020-07-08"]


async def test_a_performer_that_turns_it_down_is_asked_for_no_delivery(work: SmallWork) -> None:
    await work.write(request(), PRACTICE)
    for event in told(task_id("s1"), "rejected", kind=None):
        await work.hear(event)
    assert {delivery_task("s1", FIRST), delivery_task("s1", SECOND)} <= ended(work)
    await work.pass_time(START + 60 * DAY)
    assert asked(work) == ["2020-07-01", "2020-07-08"]


async def test_what_is_taken_up_after_a_pause_is_asked_for_anew_from_that_day(work: SmallWork) -> None:
    await work.write(request(), PRACTICE)
    await work.write(request(status="on-hold"), PRACTICE)
    assert {delivery_task("s1", FIRST), delivery_task("s1", SECOND)} <= ended(work)
    bounds = {"repeat": {**WEEKLY["repeat"], "boundsPeriod": {"start": "2020-07-01"}}}
    await work.pass_time(START + 2 * DAY)
    await work.write(request(occurrenceTiming=bounds), PRACTICE)
    assert asked(work) == ["2020-07-01", "2020-07-08", "2020-07-08"]
    again = [each for each in await deliveries_of(work.connection, "s1") if each.place == SECOND]
    assert {each.task for each in again} == {delivery_task("s1", SECOND), delivery_task("s1", SECOND, 2)}
    await work.pass_time(START + 60 * DAY)
    assert asked(work)[3:] == ["2020-07-15", "2020-07-22"]


async def test_other_days_take_back_what_was_asked_for(work: SmallWork) -> None:
    await work.write(request(), PRACTICE)
    moved = {"repeat": {**WEEKLY["repeat"], "boundsPeriod": {"start": "2020-07-03"}}}
    await work.write(request(occurrenceTiming=moved), PRACTICE)
    assert {delivery_task("s1", FIRST), delivery_task("s1", SECOND)} <= ended(work)
    assert asked(work)[2:] == ["2020-07-03"]
