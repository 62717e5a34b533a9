"""Capacity: plans, agreed rates, home rounds, assumptions and financial years."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.capacity.assumption_rows import assumptions_of, keep_own, published
from cohort_service.domain.capacity.assumptions import OwnFigure, assumptions_on, versions_of
from cohort_service.domain.capacity.financial_year import first_day, last_day, months_left, year_of
from cohort_service.domain.capacity.home_round import round_capacity
from cohort_service.domain.capacity.offer_rate import AgreedRate, RateRequest, faults_of_request, rate_on
from cohort_service.domain.capacity.plan import Candidate, plan
from tandem.london_days import day_number
from tandem_tests.small_work import SmallWork

TODAY = day_number(date(2020, 7, 1))
PEOPLE = st.lists(
    st.tuples(st.sampled_from((-1, 0, 1)), st.integers(0, 50), st.booleans()), max_size=40
).map(lambda drawn: [Candidate(f"p{place:02}", "A", *each) for place, each in enumerate(drawn)])
HOURS = st.lists(st.floats(0, 30), max_size=12).map(lambda drawn: [(f"m{n}", each) for n, each in enumerate(drawn)])


@given(PEOPLE, st.floats(0, 240), st.floats(1, 100), HOURS, st.randoms())
def test_a_plan_uses_no_more_hours_than_there_are_and_leaves_none_that_would_do(
    people: list[Candidate], minutes: float, uptake: float, hours: list[tuple[str, float]], random: Any
) -> None:
    made = plan(people, minutes, uptake, hours)
    shuffled = list(people)
    random.shuffle(shuffled)
    assert plan(shuffled, minutes, uptake, hours) == made
    waiting = [each for each in people if not each.offered]
    per_offer = minutes / 60 * uptake / 100
    used, there = 0, 0.0
    for month, (_, hours_there) in zip(made.months, hours, strict=True):
        used, there = used + month.people, there + hours_there
        assert used * per_offer <= there + 1e-6
    assert used == made.reached <= len(waiting)
    if hours and made.reached < len(waiting):
        assert (made.reached + 1) * per_offer > made.hours_available
    assert [each.place for each, _ in made.order] == sorted(each.place for each in waiting)
    months = [month for _, month in made.order]
    assert all(month is not None for month in months[: made.reached])
    assert all(month is None for month in months[made.reached :])


def test_the_achievable_rate_counts_who_was_offered_it_and_is_rounded_down() -> None:
    people = [Candidate(str(n), "A", 0, 0, offered=n == 0) for n in range(3)]
    assert plan(people, 60, 100, [("m", 1.0)]).rate == 66.6
    assert plan(people, 60, 50, [("m", 1.0)]).rate == 100
    assert plan([], 60, 100, [("m", 1.0)]).rate is None


@given(st.dates(date(1971, 1, 1), date(2100, 12, 31)))
def test_the_months_that_are_left_make_up_the_rest_of_the_year(day: date) -> None:
    number = day_number(day)
    year = year_of(number)
    assert first_day(year) <= number <= last_day(year)
    months = months_left(year, number)
    assert months[0].first == number
    assert months[-1].last == last_day(year)
    assert all(one.last + 1 == two.first and two.share == 1 for one, two in pairwise(months))
    assert 0 < months[0].share <= 1
    assert len(months_left(year, first_day(year) - 1)) == 12


@pytest.mark.parametrize("text", ["2020", "2020/22", "20/21", "2020-21", "0000/01"])
def test_what_is_no_financial_year(text: str) -> None:
    with pytest.raises(ValueError):
        first_day(text)


YEAR = (first_day("2020/21"), last_day("2020/21"))


def request(**changed: Any) -> RateRequest:
    whole = {"percent": 60.0, "first": TODAY, "last": YEAR[1], "evidence": "x", "attempts": ["y"]}
    return RateRequest(**{**whole, **changed})


@pytest.mark.parametrize(("asked", "achievable", "staff", "says"), [
    (request(), 50.0, True, None), (request(percent=50.0), 50.0, True, None),
    (request(evidence=" "), 50.0, True, "without evidence"), (request(attempts=[]), 50.0, True, "was tried"),
    (request(percent=100.0), 50.0, True, "lower than the standard"), (request(percent=-1.0), 0.0, True, "below 0"),
    (request(percent=float("nan")), 50.0, True, "lower than the standard"),
    (request(percent=49.9), 50.0, True, "not proven"), (request(), 100.0, True, "not proven"),
    (request(), 0.0, False, "No staff"), (request(), None, True, "Nobody is identified"),
    (request(first=YEAR[0] - 1), 50.0, True, "financial year"), (request(last=TODAY - 1), 50.0, True, "financial year"),
])  # fmt: skip
def test_what_a_lower_offer_rate_needs(
    asked: RateRequest, achievable: float | None, staff: bool, says: str | None
) -> None:
    found = faults_of_request(asked, achievable, staff, YEAR)
    assert len(found) == (0 if says is None else 1)
    assert says is None or says in found[0]


def test_the_rate_decided_last_holds_for_its_days_and_else_the_standard() -> None:
    rates = [AgreedRate(60, 10, 20, 5), AgreedRate(80, 15, 30, 4)]
    assert [rate_on(rates, day) for day in (9, 10, 17, 20, 21, 30, 31)] == [100, 60, 60, 60, 80, 80, 100]


def test_the_shipped_assumptions_are_whole_and_each_has_a_source() -> None:
    for version in published():
        assert version.figures
        held = assumptions_on([version], [], version.from_day)
        assert held is not None
        for service in ("SMR", "AC"):
            assert held.minutes_per_person(service, "pcn") > 0
        assert round_capacity({"home": 4}, held).needed > 0
    assert assumptions_on(published(), [], 0) is None


def test_a_networks_own_figure_holds_from_its_day_and_outlives_a_version() -> None:
    name = "SMR.pcn.review.minutes"
    own = [OwnFigure(name, 30, TODAY, 1, "a"), OwnFigure(name, 25, TODAY, 2, "b")]
    days = (TODAY - 1, TODAY, day_number(date(2021, 4, 1)))
    held = [assumptions_on(published(), own, day) for day in days]
    assert [(each.version, each.value("SMR.pcn.review.minutes")) for each in held if each] == [
        ("2020.1", 40), ("2020.1+2", 25), ("2021.1+2", 25),
    ]  # fmt: skip


@pytest.mark.parametrize("figures", [
    {"SMR.pcn.review.minutes": {"value": 1, "source": "x"}}, {"SMR.pcn.review": {"value": 1, "source": "x"}},
    {"SMR.pcn.take-up.percent": {"value": 101, "source": "x"}}, {"SMR.pcn.take-up.percent": {"value": 1, "source": ""}},
])  # fmt: skip
def test_a_faulty_file_of_assumptions_is_refused(figures: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        versions_of([{"version": "1", "from": date(2020, 1, 1), "figures": figures, "roles": {}}], day_number)


def test_home_rounds_need_hours_for_each_home_and_for_the_residents_seen() -> None:
    own = [
        OwnFigure(f"EHCH.gp.{name}", value, 0, 1, "x")
        for name, value in {"home-round.minutes": 30, "resident-seen.minutes": 10, "payment-per-bed.pounds": 90,
                            "residents-seen-each-round.percent": 50, "hour-of-gp.pounds": 90}.items()
    ]  # fmt: skip
    held = assumptions_on(published(), own, TODAY)
    assert held is not None
    found = round_capacity({"a": 12, "b": 0}, held)
    assert isclose(found.needed, 26 * (2 * 30 + 12 * 5) / 60)
    assert (found.funded, found.by_home["b"]) == (12, 13)
    assert isclose(found.shortfall, found.needed - 12)
    assert round_capacity({}, held).shortfall == 0


async def test_every_change_of_a_networks_assumptions_is_kept(work: SmallWork) -> None:
    name = "SMR.pcn.review.minutes"
    first = [(name, 30.0, TODAY, "a"), ("SMR.pcn.take-up.percent", 80.0, 0, "a")]
    assert await keep_own(work.connection, "U1", first, "U1", 1) == 1
    assert await keep_own(work.connection, "U1", [(name, 35, TODAY, "b")], "QQ1", 2) == 2
    held = await assumptions_of(work.connection, "U1", TODAY)
    assert (held.version, held.value(name), held.value("SMR.pcn.take-up.percent")) == ("2020.1+2", 35, 80)
    assert (await assumptions_of(work.connection, "U2", TODAY)).version == "2020.1"
