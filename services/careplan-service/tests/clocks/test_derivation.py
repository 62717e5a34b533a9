"""From facts to clocks: what each asks for, and that at any moment it is what counting by hand says."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from careplan_service.clocks.shipped_policies import policies
from careplan_service.domain.clocks.clock import Clock
from careplan_service.domain.clocks.derivation import clocks_of
from careplan_service.domain.clocks.facts import (
    COMMUNITY_INPUT,
    PLAN_AGREED,
    PLAN_ENDED,
    PLAN_REVIEWED,
    Facts,
    Happening,
    HospitalStay,
    Stay,
    Support,
)
from careplan_service.domain.clocks.policy import add_months
from tandem.clock import LONDON
from tandem.clocks.clock_state import State
from tandem.london_days import london_date
from tandem.nhs.working_days import add_working_days

NEEDS, COORDINATION = "yearly-needs-assessment", "yearly-coordination-review"
AGREED, INPUT = "agreed-within-seven-days", "community-input-within-seven-working-days"
REFRESHED, SUPPORTED = "refreshed-within-twelve-months", "yearly-provider-review"
FIRST = date(2019, 1, 1)


def noon(day: date | str) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)


def of_kind(facts: Facts, kind: str) -> list[Clock]:
    found = [clock for clock in clocks_of(facts, policies()).values() if clock.kind == kind]
    return sorted(found, key=lambda each: (each.starts, each.cause))


def told(facts: Facts, kind: str, day: str) -> list[tuple[str, str, str]]:
    """Cause, last day and state of the clocks of a kind that have begun by noon of a day."""
    moment = noon(day)
    return [
        (each.cause, london_date(each.due).isoformat(), each.state(moment).value)
        for each in of_kind(facts, kind) if each.starts <= moment
    ]  # fmt: skip


def test_an_agreement_stops_the_clock_of_the_stay_and_that_of_the_return() -> None:
    home = (Stay("1", "care-home-residents", date(2020, 7, 1)),)
    hospital = (HospitalStay("Encounter/e", noon("2020-07-10"), noon("2020-07-14")),)
    first = Happening("CarePlan/p/_history/2", PLAN_AGREED, noon("2020-07-05"), "p")
    facts = Facts(home, hospital, (first,))
    assert told(facts, AGREED, "2020-07-20") == [
        ("membership/1", "2020-07-08", "stopped"), ("Encounter/e", "2020-07-21", "running"),
    ]  # fmt: skip
    assert told(facts, AGREED, "2020-07-22")[1][2] == "overdue"
    again = Happening("CarePlan/p/_history/3", PLAN_AGREED, noon("2020-07-21"), "p")
    assert told(Facts(home, hospital, (first, again)), AGREED, "2020-07-22")[1][2] == "stopped"
    before_going_home = Happening("CarePlan/p/_history/3", PLAN_AGREED, noon("2020-07-14") - timedelta(minutes=1), "p")
    assert told(Facts(home, hospital, (first, before_going_home)), AGREED, "2020-07-22")[1][2] == "overdue"


def test_a_review_sets_the_day_of_the_next_one_but_no_later_than_the_policy() -> None:
    def refreshed(*asked: date | None) -> list[tuple[str, str, str]]:
        happenings = [Happening("CarePlan/p/_history/2", PLAN_AGREED, noon("2020-07-01"), "p", version=2)]
        happenings += [
            Happening(f"CarePlan/p/_history/{version}", PLAN_REVIEWED, noon("2020-09-01"), "p", next, version)
            for version, next in enumerate(asked, 3)
        ]
        return told(Facts(happenings=tuple(happenings)), REFRESHED, "2020-09-02")

    assert refreshed() == [("CarePlan/p/_history/2", "2021-07-01", "running")]
    assert refreshed(None)[1] == ("CarePlan/p/_history/3", "2021-09-01", "running")
    assert refreshed(date(2020, 12, 1))[1] == ("CarePlan/p/_history/3", "2020-12-01", "running")
    assert refreshed(date(2030, 1, 1))[1][1] == "2021-09-01"


def test_of_two_reviews_in_one_moment_the_newer_version_sets_the_day() -> None:
    happenings = (
        Happening("CarePlan/p/_history/9", PLAN_REVIEWED, noon("2020-07-01"), "p", date(2020, 9, 1), 9),
        Happening("CarePlan/p/_history/10", PLAN_REVIEWED, noon("2020-07-01"), "p", date(2020, 8, 1), 10),
        Happening("CarePlan/p/_history/11", PLAN_AGREED, noon("2020-07-01"), "p", None, 11),
    )
    assert told(Facts(happenings=happenings), REFRESHED, "2020-07-02")[-1][1] == "2020-08-01"


def test_a_plan_that_ended_asks_for_nothing_until_it_is_agreed_again() -> None:
    happenings = (
        Happening("CarePlan/p/_history/2", PLAN_AGREED, noon("2019-07-01"), "p", version=2),
        Happening("CarePlan/p/_history/3", PLAN_ENDED, noon("2020-01-01"), "p", version=3),
        Happening("CarePlan/p/_history/4", PLAN_AGREED, noon("2020-03-01"), "p", version=4),
    )
    assert told(Facts(happenings=happenings), REFRESHED, "2020-08-01") == [
        ("CarePlan/p/_history/2", "2020-07-01", "closed"), ("CarePlan/p/_history/4", "2021-03-01", "running"),
    ]  # fmt: skip


def test_a_death_closes_what_runs_and_leaves_what_was_done() -> None:
    facts = Facts(
        (Stay("1", "care-home-residents", date(2020, 7, 1)), Stay("2", "anticipatory-care", date(2020, 7, 1))),
        happenings=(Happening("CarePlan/p/_history/2", PLAN_AGREED, noon("2020-07-02"), "p"),),
        died=noon("2020-07-04"),
    )
    states = {(each.kind, each.state(noon("2020-07-05"))) for each in clocks_of(facts, policies()).values()}
    assert states == {
        (AGREED, State.STOPPED), (INPUT, State.CLOSED), (REFRESHED, State.CLOSED), (NEEDS, State.CLOSED),
        (COORDINATION, State.CLOSED),
    }  # fmt: skip


def test_housebound_people_come_first() -> None:
    support = (Support("CareTeam/t", noon("2020-07-01")),)
    home = (Stay("1", "housebound", date(2020, 1, 1)),)
    assert [each.first for each in of_kind(Facts(home, supports=support), SUPPORTED)] == [True]
    assert [each.first for each in of_kind(Facts(supports=support), SUPPORTED)] == [False]
    was = (Stay("1", "housebound", date(2020, 1, 1), date(2020, 6, 1)),)
    assert [each.first for each in of_kind(Facts(was, supports=support), SUPPORTED)] == [False]


def test_support_that_goes_on_from_one_to_another_is_one() -> None:
    supports = (
        Support("CareTeam/t", noon("2019-07-01"), noon("2019-09-01")), Support("Task/t", noon("2019-08-01")),
        Support("Task/never", noon("2019-08-01"), noon("2019-08-01")),
    )  # fmt: skip
    assert told(Facts(supports=supports), SUPPORTED, "2020-07-02") == [("CareTeam/t", "2020-07-01", "overdue")]


days = st.integers(0, 900).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def memberships(draw: st.DrawFn, name: str) -> list[Stay]:
    """Times on a list that do not overlap."""
    marks = sorted(draw(st.lists(days, max_size=5, unique=True)))
    ends: list[date | None] = [*marks[1::2], None]
    return [Stay(f"{name}-{place}", name, since, ends[place]) for place, since in enumerate(marks[::2])]


@given(memberships("anticipatory-care"), st.lists(days, max_size=6), days, st.none() | days)
def test_on_the_list_one_clock_runs_and_it_is_a_year_after_the_last_assessment(
    stays: list[Stay], assessed: list[date], asked: date, died: date | None
) -> None:
    done = tuple(
        Happening(f"QuestionnaireResponse/{place}", "targeted-needs-assessment", noon(day))
        for place, day in enumerate(assessed)
    )
    facts = Facts(tuple(stays), happenings=done, died=None if died is None else noon(died))
    moment = noon(asked) + timedelta(minutes=1)
    ended = (State.STOPPED, State.CLOSED)
    open_now = [
        each for each in of_kind(facts, NEEDS) if each.starts <= moment and each.state(moment) not in ended
    ]  # fmt: skip

    on_list = [each for each in stays if each.covers(asked)]
    if not on_list or (died is not None and died <= asked):
        assert open_now == []
        return
    [clock] = open_now
    last = max((day for day in assessed if day <= asked), default=on_list[0].since)
    assert london_date(clock.due) == add_months(last, 12)
    assert (clock.state(moment) is State.OVERDUE) == (asked > add_months(last, 12))


@given(memberships("care-home-residents"), st.lists(days, max_size=6), days)
def test_of_every_stay_input_is_due_until_it_is_given(stays: list[Stay], given: list[date], asked: date) -> None:
    done = tuple(
        Happening(f"Goal/{place}/_history/1", COMMUNITY_INPUT, noon(day)) for place, day in enumerate(given)
    )  # fmt: skip
    moment = noon(asked) + timedelta(minutes=1)
    found = {each.cause: each for each in of_kind(Facts(tuple(stays), happenings=done), INPUT)}
    assert set(found) == {f"membership/{each.id}" for each in stays}
    for stay in stays:
        clock = found[f"membership/{stay.id}"]
        assert london_date(clock.due) == add_working_days(stay.since, 7)
        first = min((day for day in given if day >= stay.since), default=None)
        if first is not None and first <= asked and (stay.until is None or first < stay.until):
            expected = State.STOPPED
        elif stay.until is not None and stay.until <= asked:
            expected = State.CLOSED
        else:
            expected = State.OVERDUE if asked > london_date(clock.due) else State.RUNNING
        assert clock.state(moment) is expected


@given(
    memberships("care-home-residents"), memberships("anticipatory-care"),
    st.lists(st.tuples(st.sampled_from([PLAN_AGREED, PLAN_REVIEWED, PLAN_ENDED, COMMUNITY_INPUT]), days), max_size=8),
    st.lists(st.tuples(days, st.none() | st.integers(0, 60)), max_size=5), st.randoms(use_true_random=False),
)  # fmt: skip
def test_no_order_of_facts_changes_a_clock(
    stays: list[Stay], listed: list[Stay], happened: list[tuple[str, date]],
    hospital: list[tuple[date, int | None]], chance: random.Random,
) -> None:  # fmt: skip
    done = [
        Happening(f"CarePlan/p/_history/{version}", kind, noon(day), "p", version=version)
        for version, (kind, day) in enumerate(happened)
    ]
    away = [
        HospitalStay(f"Encounter/{place}", noon(day), None if length is None else noon(day + timedelta(days=length)))
        for place, (day, length) in enumerate(hospital)
    ]
    found = clocks_of(Facts((*stays, *listed), tuple(away), tuple(done)), policies())
    lists = [[*stays, *listed], away, done]
    for each in lists:
        chance.shuffle(each)
    assert clocks_of(Facts(*map(tuple, lists)), policies()) == found  # type: ignore[arg-type]
    for each in found.values():
        assert each.stopped is None or each.closed is None
        assert each.settled is None or each.settled >= each.starts
