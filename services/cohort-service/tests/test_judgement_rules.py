"""Which of several judgements counts, and what is refused as one."""

from __future__ import annotations

import pytest

from cohort_service.domain.judgement import Decision, Judgement, faults, in_force

TODAY = 18_444


def word(number: int, decision: Decision, until: int | None = None, reason: str = "Falls at night") -> Judgement:
    return Judgement(number, decision, reason, "Practitioner/7", "RC001", number, until_day=until)


def test_the_newest_word_on_membership_counts_whatever_the_order_they_are_read_in() -> None:
    words = [word(2, "remove"), word(1, "add")]
    assert in_force(words, TODAY).removes
    assert in_force(reversed(words), TODAY).removes
    assert not in_force(words, TODAY).adds


def test_membership_and_priority_are_judged_apart() -> None:
    judged = in_force([word(1, "add"), word(2, "not-amenable"), word(3, "amenable")], TODAY)
    assert judged.adds
    assert judged.order == 1
    assert [each.number for each in judged.all] == [1, 3]


def test_not_amenable_moves_down_and_nothing_said_moves_nobody() -> None:
    assert in_force([word(1, "not-amenable")], TODAY).order == -1
    assert in_force([word(1, "add")], TODAY).order == 0


def test_clear_takes_back_everything_before_it_and_nothing_after() -> None:
    assert in_force([word(1, "add"), word(2, "amenable"), word(3, "clear")], TODAY).all == ()
    assert in_force([word(1, "remove"), word(2, "clear"), word(3, "add")], TODAY).adds


def test_a_word_counts_until_the_day_of_its_expiry_and_then_the_one_before_it_again() -> None:
    words = [word(1, "remove"), word(2, "add", until=TODAY)]
    assert in_force(words, TODAY - 1).adds
    assert in_force(words, TODAY).removes


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_judgement_without_a_reason_is_refused(reason: str) -> None:
    assert len(faults(word(1, "add", reason=reason), TODAY)) == 1


def test_a_judgement_that_has_expired_before_it_counts_or_is_endless_in_words_is_refused() -> None:
    assert faults(word(1, "add", until=TODAY), TODAY) == ["expiry is a date after today"]
    assert len(faults(word(1, "add", reason="a" * 2001), TODAY)) == 1
    assert faults(word(1, "add", until=TODAY + 1), TODAY) == []
