"""Which slots are offered, which version of the policy holds, and what it refuses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt_service.domain.appointments.offer import COMPLEX, LOW, FreeSlot, offered
from mdt_service.domain.appointments.review_policy import ReviewPolicy, policy_on, review_faults

POLICY = ReviewPolicy(1, date(2020, 4, 1), ("In-person", "Video"), 20, 120, "test")


@pytest.mark.parametrize(
    ("minutes", "mode", "faults"),
    [(10, None, 1), (19.9, "Video", 1), (20, "Video", 0), (120, "In-person", 0), (121, None, 1), (None, None, 0),
     (10, "Telephone", 2), (None, "Telephone", 1)],
)  # fmt: skip
def test_a_review_is_long_enough_and_held_as_the_policy_has_it(
    minutes: float | None, mode: str | None, faults: int
) -> None:
    assert len(list(review_faults(POLICY, minutes, mode))) == faults


@given(st.lists(st.dates(date(2020, 1, 1), date(2020, 2, 1)), max_size=5), st.dates(date(2020, 1, 1), date(2020, 2, 1)))
def test_the_newest_version_that_has_begun_holds(firsts: list[date], day: date) -> None:
    versions = [ReviewPolicy(number, first, (), 1, 2, "test") for number, first in enumerate(firsts)]
    begun = [each for each in versions if each.first <= day]
    assert policy_on(reversed(versions), day) == (begun[-1] if begun else None)


SLOTS = st.lists(
    st.builds(
        FreeSlot, st.text("abc", min_size=1, max_size=3), st.integers(0, 5), st.just(9),
        st.frozensets(st.sampled_from("xyz")),
    ), unique_by=lambda each: each.slot,
)  # fmt: skip


@given(SLOTS, st.frozensets(st.sampled_from("xyz")))
def test_low_needs_get_all_slots_and_complex_ones_those_of_who_knows_them(
    slots: list[FreeSlot], known: frozenset[str]
) -> None:
    everything = offered(slots, LOW, known)
    assert sorted(each.slot for each in everything) == sorted(each.slot for each in slots)
    assert [each.starts for each in everything] == sorted(each.starts for each in slots)
    assert offered(slots, COMPLEX, known) == [each for each in everything if each.actors & known]
