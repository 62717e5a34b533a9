"""A request that was made of an activity of the plan, and what that activity shows of it (AC-055)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from careplan_service.domain.plan_activities import activity_named, with_activity, with_statuses_of_requests
from tandem.canonical import PLAN_ACTIVITY
from tandem.fhir.body import Resource

AT = datetime(2020, 7, 1, 8, tzinfo=UTC)
OLDER, NEWER = "ServiceRequest/s1", "ServiceRequest/s2"


def plan(status: str = "not-started") -> Resource:
    detail = {"status": status, "description": "Walks"}
    return {
        "resourceType": "CarePlan",
        "activity": [{"detail": {"status": "not-started"}}, {"id": "w", "detail": detail}],
    }


def told(status: str, *requests: tuple[str, str], named: str = "w") -> list[dict[str, Any]]:
    held = plan(status)
    for reference, said in requests:
        held = with_activity(held, reference, said, AT, named)
    found: list[dict[str, Any]] = with_statuses_of_requests(held, dict(requests))["activity"]
    return found


@pytest.mark.parametrize(
    ("said", "shown"),
    [("active", "in-progress"), ("on-hold", "on-hold"), ("completed", "completed"), ("revoked", "not-started")],
)
def test_the_activity_shows_how_far_its_request_is(said: str, shown: str) -> None:
    _, activity = told("not-started", (OLDER, said))
    assert activity["detail"]["status"] == shown
    assert activity["outcomeReference"] == [{"reference": OLDER}]


@pytest.mark.parametrize("order", list(permutations([(OLDER, "revoked"), (NEWER, "active"), (OLDER, "revoked")])))
def test_a_redirected_request_leaves_the_activity_in_progress_whichever_is_heard_of_first(
    order: tuple[tuple[str, str], ...],
) -> None:
    first, activity = told("in-progress", *order)
    assert activity["detail"]["status"] == "in-progress"
    assert sorted(each["reference"] for each in activity["outcomeReference"]) == [OLDER, NEWER]
    assert first == {"detail": {"status": "not-started"}}


@pytest.mark.parametrize("ended", ["completed", "cancelled", "stopped"])
def test_what_somebody_ended_by_hand_stays(ended: str) -> None:
    assert told(ended, (OLDER, "active"))[1]["detail"]["status"] == ended


def test_an_id_that_the_plan_does_not_have_makes_an_activity_of_its_own() -> None:
    activities = told("not-started", (OLDER, "active"), named="other")
    assert activities[2] == {"reference": {"reference": OLDER}}
    assert activities[1]["detail"]["status"] == "not-started"


def test_a_plan_that_says_so_already_is_left() -> None:
    once = with_statuses_of_requests(with_activity(plan(), OLDER, "completed", AT, "w"), {OLDER: "completed"})
    again = with_statuses_of_requests(with_activity(once, OLDER, "completed", AT, "w"), {OLDER: "completed"})
    assert again == once


def test_the_activity_is_named_by_the_extension() -> None:
    assert activity_named({"extension": [{"url": "urn:x"}, {"url": PLAN_ACTIVITY, "valueString": "w"}]}) == "w"
    assert activity_named({}) is None
