"""Who is on a list, and how a membership ends."""

from __future__ import annotations

import pytest

from cohort_service.domain.judgement import NOTHING_JUDGED, Decision, InForce, Judgement, in_force
from cohort_service.domain.membership import (
    Ending,
    Gone,
    Selected,
    Standing,
    Stay,
    ending,
    gone,
    has_ended_between,
    wanted,
)  # fmt: skip
from tandem.record_facts.fact import UNDATED

DAY = 18_444
NAME = "falls@1"


def judged(*decisions: Decision) -> InForce:
    return in_force(
        [Judgement(number, each, "Reason", "Practitioner/7", "RC001", 0) for number, each in enumerate(decisions)], DAY
    )


def standing(since: int = DAY - 30, origin: str = "rule", definition: str = NAME) -> Standing:
    return Standing(origin, definition, since, 0, 0)


def ended(
    held: Standing, *, left: Gone | None = None, words: InForce = NOTHING_JUDGED, definition: str | None = NAME,
    dated: bool = False, stays: tuple[Stay, ...] = (),
) -> Ending:  # fmt: skip
    return ending(held, DAY, left=left, judged=words, definition=definition, dated=dated, stays=stays)


def test_whom_the_definition_selects_is_a_member_by_rule_with_its_rank() -> None:
    member = wanted(Selected(None, 30), judged("amenable"), NAME)
    assert member is not None
    assert (member.origin, member.rank, member.priority, member.since) == ("rule", 30, 1, None)


def test_a_judgement_goes_before_the_definition() -> None:
    assert wanted(Selected(None, 30), judged("remove"), NAME) is None
    added = wanted(None, judged("add"), NAME)
    assert added is not None
    assert added.origin == "judgement"
    assert wanted(None, judged("amenable"), NAME) is None, "priority puts nobody on a list"


def test_whom_both_put_there_is_a_member_by_rule() -> None:
    both = wanted(Selected(DAY - 3, 0), judged("add"), NAME)
    assert both is not None
    assert (both.origin, both.since) == ("rule", DAY - 3)


def test_a_fact_without_a_date_dates_no_membership() -> None:
    member = wanted(Selected(UNDATED, 0), NOTHING_JUDGED, NAME)
    assert member is not None
    assert member.since is None


def test_the_dead_and_the_departed_are_on_no_list_from_that_day() -> None:
    assert gone(DAY, None, False, DAY) == Gone("died", DAY)
    assert gone(DAY + 1, None, False, DAY) is None
    assert gone(None, DAY - 1, False, DAY) == Gone("left", DAY - 1)
    assert gone(None, None, True, DAY) == Gone("left", None)


@pytest.mark.parametrize(
    ("words", "definition", "held", "by"),
    [
        (NOTHING_JUDGED, NAME, standing(), "rule"),
        (judged("remove"), NAME, standing(), "judgement"),
        (NOTHING_JUDGED, NAME, standing(origin="judgement"), "judgement"),
        (NOTHING_JUDGED, None, standing(), "definition"),
        (NOTHING_JUDGED, "falls@2", standing(), "definition"),
    ],
)
def test_a_membership_ends_today_and_says_what_ended_it(
    words: InForce, definition: str | None, held: Standing, by: str
) -> None:
    end = ended(held, words=words, definition=definition)
    assert (end.until, end.by) == (DAY, by)


def test_a_death_ends_it_on_its_day_but_never_before_it_began() -> None:
    assert ended(standing(), left=Gone("died", DAY - 2)) == Ending(DAY - 2, "died", "died")
    assert ended(standing(since=DAY - 1), left=Gone("died", DAY - 2)).until == DAY - 1


def test_a_stay_that_is_over_ends_on_its_own_day() -> None:
    over = (Stay(DAY - 60, DAY - 40), Stay(DAY - 30, DAY - 5))
    assert ended(standing(), dated=True, stays=over) == Ending(DAY - 5, "rule", "ended")


def test_a_stay_whose_evidence_was_taken_back_ends_where_it_began() -> None:
    assert ended(standing(), dated=True) == Ending(DAY - 30, "rule", "evidence-withdrawn")
    assert ended(standing(), dated=True, stays=(Stay(DAY - 3, None),)).reason == "evidence-withdrawn"


def test_who_is_kept_off_while_the_stay_goes_on_leaves_today() -> None:
    assert ended(standing(), dated=True, stays=(Stay(DAY - 30, None),)) == Ending(DAY, "rule", "no-longer-selected")


def test_a_stay_that_is_over_and_one_after_it_are_two_and_a_corrected_date_is_none() -> None:
    later = wanted(Selected(DAY - 2, 0), NOTHING_JUDGED, NAME)
    assert later is not None
    assert has_ended_between(standing(), later, [Stay(DAY - 30, DAY - 10), Stay(DAY - 2, None)])
    assert not has_ended_between(standing(), later, [Stay(DAY - 2, None)])
    earlier = wanted(Selected(DAY - 40, 0), NOTHING_JUDGED, NAME)
    assert earlier is not None
    assert not has_ended_between(standing(), earlier, [Stay(DAY - 40, None)])
