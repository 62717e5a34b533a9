"""Missed weeks and gaps without a GP-led round, against a plain count day by day."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mdt_service.domain.home_rounds.rhythm import Gap, HeldRound, first_week, gp_gaps, missed_weeks, monday_of
from tandem.london_days import date_of, day_number

MOST = 14
START = day_number(date(2020, 9, 30))
_ROUNDS = st.lists(
    st.builds(HeldRound, st.integers(START - 20, START + 120), st.booleans(), st.booleans()), max_size=30
).map(lambda rounds: [HeldRound(each.day, each.counts, each.counts and each.gp_led) for each in rounds])
_ALTERNATING = st.lists(st.integers(1, 12), max_size=25).map(
    lambda steps: [
        HeldRound(START + sum(steps[: place + 1]), True, place % 2 == 0) for place in range(len(steps))
    ]
)  # fmt: skip


def plainly_missed(rounds: list[HeldRound], start: int, end: int | None, as_of: int) -> list[int]:
    """Every Monday from the start on whose seven days are over, and without a round that counts."""
    days = {each.day for each in rounds if each.counts}
    last = as_of - 1 if end is None else min(as_of - 1, end)
    return [
        day for day in range(start, last + 1)
        if date_of(day).weekday() == 0 and day + 6 <= last and not days & set(range(day, day + 7))
    ]  # fmt: skip


def plainly_broken(rounds: list[HeldRound], start: int, end: int | None, as_of: int) -> list[int]:
    """Every day on which the count of days since the last GP-led round first goes beyond what is allowed."""
    led, count, broken = {each.day for each in rounds if each.gp_led}, 0, []
    for day in range(start + 1, (as_of if end is None else min(as_of, end)) + 1):
        count += 1
        if count == MOST + 1:
            broken.append(day)
        if day in led:
            count = 0
    return broken


@given(rounds=st.one_of(_ROUNDS, _ALTERNATING), as_of=st.integers(START - 5, START + 140),
       end=st.none() | st.integers(START, START + 100), start=st.integers(START, START + 9))  # fmt: skip
def test_both_agree_with_a_count_day_by_day(
    rounds: list[HeldRound], as_of: int, end: int | None, start: int
) -> None:  # fmt: skip
    assert missed_weeks(rounds, start, end, as_of) == plainly_missed(rounds, start, end, as_of)
    gaps = gp_gaps(rounds, start, end, as_of, MOST)
    assert [each.broken for each in gaps] == plainly_broken(rounds, start, end, as_of)
    assert all(each.until is None or each.until - each.since > MOST for each in gaps)


@given(rounds=_ROUNDS, as_of=st.integers(START, START + 140), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_rounds_are_recorded_changes_nothing(
    rounds: list[HeldRound], as_of: int, seed: Random
) -> None:  # fmt: skip
    shuffled = list(rounds)
    seed.shuffle(shuffled)
    assert gp_gaps(shuffled, START, None, as_of, MOST) == gp_gaps(rounds, START, None, as_of, MOST)
    assert missed_weeks(shuffled, START, None, as_of) == missed_weeks(rounds, START, None, as_of)


def test_fourteen_days_are_kept_and_fifteen_are_not() -> None:
    rounds = [HeldRound(START + day, True, True) for day in (0, 14, 29)]
    assert gp_gaps(rounds, START, None, START + 40, MOST) == [Gap(START + 14, START + 29, START + 29)]


def test_a_week_begins_on_monday_and_only_whole_ones_are_owed() -> None:
    assert date_of(monday_of(START)) == date(2020, 9, 28)
    assert date_of(first_week(START)) == date(2020, 10, 5)
    assert date_of(first_week(day_number(date(2020, 10, 5)))) == date(2020, 10, 5)
