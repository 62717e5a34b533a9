"""How a duty stands on a day, against a reading of the same rule day by day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt_service.domain.duties.standing import STATES, DutyDays, standing

_DAY = st.integers(18_000, 18_060)
_MAYBE = st.none() | _DAY


@st.composite
def _days(draw: st.DrawFn) -> DutyDays:
    first = draw(_DAY)
    met = draw(_MAYBE)
    until = draw(st.none() | st.integers(met, met + 30)) if met is not None else None
    return DutyDays(first, draw(st.integers(first, first + 40)), met, until, draw(_MAYBE))


@given(_days(), st.integers(17_990, 18_110))
def test_each_state_is_what_its_words_say(days: DutyDays, day: int) -> None:
    state = standing(days, day)
    assert state in STATES
    withdrawn = days.withdrawn is not None and day >= days.withdrawn
    met = days.met is not None and day >= days.met
    holds = days.until is None or day <= days.until
    assert (state == "withdrawn") == withdrawn
    assert (state == "met") == (met and holds and not withdrawn)
    assert (state == "lapsed") == (met and not holds and not withdrawn)
    owed = not withdrawn and not met
    assert (state == "overdue") == (owed and day > days.due)
    assert (state == "due") == (owed and days.first <= day <= days.due)
    assert (state == "not-yet") == (owed and day < days.first)


@given(_days(), st.integers(17_990, 18_110))
def test_what_happens_later_does_not_change_how_it_stood(days: DutyDays, day: int) -> None:
    known = DutyDays(days.first, days.due)
    if (days.met is None or days.met > day) and (days.withdrawn is None or days.withdrawn > day):
        assert standing(days, day) == standing(known, day)


@pytest.mark.parametrize(("day", "state"), [(9, "not-yet"), (10, "due"), (20, "due"), (21, "overdue")])
def test_the_edges_belong_to_the_duty(day: int, state: str) -> None:
    assert standing(DutyDays(10, 20), day) == state
