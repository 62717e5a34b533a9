"""Nets in the database: what is heard in any order, repeated or corrected ends in the same rows; chased once a time."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referral_service.safety_nets.net_events import CLOSED, OPENED, OVERDUE, REOPENED, TASK_ENDED, TASK_REQUESTED
from tandem.canonical import ODS_CODE, REFERRAL_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import START, SmallWork, written_event

PRACTICE = Caller("A00001")
BASED_ON = [{"reference": "ServiceRequest/r1"}]
HOUR = timedelta(hours=1)


def request(kind: str = "pre-referral-investigation", **more: Any) -> Resource:
    performer = {} if kind == "cancer-concern" else {"performer": [_organisation("RX001")]}
    return {
        "resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}], "subject": {"reference": "Patient/p1"},
        "requester": _organisation("A00001"), **performer, **more,
    }  # fmt: skip


def _organisation(code: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": {"system": ODS_CODE, "value": code}}


def report(status: str, identity: str = "d1", **more: Any) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": identity, "status": status, "code": {"text": "Chest X-ray"},
        "subject": {"reference": "Patient/p1"}, "basedOn": BASED_ON, **more,
    }  # fmt: skip


def appointment(status: str, version: int, hours: int, identity: str = "a1", **more: Any) -> Event:
    resource = {
        "resourceType": "Appointment", "id": identity, "status": status, "basedOn": BASED_ON,
        "start": "2020-07-03T10:00:00+01:00", **more,
    }  # fmt: skip
    return written_event(resource, "p1", version=version, at=START + hours * HOUR)


async def spans(work: SmallWork) -> list[tuple[str, int, int]]:
    rows = await work.connection.fetch("SELECT state, since, due FROM safety_net_span ORDER BY request, place")
    return [(row["state"], row["since"], row["due"]) for row in rows]


async def state(work: SmallWork) -> str:
    return (await spans(work))[-1][0]


async def known(work: SmallWork, code: str = "A00001") -> None:
    """The person is registered with a practice, and the performer is known."""
    await work.connection.execute("INSERT INTO patient (id, practice) VALUES ('p1', $1)", code)
    for number, each in enumerate((code, "RX001")):
        await work.connection.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, 'practice', 1)", f"o{number}", each
        )
        await work.connection.execute(
            "INSERT INTO directory_organisation (id, code, name, kind) VALUES ($1, $2, 'x', 'practice')",
            f"o{number}", each,
        )  # fmt: skip


async def start_anew(work: SmallWork) -> None:
    for table in reversed(work.service.metadata.sorted_tables):
        await work.connection.execute(f'DELETE FROM "{table.name}"')
    work.resources.clear()
    work.said.clear()
    work.due.clear()
    work.now = START
    await known(work)


def chases(work: SmallWork) -> list[dict[str, Any]]:
    """The Tasks that the net asks for; the loop of the request chases for itself."""
    return [each for each in work.of(TASK_REQUESTED) if str(each.get("description")).startswith("Safety net")]


async def test_an_active_request_opens_its_net_in_its_transaction_and_a_draft_does_not(work: SmallWork) -> None:
    await known(work)
    await work.write(request() | {"status": "draft"}, PRACTICE)
    assert await spans(work) == []
    await work.write(request(), PRACTICE)
    await work.write(request(priority="urgent"), PRACTICE)
    assert await state(work) == "awaiting-result"
    assert len(work.of(OPENED)) == 1


async def test_what_is_only_offered_old_or_over_has_no_net(work: SmallWork) -> None:
    await known(work)
    concern = request("cancer-concern", asNeededBoolean=True)
    others: list[dict[str, Any]] = [
        {"intent": "proposal"}, {"doNotPerform": True}, {"authoredOn": "2020-03-31"}, {"status": "completed"},
    ]  # fmt: skip
    for number, changed in enumerate(others):
        await work.write(concern | {"id": f"other{number}"} | changed, PRACTICE)
    assert await spans(work) == []


async def test_an_investigation_past_due_is_chased_once_until_its_result(work: SmallWork) -> None:
    await known(work)
    await work.write(request(), PRACTICE)
    await work.pass_time(datetime(2020, 7, 15, 22, tzinfo=UTC))
    assert chases(work) == []
    await work.pass_time(datetime(2020, 7, 15, 23, tzinfo=UTC))
    await work.write(request(priority="urgent"), PRACTICE)
    [task] = chases(work)
    assert task["due"] == "2020-07-15T22:59:59.999Z"
    assert task["owner"]["identifier"]["value"] == "A00001"
    assert [each["state"] for each in work.of(OVERDUE)] == ["awaiting-result"]
    await work.write(report("final"), PRACTICE)
    assert [each["task"] for each in work.of(TASK_ENDED) if each["task"] == task["task"]] == [task["task"]]
    assert await state(work) == "to-act"


async def test_a_chase_that_is_ended_by_hand_is_asked_for_again_while_the_person_has_not_come(work: SmallWork) -> None:
    await known(work)
    await work.write(request(), PRACTICE)
    await work.hear(appointment("noshow", 1, 1))
    [first] = chases(work)
    done = {"resourceType": "Task", "id": first["task"], "status": "completed", "focus": BASED_ON[0]}
    await work.hear(written_event(done, "p1", version=2))
    await work.hear(written_event(done, "p1", version=2))
    assert await state(work) == "not-attended"
    assert len({each["task"] for each in chases(work)}) == 2
    await work.hear(appointment("fulfilled", 1, 2, "a2"))
    ended = {each["task"] for each in work.of(TASK_ENDED)}
    assert {each["task"] for each in chases(work)} - {first["task"]} <= ended
    assert first["task"] not in ended


async def test_an_appointment_of_a_stranger_or_about_somebody_else_changes_nothing(work: SmallWork) -> None:
    await known(work)
    await work.write(request(), PRACTICE)
    missed = {"resourceType": "Appointment", "id": "a1", "status": "noshow", "basedOn": BASED_ON}
    await work.hear(written_event(missed, "p1", granted=False))
    await work.hear(written_event(missed | {"id": "a2"}, "p2"))
    assert await state(work) == "awaiting-result"


async def test_a_report_or_appointment_that_is_linked_elsewhere_or_deleted_counts_no_more(work: SmallWork) -> None:
    await known(work)
    await work.write(request(), PRACTICE)
    await work.hear(appointment("noshow", 1, 1))
    await work.hear(appointment("noshow", 2, 2, basedOn=[]))
    assert await state(work) == "awaiting-result"
    await work.write(report("final"), PRACTICE)
    assert await state(work) == "to-act"
    await work.write(report("final") | {"basedOn": []}, PRACTICE)
    assert await state(work) == "awaiting-result"
    await work.write(report("final", "d2"), PRACTICE)
    await work.delete("DiagnosticReport", "d2")
    assert await state(work) == "awaiting-result"


async def test_a_net_passes_to_the_request_that_takes_the_place_of_another(work: SmallWork) -> None:
    await known(work)
    concern = request("cancer-concern", asNeededBoolean=True)
    await work.write(concern, PRACTICE)
    await work.write(concern | {"status": "revoked"}, PRACTICE)
    assert await state(work) == "to-decide"
    await work.write(concern | {"id": "r2", "replaces": BASED_ON}, PRACTICE)
    rows = await work.connection.fetch(
        "SELECT s.request, s.state FROM safety_net_span s WHERE s.place ="
        " (SELECT MAX(o.place) FROM safety_net_span o WHERE o.request = s.request) ORDER BY s.request"
    )
    assert [(row["request"], row["state"]) for row in rows] == [("r1", "closed"), ("r2", "awaiting-person")]


async def test_a_concern_that_could_not_be_kept_is_refused(work: SmallWork) -> None:
    await known(work)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "asNeeded"), ({"asNeededBoolean": False}, "asNeeded"),
        ({"asNeededBoolean": True, "authoredOn": "2020-07-09"}, "in the future"),
        ({"occurrenceDateTime": "2020-06-01", "authoredOn": "2020-06-30"}, "before the request"),
    ]  # fmt: skip
    for changed, said in wrong:
        with pytest.raises(FhirError) as refusal:
            await work.write(request("cancer-concern") | changed, PRACTICE)
        assert any(said in each.text and "000 §6" in each.text for each in refusal.value.issues)
    assert await spans(work) == []


HEARD = (
    appointment("booked", 1, 1), appointment("noshow", 2, 60), appointment("booked", 1, 62, "a2"),
    appointment("fulfilled", 2, 100, "a2"), appointment("cancelled", 1, 3, "a3"),
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
async def test_appointments_in_any_order_and_repeated_give_the_same_net(work: SmallWork, chance: random.Random) -> None:
    """Reports and the request are this service's own and come in their order; appointments come as they come."""

    async def lived(heard: list[Event]) -> list[tuple[str, int, int]]:
        await start_anew(work)
        own: list[Callable[[], Awaitable[Any]]] = [
            partial(work.write, request(), PRACTICE), partial(work.write, report("registered"), PRACTICE),
            partial(work.write, report("final", conclusion="Shadow"), PRACTICE),
        ]  # fmt: skip
        times = [START, START + 101 * HOUR, START + 120 * HOUR]
        steps: list[tuple[int, Callable[[], Awaitable[Any]]]] = [
            (chance.randrange(1000), partial(work.hear, each)) for each in heard
        ]
        steps += list(zip(sorted(chance.randrange(1000) for _ in own), own, strict=True))
        position = 0
        for _, step in sorted(steps, key=lambda pair: pair[0]):
            if step in own:
                work.now = times[position]
                position += 1
            await step()
        return await spans(work)

    first = await lived(list(HEARD))
    again = [*HEARD, *chance.sample(HEARD, 3)]
    assert await lived(again) == first
    assert first[-1][0] == "to-act"


async def test_closed_and_opened_again_is_told_once_each(work: SmallWork) -> None:
    await known(work)
    await work.write(request(), PRACTICE)
    await work.write(request() | {"status": "entered-in-error"}, PRACTICE)
    assert await state(work) == "closed"
    assert len(work.of(CLOSED)) == 1
    assert work.of(REOPENED) == []
