"""Which offer holds on a day, and how long a promotion stays due."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.personal_budgets.offers import BudgetYear, in_force, offer_faults
from careplan_service.domain.personal_budgets.promotions import Due, Outcome, Reason, still_due

DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 1))


@pytest.mark.parametrize(
    ("year", "direct", "refused"),
    [("2021/22", ("frail",), True), ("2022/23", ("frail",), False), ("2022/23", (), False), ("2023/24", (), True),
     ("2023/24", ("frail",), False), ("2020/21", (), False)],
)  # fmt: skip
def test_direct_offers_begin_in_2022_and_are_needed_from_2023(
    year: str, direct: tuple[str, ...], refused: bool
) -> None:
    assert bool(list(offer_faults(year, direct))) is refused


def test_each_commissioners_last_year_that_has_begun_holds_in_its_newest_version() -> None:
    def offer(holder: str | None, year: str, version: int = 1) -> BudgetYear:
        return BudgetYear(holder, year, version, ("frail",), (), "test")

    ours, again, next_year = offer("Q1", "2020/21"), offer("Q1", "2020/21", 2), offer("Q1", "2021/22")
    theirs = offer(None, "2020/21")
    assert in_force([next_year, again, ours, theirs], date(2021, 3, 31)) == [again, theirs]
    assert in_force([next_year, again, ours, theirs], date(2021, 4, 1)) == [next_year, theirs]
    assert in_force([next_year], date(2021, 3, 31)) == []


OUTCOMES = st.tuples(DAYS, st.booleans(), st.sampled_from(["accepted", "declined", "considering"]))


@given(st.lists(st.tuples(st.sampled_from(Reason), DAYS), max_size=5), st.lists(OUTCOMES, max_size=5), DAYS)
def test_a_reason_stays_until_it_is_answered(
    reasons: list[tuple[Reason, date]], told: list[tuple[date, bool, str]], day: date
) -> None:
    due = [Due(reason, since) for reason, since in reasons]
    left = still_due(due, [Outcome(*each) for each in told], day)
    for each in due:
        answered = any(
            outcome != "considering" and each.since <= on <= day and legal is (each.reason is Reason.LEGAL_RIGHT)
            for on, legal, outcome in told
        )
        assert (each in left) is (each.since <= day and not answered)
    assert left == sorted(left, key=lambda each: each.since)
