"""What a net waits for, by what is known; and that no net is lost, whatever happens in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral_service.domain.safety_nets import codes as c
from referral_service.domain.safety_nets import safety_net_transitions as states
from referral_service.domain.safety_nets.cancer_clocks import clocks_of
from referral_service.domain.safety_nets.closing import closing_faults
from referral_service.domain.safety_nets.net_policy import ClockRule
from referral_service.domain.safety_nets.obligations import obligations
from referral_service.domain.safety_nets.spans import episode_at, spans_of
from referral_service.safety_nets.shipped_policies import policy_on
from tandem_tests.safety_net_stories import OPENED, Story, lived, story

DAY = 24


def policy_of(told: Story) -> tuple[ClockRule, ...]:
    policy = policy_on(told.terms.day)
    assert policy is not None
    return policy.clocks


def day_end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 22, 59, 59, 999_000, tzinfo=UTC)


def test_a_referral_from_being_told_to_being_closed() -> None:
    told = story()
    found = [told.now.state]
    found.append(told.add(1, c.TOLD).now.state)
    found.append(told.appointment(2, c.LIVE, start=5 * DAY).now.state)
    found.append(told.appointment(5 * DAY + 1, c.CAME, start=5 * DAY).now.state)
    found.append(told.report(7 * DAY, c.PENDING).now.state)
    found.append(told.report(8 * DAY, c.RECEIVED).now.state)
    found.append(told.add(9 * DAY, c.ACTED).now.state)
    found.append(told.add(10 * DAY, c.COMMUNICATED).now.state)
    found.append(told.add(11 * DAY, c.CLOSED, outcome="no-cancer").now.state)
    assert found == [
        states.TO_TELL, states.TO_BOOK, states.TO_ATTEND, states.AWAITING_RESULT, states.AWAITING_RESULT,
        states.TO_ACT, states.TO_COMMUNICATE, states.TO_CLOSE, states.CLOSED,
    ]  # fmt: skip
    assert [each.due for each in told.spans if each.state == states.TO_ATTEND] == [day_end(date(2021, 5, 9))]
    assert told.now.due is None


def test_who_did_not_attend_is_overdue_at_once_until_attendance_or_decision() -> None:
    missed = story().appointment(1, c.LIVE, start=DAY).appointment(DAY + 1, c.NOT_ATTENDED)
    assert (missed.now.state, missed.now.late(missed.now.since)) == (states.NOT_ATTENDED, True)
    missed.appointment(DAY + 2, c.LIVE, "b", start=3 * DAY).request(DAY + 3, "completed")
    assert missed.now.state == states.NOT_ATTENDED, "another appointment, or the end of the request, is no attendance"
    attended = Story(missed.kind, list(missed.facts)).appointment(3 * DAY, c.CAME, "b")
    assert attended.now.state == states.AWAITING_RESULT
    decided = missed.add(3 * DAY, c.DECISION, reason="patient-choice")
    assert decided.now.state == states.TO_COMMUNICATE


def test_an_investigation_is_late_without_a_report_and_open_until_it_is_acted_on() -> None:
    asked = story(c.INVESTIGATION)
    assert (asked.now.state, asked.now.due) == (states.AWAITING_RESULT, day_end(date(2021, 5, 17)))
    asked.report(2 * DAY, c.PENDING).report(15 * DAY, c.RECEIVED)
    assert (asked.now.state, asked.now.due) == (states.TO_ACT, day_end(date(2021, 5, 21)))
    asked.add(30 * DAY, c.COMMUNICATED)
    assert asked.now.state == states.TO_ACT
    asked.add(31 * DAY, c.ACTED)
    assert asked.now.state == states.TO_COMMUNICATE


def test_a_completed_referral_keeps_its_net_open_while_results_are_outstanding() -> None:
    done = story().appointment(1, c.LIVE, start=DAY).appointment(DAY, c.CAME).report(DAY, c.PENDING)
    done.request(2 * DAY, "completed")
    assert done.now.state == states.AWAITING_RESULT
    done.report(3 * DAY, c.RECEIVED)
    assert done.now.state == states.TO_ACT


def test_every_result_is_acted_on_also_one_that_is_changed_later() -> None:
    two = story().report(DAY, c.RECEIVED, "d", content="1").report(DAY, c.RECEIVED, "e", content="1")
    two.add(DAY + 1, c.ACTED, result="DiagnosticReport/d")
    assert two.now.state == states.TO_ACT
    two.add(DAY + 2, c.ACTED, result="DiagnosticReport/e")
    assert two.now.state == states.TO_COMMUNICATE
    two.report(DAY + 3, c.RECEIVED, "e", content="1")
    assert two.now.state == states.TO_COMMUNICATE, "a version that says the same is nothing new"
    two.report(DAY + 4, c.RECEIVED, "e", content="2")
    assert two.now.state == states.TO_ACT
    two.report(DAY + 5, c.VOID, "e")
    assert two.now.state == states.TO_COMMUNICATE


def test_telling_somebody_of_a_review_ends_no_step_of_their_referral() -> None:
    told = story().add(1, c.TOLD).add(2, c.SYMPTOMS, trigger=["worsened"]).add(3, c.REVIEWED).add(4, c.COMMUNICATED)
    assert told.now.state == states.TO_BOOK
    assert told.appointment(5, c.CAME).now.state == states.AWAITING_RESULT
    assert told.add(6, c.COMMUNICATED).now.state == states.TO_CLOSE


@pytest.mark.parametrize("news", ["report", "symptoms"])
def test_news_open_a_closed_net_again_and_other_facts_do_not(news: str) -> None:
    closed = story().request(1, "active").add(DAY, c.CLOSED, reason="moved-away")
    closed.appointment(2 * DAY, c.CAME).request(2 * DAY, "completed").report(2 * DAY, c.PENDING)
    assert closed.now.state == states.CLOSED
    if news == "report":
        assert closed.report(3 * DAY, c.RECEIVED).now.state == states.TO_ACT
    else:
        closed.add(3 * DAY, c.SYMPTOMS, trigger=["recurred"])
        assert (closed.now.state, closed.now.due) == (states.AWAITING_REVIEW, day_end(date(2021, 5, 13)))


def test_a_withdrawn_referral_waits_for_a_decision_unless_another_takes_its_place() -> None:
    gone = story().request(DAY, "revoked")
    assert gone.now.state == states.TO_DECIDE
    followed = Story(gone.kind, list(gone.facts)).add(DAY, c.REPLACED, "ServiceRequest/r2#replaces")
    assert followed.now.state == states.CLOSED
    assert gone.add(2 * DAY, c.DECISION, reason="other").now.state == states.TO_COMMUNICATE
    assert story().request(DAY, "entered-in-error").now.state == states.CLOSED


def test_a_concern_is_reviewed_on_its_day_or_when_the_person_says() -> None:
    agreed = story(c.CONCERN, days=[date(2021, 5, 24), date(2021, 6, 21)])
    assert (agreed.now.state, agreed.now.due) == (states.AWAITING_REVIEW, day_end(date(2021, 5, 24)))
    assert not agreed.now.late(day_end(date(2021, 5, 24)))
    assert agreed.now.late(day_end(date(2021, 5, 24)) + timedelta(seconds=1))
    agreed.add(21 * DAY, c.REVIEWED)
    assert (agreed.now.state, agreed.now.due) == (states.AWAITING_REVIEW, day_end(date(2021, 6, 21)))
    agreed.add(49 * DAY, c.REVIEWED, next="2021-08-02")
    assert agreed.now.due == day_end(date(2021, 8, 2))
    agreed.add(90 * DAY, c.REVIEWED)
    assert agreed.now.state == states.TO_CLOSE

    left = story(c.CONCERN, patient_initiated=True)
    assert (left.now.state, left.now.due) == (states.AWAITING_PERSON, datetime(2021, 11, 1, 23, 59, 59, 999_000, UTC))
    left.add(DAY, c.SYMPTOMS, trigger=["worsened"])
    assert (left.now.state, left.now.due) == (states.AWAITING_REVIEW, day_end(date(2021, 5, 11)))
    assert left.add(2 * DAY, c.REVIEWED, patient_initiated=True).now.state == states.AWAITING_PERSON


@pytest.mark.parametrize(
    ("told", "outcome", "reason", "refused"),
    [
        (story(), "no-cancer", None, True),
        (story(), None, None, True),
        (story(), None, "patient-choice", False),
        (story(), None, "bored", True),
        (story().report(1, c.RECEIVED), None, "patient-choice", True),
        (story().report(1, c.PENDING), "no-cancer", None, True),
        (story().report(1, c.RECEIVED).add(2, c.ACTED), "no-cancer", None, True),
        (story().report(1, c.RECEIVED).add(2, c.ACTED).add(3, c.COMMUNICATED), "no-cancer", None, False),
        (story().appointment(1, c.CAME), "other", None, True),
        (story().appointment(1, c.CAME), "no-cancer", None, False),
        (story().appointment(1, c.CAME).report(2, c.PENDING), "no-cancer", None, True),
        (story().appointment(1, c.NOT_ATTENDED), "no-cancer", None, True),
        (story().add(1, c.DECISION), "other", "patient-choice", True),
        (story().add(1, c.DECISION), "no-cancer", None, True),
        (story().add(1, c.DECISION), None, "patient-choice", False),
        (story(c.CONCERN, patient_initiated=True), "no-cancer", None, True),
        (story(c.CONCERN, patient_initiated=True).add(1, c.REVIEWED), "no-cancer", None, False),
        (story().add(1, c.CLOSED), None, "patient-choice", True),
    ],
)
def test_a_net_is_closed_with_a_result_or_a_reason(
    told: Story, outcome: str | None, reason: str | None, refused: bool
) -> None:
    episode = episode_at(told.facts, OPENED + timedelta(days=1))
    assert bool(closing_faults(told.terms, episode, outcome, reason, None)) is refused


def test_the_two_week_wait_counts_from_the_first_referral_and_stops_when_seen() -> None:
    terms = replace(story().terms, first=date(2021, 4, 1))
    rules = policy_of(story())
    waiting = clocks_of(terms, rules, story().facts)
    # Good Friday and Easter Monday lie within; fourteen days are fourteen days.
    assert [(each.rule.kind, each.due, each.stopped) for each in waiting] == [
        ("two-week-wait", day_end(date(2021, 4, 15)), None)
    ]
    seen = story().appointment(48, c.CAME, start=3)
    assert clocks_of(terms, rules, seen.facts)[0].stopped == (OPENED + timedelta(hours=3), "seen")
    assert clocks_of(story(c.INVESTIGATION).terms, rules, seen.facts) == []


@settings(max_examples=60, deadline=None)
@given(lived(), st.randoms(use_true_random=False))
def test_facts_in_any_order_and_repeated_give_the_same_net(told: Story, chance: random.Random) -> None:
    heard = told.facts + chance.sample(told.facts, len(told.facts) // 2)
    chance.shuffle(heard)
    assert spans_of(told.terms, heard) == told.spans


@settings(max_examples=60, deadline=None)
@given(lived())
def test_no_net_is_lost_and_states_follow_the_table(told: Story) -> None:
    spans = told.spans
    assert spans[0].since == OPENED
    assert spans[-1].until is None
    for before, after in pairwise(spans):
        assert before.until == after.since
        assert before.since < after.since
        assert before.state == after.state or after.state in states.TRANSITIONS[before.state]
    for span in spans:
        episode = episode_at(told.facts, span.since)
        assert (episode is None) is (span.state == states.CLOSED)
        assert (span.due is None) is (span.state == states.CLOSED)
        if episode is not None:
            first = obligations(told.terms, episode)[0]
            assert (first.state, first.due) == (span.state, span.due)


@settings(max_examples=60, deadline=None)
@given(lived())
def test_only_a_documented_end_closes_a_net_and_never_over_an_unacted_result(told: Story) -> None:
    for span in told.spans:
        if span.open:
            continue
        known = [each for each in told.facts if each.at <= span.since]
        assert any(each.kind == c.CLOSED and each.at == span.since for each in known)
        just_before = episode_at(known, span.since - timedelta(microseconds=1))
        assert just_before is not None
        assert not just_before.unacted


@pytest.mark.parametrize(("outcome", "reason", "where"), [("vanished", None, "outcome"), (None, "bored", "reason")])
def test_an_unknown_outcome_or_reason_is_refused_with_its_rule(
    outcome: str | None, reason: str | None, where: str
) -> None:
    told = story()
    episode = episode_at(told.facts, OPENED + timedelta(days=1))
    refused = closing_faults(told.terms, episode, outcome, reason, None)
    [text] = [each.text for each in refused if each.text.startswith(f"{where} is one of")]
    assert "other" in text
    assert "000 §6.2 fn13" in text
