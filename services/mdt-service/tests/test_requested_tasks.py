"""Tasks made because another service asked, and taken back when the request is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mdt_service.domain.requested_task import requested_task
from mdt_service.tasks.request_handlers import cancel_withdrawn, create_requested_task, end_asked_task
from tandem.canonical import REFERRAL_PROGRESS, STAFF_KIND, TASK_KIND
from tandem.events.event import Event
from tandem.fhir.validation import validator
from tandem_tests.small_work import Said, SmallWork, event_of, written_event

ASKED: dict[str, Any] = {
    "task": "t1",
    "request": "ServiceRequest/s1",
    "owner": {"type": "Organization", "identifier": {"system": "urn:charity", "value": "7"}},
    "requester": {"reference": "Organization/practice"},
    "priority": "urgent",
    "description": "Referral to social prescribing service",
    "authoredOn": "2020-07-01T09:00:00+01:00",
}
REQUEST = {"resourceType": "ServiceRequest", "id": "s1", "status": "active"}


def asked(**changed: Any) -> Event:
    return event_of(Said("tandem.task.requested", "s1", ASKED | changed, "p1"))


def withdrawn(status: str = "revoked", **more: Any) -> Event:
    return written_event(REQUEST | {"status": status}, "p1", version=2, **more)


def test_the_task_is_valid_and_says_who_is_to_do_what_for_whom() -> None:
    task = requested_task(ASKED, "p1")
    assert validator("fhirkit").validate(task) == []
    assert (task["status"], task["intent"], task["owner"], task["priority"]) == (
        "requested",
        "order",
        ASKED["owner"],
        "urgent",
    )
    assert task["focus"] == task["basedOn"][0] == {"reference": "ServiceRequest/s1"}
    assert task["for"] == {"reference": "Patient/p1"}
    assert (
        validator("fhirkit").validate(requested_task({k: ASKED[k] for k in ("task", "request", "authoredOn")}, "p1"))
        == []
    )


async def test_it_is_made_once_and_never_overwritten(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    await work.put({**work.resources["Task/t1"], "status": "accepted"})
    await create_requested_task(asked(), work)
    assert work.resources["Task/t1"]["status"] == "accepted"


@pytest.mark.parametrize("status", ["revoked", "entered-in-error"])
async def test_a_withdrawn_request_cancels_its_task(work: SmallWork, status: str) -> None:
    await create_requested_task(asked(), work)
    await cancel_withdrawn(withdrawn(status), work)
    assert work.resources["Task/t1"]["status"] == "cancelled"
    await cancel_withdrawn(withdrawn(status), work)
    assert work.resources["Task/t1"]["meta"]["versionId"] == "2"


async def test_a_deleted_request_cancels_its_task(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    await cancel_withdrawn(
        Event("e", "fhir.ServiceRequest.delete", "x", work.now, type="ServiceRequest", resource_id="s1"), work
    )
    assert work.resources["Task/t1"]["status"] == "cancelled"


async def test_what_is_done_stays_done(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    for status in ("accepted", "in-progress", "completed"):
        await work.put({**work.resources["Task/t1"], "status": status})
    await cancel_withdrawn(withdrawn(), work)
    assert work.resources["Task/t1"]["status"] == "completed"


async def test_a_request_withdrawn_before_its_task_is_asked_for_gets_none(work: SmallWork) -> None:
    await cancel_withdrawn(withdrawn(), work)
    await create_requested_task(asked(), work)
    assert work.resources == {}


async def test_a_chase_about_a_withdrawn_request_is_made_all_the_same(work: SmallWork) -> None:
    await cancel_withdrawn(withdrawn(), work)
    await create_requested_task(asked(kind="chase"), work)
    assert work.resources["Task/t1"]["status"] == "requested"


async def test_other_changes_and_strangers_withdraw_nothing(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    await cancel_withdrawn(withdrawn("completed"), work)
    await cancel_withdrawn(withdrawn(granted=False), work)
    assert work.resources["Task/t1"]["status"] == "requested"


def ending(status: str = "cancelled") -> Event:
    data = {"task": "t1", "status": status, "reason": "There is nothing to chase any more"}
    return event_of(Said("tandem.task.ended", "t1", data, "p1"))


def test_a_chase_says_by_when_and_goes_with_its_request() -> None:
    chase = requested_task(
        ASKED | {"kind": "chase", "due": "2020-07-10T00:00:00+01:00", "note": "By telephone", "performerType": "gp"},
        "p1",
    )
    assert validator("fhirkit").validate(chase) == []
    assert chase["code"] == {"coding": [{"system": TASK_KIND, "code": "chase"}]}
    assert chase["focus"] == chase["basedOn"][0] == {"reference": "ServiceRequest/s1"}
    assert chase["restriction"] == {"period": {"end": "2020-07-10T00:00:00+01:00"}}
    assert chase["note"] == [{"text": "By telephone"}]
    assert chase["performerType"] == [{"coding": [{"system": STAFF_KIND, "code": "gp"}]}]


async def test_a_chase_takes_nothing_from_the_task_of_the_request(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    await create_requested_task(asked(task="t2", kind="chase"), work)
    await cancel_withdrawn(withdrawn(), work)
    assert [work.resources[f"Task/{each}"]["status"] for each in ("t1", "t2")] == ["cancelled", "requested"]


@pytest.mark.parametrize("before", ["requested", "accepted", "in-progress", "on-hold"])
@pytest.mark.parametrize("status", ["cancelled", "completed"])
async def test_what_is_wanted_no_more_ends_by_the_table(work: SmallWork, before: str, status: str) -> None:
    await create_requested_task(asked(), work)
    work.resources["Task/t1"]["status"] = before
    for _ in range(2):
        await end_asked_task(ending(status), work)
    ended = work.resources["Task/t1"]
    assert (ended["status"], ended["statusReason"]) == (status, {"text": "There is nothing to chase any more"})


async def test_a_task_that_ended_before_it_was_asked_for_is_never_made(work: SmallWork) -> None:
    await end_asked_task(ending(), work)
    await create_requested_task(asked(), work)
    assert work.resources == {}


async def test_what_ended_by_itself_stays_as_it_ended(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    work.resources["Task/t1"]["status"] = "rejected"
    await end_asked_task(ending(), work)
    assert work.resources["Task/t1"]["status"] == "rejected"


async def test_what_was_done_in_part_by_another_task_says_so(work: SmallWork) -> None:
    await create_requested_task(asked(), work)
    partly = {"coding": [{"system": REFERRAL_PROGRESS, "code": "partly-fulfilled"}]}
    event = ending("completed")
    await end_asked_task(replace(event, data={**(event.data or {}), "businessStatus": partly}), work)
    ended = work.resources["Task/t1"]
    assert (ended["status"], ended["businessStatus"]) == ("completed", partly)
