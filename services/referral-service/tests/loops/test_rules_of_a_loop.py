"""Steps of chasing by the calendar, replies, reasons, what a request that claims a kind has to say, older rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from referral_service.domain.chasing import Step, Waiting, escalated_at, next_step
from referral_service.domain.ended_reason import REDIRECTED, reason_of, with_reason, without_reason
from referral_service.domain.referral_loop import task_id
from referral_service.loops.loop_rows import loop_of
from referral_service.loops.older_rows import settle_older_rows
from referral_service.loops.reply import reply_of
from tandem.canonical import REFERRAL_KIND
from tandem.clock import LONDON, to_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.validation import validator
from tandem.identity.caller import Caller
from tandem.nhs.referral_kind import Allowance
from tandem_tests.small_work import SmallWork

PRACTICE = Caller("A00001")
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
    "subject": {"reference": "Patient/p1"}, "performer": [{"reference": "Organization/charity"}],
    "category": [{"coding": [{"system": REFERRAL_KIND, "code": "support-offer"}]}],
}  # fmt: skip


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(("hours", "start", "end"), [
    (2, "2020-03-29T00:30", "2020-03-29T02:30+00:00"),
    (2, "2020-10-25T00:30", "2020-10-25T01:30+00:00"),
])  # fmt: skip
def test_hours_are_elapsed_hours_when_the_clocks_change(hours: int, start: str, end: str) -> None:
    assert Allowance(hours=hours).until(london(start)) == datetime.fromisoformat(end)


@pytest.mark.parametrize(("due", "days", "at"), [
    # A working day that ended on Thursday; Good Friday and Easter Monday do not count.
    ("2020-04-10T00:00", 1, "2020-04-15T00:00"),
    ("2020-07-04T00:00", 2, "2020-07-08T00:00"),
    ("2020-07-03T10:00", 1, "2020-07-07T00:00"),
    ("2020-07-03T10:00", 0, "2020-07-03T10:00"),
])  # fmt: skip
def test_the_requester_is_told_so_many_working_days_later(due: str, days: int, at: str) -> None:
    assert escalated_at(london(due), days) == london(at)


def test_steps_follow_what_is_waited_for() -> None:
    answer, done = datetime(2020, 7, 2, tzinfo=UTC), datetime(2020, 8, 3, tzinfo=UTC)
    assert next_step(Waiting("waiting-for-answer", answer, done, 0, ())) == (Step.ANSWER_LATE, answer)
    assert next_step(Waiting("waiting-for-answer", answer, done, 0, FIRST)) == (Step.ANSWER_ESCALATED, answer)
    assert next_step(Waiting("in-progress", answer, done, 0, FIRST)) == (Step.DONE_LATE, done)
    for stands in ("not-sent", "on-hold", "unanswered", "partly-done", "closed"):
        assert next_step(Waiting(stands, answer, done, 0, ())) is None


FIRST = (Step.ANSWER_LATE,)


def test_a_reason_is_valid_and_gives_way_to_the_next() -> None:
    ended = with_reason(with_reason(REQUEST, "replaced", None), REDIRECTED, "Nearer")
    assert validator("fhirkit").validate(ended) == []
    assert reason_of(ended) == (REDIRECTED, "Nearer")
    assert without_reason(ended) == REQUEST | {"status": "revoked"}
    assert reason_of(REQUEST) == (None, None)


@pytest.mark.parametrize(("task", "reply"), [
    ({}, None),
    ({"output": [{"valueString": "Yes"}, {"valueReference": {"display": "Report"}}]}, "Yes\nReport"),
    ({"status": "completed", "note": [{"text": "First"}, {"text": "Last"}]}, "Last"),
    ({"status": "accepted", "note": [{"text": "Soon"}]}, None),
])  # fmt: skip
def test_a_reply_is_the_output_or_the_last_note(task: dict[str, Any], reply: str | None) -> None:
    assert reply_of(task) == reply


async def test_an_unknown_organisation_is_asked_nothing(work: SmallWork) -> None:
    work.strangers.add("Organization/charity")
    with pytest.raises(FhirError) as refused:
        await work.write(REQUEST, PRACTICE)
    assert refused.value.kind is Kind.UNPROCESSABLE
    assert work.said == []


async def test_a_request_that_replaces_another_says_so_of_it(work: SmallWork) -> None:
    await work.write(REQUEST, PRACTICE)
    await work.write(REQUEST | {"id": "s2", "replaces": [{"reference": "ServiceRequest/s1"}]}, PRACTICE)
    assert work.resources["ServiceRequest/s1"]["status"] == "revoked"
    [ended] = work.of("tandem.task.ended")
    assert (ended["task"], ended["status"]) == (task_id("s1"), "cancelled")
    [redirected] = work.of("tandem.referral.redirected")
    assert (redirected["request"], redirected["outcome"]) == ("ServiceRequest/s1", "replaced")
    assert work.of("tandem.referral.withdrawn") == []


@pytest.mark.parametrize(("outcome", "status", "stands"), [
    (None, "active", "waiting-for-answer"), ("rejected", "active", "unanswered"), ("completed", "completed", "closed"),
])  # fmt: skip
async def test_rows_of_the_first_release_are_lost_neither(
    work: SmallWork, outcome: str | None, status: str, stands: str
) -> None:
    await work.write(REQUEST | {"status": status}, PRACTICE)
    await work.connection.execute("DELETE FROM referral_loop")
    at = to_micros(work.now)
    await work.connection.execute(
        "INSERT INTO referral_loop (request, task, patient, opened, outcome, closed) VALUES ($1, $2, $3, $4, $5, $6)",
        "s1", task_id("s1"), "p1", at, outcome, at if outcome else None,
    )  # fmt: skip
    for _ in range(2):
        await settle_older_rows(work)
    loop = await loop_of(work.connection, "s1")
    assert loop is not None
    assert (loop.stands, loop.kind, loop.round) == (stands, "support-offer", 1)
    assert loop.outcome == ("completed" if stands == "closed" else None)
