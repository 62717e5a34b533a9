"""The clock of an urgent request: begun by its receipt, ended by what its performer does, in any order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referral_service.clocks.clock_rows import clock_of
from referral_service.domain.clocks.request_clock import RequestClock
from referral_service.domain.referral_loop import task_id
from referral_service.domain.urgent_response.clock_rule import received_at, rule_for
from referral_service.urgent_response.shipped_urgent_policies import clock_rules
from referral_service.urgent_response.task_listener import note_urgent_response
from tandem.canonical import ODS_CODE, REFERRAL_KIND, REFERRAL_RECEIVED
from tandem.clocks.clock_state import State
from tandem.clocks.event_kinds import BREACH_WITHDRAWN, BREACHED
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import SmallWork, written_event

PRACTICE = Caller("A00001")
MINUTE = timedelta(minutes=1)
RECEIVED = datetime(2020, 10, 7, 20, 0, tzinfo=UTC)
TASK = task_id("s1")
PROVIDER = {"type": "Organization", "identifier": {"system": ODS_CODE, "value": "RX001"}}


def request(kind: str = "crisis-response", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "performer": [PROVIDER],
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}], **more,
    }  # fmt: skip


def received(text: str) -> list[dict[str, Any]]:
    return [{"url": REFERRAL_RECEIVED, "valueDateTime": text}]


def at(minute: int) -> datetime:
    return RECEIVED + minute * MINUTE


def task(status: str, minute: int, version: int, began: str | None = None, identity: str = TASK, **more: Any) -> Event:
    resource: dict[str, Any] = {
        "resourceType": "Task", "id": identity, "status": status, "focus": {"reference": "ServiceRequest/s1"},
        "owner": PROVIDER, **more,
    }  # fmt: skip
    if began is not None:
        resource["executionPeriod"] = {"start": began}
    return written_event(resource, "p1", version=version, at=at(minute))


async def clock(work: SmallWork) -> RequestClock | None:
    row = await work.connection.fetchrow("SELECT * FROM request_clock")
    return None if row is None else clock_of(row)


async def known(work: SmallWork) -> RequestClock:
    found = await clock(work)
    assert found is not None
    return found


async def sent(work: SmallWork, kind: str = "crisis-response", **more: Any) -> None:
    work.now = RECEIVED
    await work.write(request(kind, **more), PRACTICE)


@pytest.mark.parametrize(("kind", "hours"), [("crisis-response", 2), ("reablement", 48), ("mental-health-crisis", 4)])
async def test_each_kind_has_its_hours_through_the_night_and_names_its_performer(
    work: SmallWork, kind: str, hours: int
) -> None:
    await sent(work, kind)
    found = (await known(work)).clock
    assert (found.starts, found.due, found.owner) == (RECEIVED, RECEIVED + timedelta(hours=hours), "RX001")


async def test_what_is_no_urgent_referral_and_what_came_before_the_first_day_has_no_clock(work: SmallWork) -> None:
    await sent(work, "other")
    await work.write(request(id="s2", authoredOn="2020-09-29T23:59:00+01:00"), PRACTICE)
    assert await clock(work) is None
    await work.write(request(id="s3", authoredOn="2020-09-30T00:00:00+01:00"), PRACTICE)
    assert (await known(work)).clock.request == "s3"


async def test_it_counts_from_the_receipt_that_is_told_else_from_the_signature_else_from_the_sending(
    work: SmallWork,
) -> None:
    await sent(work)
    work.now = at(30)
    await work.write(request(priority="urgent"), PRACTICE)
    assert (await known(work)).clock.starts == RECEIVED, "a later version moves nothing"
    await work.write(request(authoredOn="2020-10-07T20:10:00+01:00"), PRACTICE)
    assert (await known(work)).clock.starts == at(-50)
    await work.write(
        request(authoredOn="2020-10-07T20:10:00+01:00", extension=received("2020-10-07T20:40:00+01:00")), PRACTICE
    )
    assert (await known(work)).clock.starts == at(-20)


def test_a_date_alone_and_a_time_to_come_are_no_receipt() -> None:
    assert received_at({"authoredOn": "2020-10-07"}, RECEIVED) == RECEIVED
    assert received_at({"authoredOn": "2030-01-01T10:00:00Z"}, RECEIVED) == RECEIVED


@pytest.mark.parametrize("told", ["2020-10-07", "2020-10-07T23:00:00+01:00", None])
async def test_a_receipt_that_is_no_moment_or_to_come_is_refused(work: SmallWork, told: str | None) -> None:
    work.now = RECEIVED
    extension = received(told) if told else [{"url": REFERRAL_RECEIVED, "valueString": "noon"}]
    with pytest.raises(FhirError) as refused:
        await work.write(request(extension=extension), PRACTICE)
    assert refused.value.kind.status == 422
    assert await clock(work) is None


@pytest.mark.parametrize(
    ("begun", "due"),
    [
        # Summer time ends, and the hour from one to two comes twice; it begins, and that hour is left out.
        ("2020-10-25T00:30:00+01:00", "2020-10-25T01:30:00+00:00"),
        ("2021-03-28T00:30:00+00:00", "2021-03-28T03:30:00+01:00"),
    ],
)
def test_two_hours_are_two_hours_over_both_changes_of_the_clocks(begun: str, due: str) -> None:
    moment = received_at({"authoredOn": begun}, datetime(2022, 1, 1, tzinfo=UTC))
    rule = rule_for(clock_rules(), "crisis-response", moment)
    assert rule is not None
    assert rule.due(moment) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("began", "written", "ends"),
    [
        ("2020-10-07T22:59:00+01:00", 300, 119),
        ("2020-10-07T23:01:00+01:00", 300, 121),
        (None, 121, 121),
        ("2020-10-07T20:00:00+01:00", 60, 60),
        ("2020-10-08T20:00:00+01:00", 60, 60),
        ("2020-10-07", 60, 60),
    ],
)
async def test_work_that_begins_ends_the_clock_and_a_time_that_cannot_be_is_not_believed(
    work: SmallWork, began: str | None, written: int, ends: int
) -> None:
    await sent(work)
    await note_urgent_response(task("accepted", 5, 2), work)
    assert (await known(work)).stopped is None
    await note_urgent_response(task("in-progress", written, 3, began), work)
    found = await known(work)
    assert found.stopped is not None
    assert (found.stopped.at, found.met(at(900))) == (at(ends), ends <= 120)


async def test_a_task_that_was_an_error_takes_its_response_back(work: SmallWork) -> None:
    await sent(work)
    await note_urgent_response(task("in-progress", 60, 2), work)
    await note_urgent_response(task("entered-in-error", 90, 3), work)
    assert (await known(work)).settled is None
    await work.pass_time(at(121))
    assert len(work.of(BREACHED)) == 1


async def test_only_the_performers_own_work_counts(work: SmallWork) -> None:
    await sent(work)
    other = {"type": "Organization", "identifier": {"system": ODS_CODE, "value": "RX999"}}
    await note_urgent_response(task("in-progress", 10, 1, identity="t9", owner=other), work)
    chase = {"coding": [{"system": "https://tandem.example/fhir/CodeSystem/task-kind", "code": "chase"}]}
    await note_urgent_response(task("completed", 10, 1, identity="t8", code=chase), work)
    stranger = replace(task("in-progress", 10, 2), granted=False)
    await note_urgent_response(stranger, work)
    await note_urgent_response(replace(task("in-progress", 10, 3), patient="p2"), work)
    assert (await known(work)).settled is None
    await note_urgent_response(task("in-progress", 12, 1, identity="their-own"), work)
    assert (await known(work)).settled == at(12)


async def test_an_answer_ends_the_four_hours_of_a_mental_health_crisis(work: SmallWork) -> None:
    await sent(work, "mental-health-crisis")
    await note_urgent_response(task("received", 100, 2), work)
    assert (await known(work)).settled is None
    await note_urgent_response(task("rejected", 239, 3), work)
    assert (await known(work)).met(at(300)) is True


async def test_a_request_that_is_revoked_closes_its_clock_and_one_in_error_never_had_one(work: SmallWork) -> None:
    await sent(work)
    await work.pass_time(at(130))
    await work.write(request(status="revoked"), PRACTICE)
    found = await known(work)
    assert (found.state(at(130)), found.met(at(130))) == (State.CLOSED, False)
    await work.write(request(status="entered-in-error"), PRACTICE)
    assert (await known(work)).met(at(131)) is None
    assert len(work.of(BREACH_WITHDRAWN)) == 1


async def test_one_that_is_on_hold_is_waited_for_still(work: SmallWork) -> None:
    await sent(work)
    await work.write(request(status="on-hold"), PRACTICE)
    await work.pass_time(at(121))
    assert (await known(work)).state(work.now) is State.OVERDUE


async def test_one_that_its_requester_completes_without_a_response_is_closed_and_a_response_before_counts(
    work: SmallWork,
) -> None:
    await sent(work)
    work.now = at(60)
    await work.write(request(status="completed"), PRACTICE)
    assert (await known(work)).state(at(60)) is State.CLOSED
    await note_urgent_response(task("in-progress", 70, 2, "2020-10-07T21:50:00+01:00"), work)
    found = await known(work)
    assert (found.state(at(70)), found.settled) == (State.STOPPED, at(50))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.randoms(use_true_random=False))
async def test_tasks_in_any_order_between_them_and_repeated_end_in_the_same_clock(
    work: SmallWork, chance: random.Random
) -> None:
    for table in ("request_clock", "urgent_fact", "referral_loop"):
        await work.connection.execute(f"DELETE FROM {table}")
    for each in (work.resources, work.said, work.due):
        each.clear()
    await sent(work)
    histories = [
        [task("accepted", 5, 2), task("in-progress", 80, 3), task("completed", 200, 4)],
        [task("requested", 6, 1, identity="t2"), task("in-progress", 70, 2, identity="t2"),
         task("entered-in-error", 75, 3, identity="t2")],
        [task("in-progress", 95, 1, identity="t3"), task("in-progress", 96, 2, "2020-10-07T22:17:00+01:00",
                                                         identity="t3")],
    ]  # fmt: skip
    while histories:
        history = chance.choice(histories)
        event = history.pop(0)
        for _ in range(chance.randrange(1, 3)):
            await note_urgent_response(event, work)
        histories = [each for each in histories if each]
    assert (await known(work)).settled == at(77)
    await work.pass_time(at(3000))
    assert len(work.of(BREACHED)) == len(work.of(BREACH_WITHDRAWN))
