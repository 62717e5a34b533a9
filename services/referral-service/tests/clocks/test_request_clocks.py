"""Clocks of requests in the database: heard of in any order, moved, ended, and told of once."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referral_service.clocks.clock_rows import clock_of
from referral_service.clocks.keep_clock import close_clock, close_clocks, set_ending, start_clock, stop_clock
from referral_service.domain.clocks.request_clock import Clock, Ending, RequestClock
from tandem.clock import LONDON
from tandem.clocks.clock_state import State
from tandem.clocks.event_kinds import BREACH_WITHDRAWN, BREACHED, CLOSED, DUE_SOON, STARTED, STOPPED
from tandem_tests.small_work import START, SmallWork

KIND = "two-hour-response"
MINUTE = timedelta(minutes=1)
CLOCK = Clock("s1", KIND, "p1", START, START + 120 * MINUTE, "two-hour-response@1", START + 90 * MINUTE, "RX001")


async def clock(work: SmallWork) -> RequestClock:
    row = await work.connection.fetchrow("SELECT * FROM request_clock")
    assert row is not None
    return clock_of(row)


def minute(number: int) -> datetime:
    return START + number * MINUTE


@pytest.mark.parametrize(("stopped", "met"), [(119, True), (120, True), (121, False)])
async def test_a_stop_by_the_due_time_meets_it_and_a_later_one_does_not(
    work: SmallWork, stopped: int, met: bool
) -> None:
    await start_clock(work, CLOCK)
    await work.pass_time(minute(stopped))
    await stop_clock(work, "s1", KIND, minute(stopped), "seen")
    known = await clock(work)
    assert (known.state(work.now), known.met(work.now)) == (State.STOPPED, met)
    assert [each["stopped"] for each in work.of(STOPPED)] == [
        f"2020-07-01T{8 + stopped // 60:02}:{stopped % 60:02}:00.000Z"
    ]
    assert len(work.of(BREACHED)) == (0 if met else 1)


async def test_warning_and_breach_are_told_once_and_name_whose_it_is(work: SmallWork) -> None:
    await start_clock(work, CLOCK)
    await work.pass_time(minute(89))
    assert work.of(DUE_SOON) == []
    await work.pass_time(minute(90))
    await start_clock(work, CLOCK)
    await work.pass_time(minute(600))
    await start_clock(work, CLOCK)
    assert (len(work.of(DUE_SOON)), len(work.of(STARTED))) == (1, 1)
    (breach,) = work.of(BREACHED)
    assert (breach["cause"], breach["owner"], breach["revision"]) == ("ServiceRequest/s1", "RX001", 1)
    assert (await clock(work)).state(work.now) is State.OVERDUE


async def test_a_stop_that_is_heard_of_late_takes_the_breach_back(work: SmallWork) -> None:
    await start_clock(work, CLOCK)
    await work.pass_time(minute(180))
    await stop_clock(work, "s1", KIND, minute(100), "seen")
    assert [each["due"] for each in work.of(BREACH_WITHDRAWN)] == ["2020-07-01T10:00:00.000Z"]
    assert (await clock(work)).met(work.now) is True
    assert (await clock(work)).state(minute(99)) is State.RUNNING, "as of a minute before"


async def test_a_clock_that_is_moved_warns_and_breaches_by_its_new_times(work: SmallWork) -> None:
    await start_clock(work, CLOCK)
    await work.pass_time(minute(125))
    moved = replace(CLOCK, starts=minute(60), due=minute(180), warn=minute(150))
    await start_clock(work, moved)
    assert len(work.of(BREACH_WITHDRAWN)) == 1
    await work.pass_time(minute(181))
    assert [each["due"] for each in work.of(BREACHED)] == ["2020-07-01T10:00:00.000Z", "2020-07-01T11:00:00.000Z"]


async def test_a_stop_before_the_start_is_heard_of_counts_and_shows_nothing_until_then(work: SmallWork) -> None:
    await stop_clock(work, "s1", KIND, minute(-10), "seen before it was written down")
    assert work.said == []
    await start_clock(work, CLOCK)
    assert [each.kind for each in work.said] == [STARTED, STOPPED]
    assert (await clock(work)).met(work.now) is True
    await work.pass_time(minute(500))
    assert work.of(BREACHED) == []


async def test_what_came_first_ended_it(work: SmallWork) -> None:
    await start_clock(work, CLOCK)
    await close_clocks(work, "s1", minute(30), "revoked")
    assert [each["why"] for each in work.of(CLOSED)] == ["revoked"]
    await stop_clock(work, "s1", KIND, minute(40), "seen")
    assert work.of(STOPPED) == []
    await stop_clock(work, "s1", KIND, minute(30), "seen")
    assert (await clock(work)).state(minute(30)) is State.STOPPED
    await set_ending(work, "s1", KIND, None, Ending(minute(35), "revoked"))
    assert (await clock(work)).state(minute(36)) is State.CLOSED
    await set_ending(work, "s1", KIND, None, None)
    assert (await clock(work)).settled is None
    await work.pass_time(minute(121))
    assert len(work.of(BREACHED)) == 1


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        ("2021-03-28T00:30:00+00:00", "2021-03-28T03:30:00+01:00"),
        ("2020-10-25T00:30:00+01:00", "2020-10-25T01:30:00+00:00"),
    ],
)
def test_two_elapsed_hours_over_both_changes_of_the_clocks(starts: str, due: str) -> None:
    begun, ends = datetime.fromisoformat(starts), datetime.fromisoformat(due)
    in_london = begun.astimezone(LONDON)
    known = RequestClock(replace(CLOCK, starts=in_london, due=ends))
    assert known.clock.due - known.clock.starts == timedelta(hours=2) or ends - begun == timedelta(hours=2)
    assert known.state(ends) is State.RUNNING
    assert known.state(ends + timedelta(seconds=1)) is State.OVERDUE


Step = Callable[[SmallWork], Awaitable[None]]
STEPS: tuple[Step, ...] = (
    lambda work: start_clock(work, CLOCK),
    lambda work: start_clock(work, CLOCK),
    lambda work: stop_clock(work, "s1", KIND, minute(121), "seen"),
    lambda work: stop_clock(work, "s1", KIND, minute(115), "telephoned"),
    lambda work: stop_clock(work, "s1", KIND, minute(115), "seen"),
    lambda work: close_clock(work, "s1", KIND, minute(130), "revoked"),
    lambda work: close_clock(work, "s1", KIND, minute(140), "deleted"),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.randoms(use_true_random=False))
async def test_any_order_and_repetition_ends_in_the_same_clock(work: SmallWork, chance: random.Random) -> None:
    await work.connection.execute("DELETE FROM request_clock")
    work.said.clear()
    work.due.clear()
    work.now = START
    steps = [*STEPS, *chance.sample(STEPS, 3)]
    chance.shuffle(steps)
    for step in steps:
        await step(work)
        await work.pass_time(work.now + timedelta(minutes=chance.randrange(60)))
    await work.pass_time(minute(2000))
    known = await clock(work)
    assert known == RequestClock(CLOCK, Ending(minute(115), "seen"), Ending(minute(130), "revoked"))
    assert len(work.of(BREACHED)) == len(work.of(BREACH_WITHDRAWN))
    revisions = [each.data["revision"] for each in work.said]
    assert revisions == sorted(revisions)
