"""Which version of a situation holds on a day, and what completes a decision."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.shared_decisions.decision import Conversation, Lead, against_counting, completion_faults
from careplan_service.domain.shared_decisions.situations import Situation, required_situation, situations_on

CODE = ("http://snomed.info/sct", "30989003")
DAYS = st.dates(date(2020, 1, 1), date(2020, 3, 1))


def situation(
    version: int = 1, first: date = date(2020, 4, 1), last: date | None = None, *,
    lead: str | None = "physiotherapist", trained: bool = True,
) -> Situation:  # fmt: skip
    return Situation("knee-pain", version, "Knee pain", frozenset({CODE}), lead, trained, first, last, "test")


TRAINED, UNTRAINED = (Lead(frozenset({"physiotherapist"}), each) for each in (True, False))
GP = Lead(frozenset({"gp"}), True)


def conversation(
    tool: str | None = "An aid", view: bool = False, wanted: str | None = None, lead: Lead | None = TRAINED
) -> Conversation:
    return Conversation(tool, view, wanted, lead)


@pytest.mark.parametrize(
    ("held", "faults"),
    [
        (conversation(), 0),
        (conversation(tool=None), 1),
        (conversation(lead=UNTRAINED), 1),
        (conversation(tool=None, lead=UNTRAINED, wanted="decide-myself"), 3),
        (conversation(wanted="decide-together", view=True), 0),
        (conversation(wanted="others-decide"), 0),
        (conversation(lead=GP), 0),
        (conversation(lead=None), 0),
    ],
)
def test_all_that_is_missing_is_said_at_once(held: Conversation, faults: int) -> None:
    assert len(list(completion_faults(situation(), held))) == faults


def test_of_another_situation_only_the_persons_say_is_asked() -> None:
    held = conversation(tool=None, lead=UNTRAINED, wanted="decide-myself")
    assert len(list(completion_faults(None, held))) == 1


@pytest.mark.parametrize(
    ("held", "counts"),
    [(conversation(), True), (conversation(lead=GP), False), (conversation(lead=None), False),
     (conversation(lead=UNTRAINED), False), (conversation(tool=None), False)],
)  # fmt: skip
def test_what_counts_as_required(held: Conversation, counts: bool) -> None:
    assert (against_counting(situation(), held) is None) is counts
    assert against_counting(None, held) is not None
    anyone = situation(lead=None, trained=False)
    assert (against_counting(anyone, held) is None) is (held.tool is not None)


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6), DAYS)
def test_the_newest_version_that_has_begun_holds_until_it_ends(
    spans: list[tuple[date, date | None]], day: date
) -> None:
    versions = [situation(number + 1, first, last) for number, (first, last) in enumerate(spans)]
    begun = [each for each in versions if each.first <= day]
    expected = begun[-1] if begun and (begun[-1].last is None or day <= begun[-1].last) else None
    assert situations_on(reversed(versions), day) == ([expected] if expected else [])
    assert required_situation(versions, CODE, day) == expected
    assert required_situation(versions, ("other", "code"), day) is None
