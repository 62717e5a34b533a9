"""The document says what came of referrals, who wrote notes, and everybody who added something."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from careplan_service.domain.plan_document.document import shared_plan_document
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import People
from careplan_service.domain.plan_document.work_outcome import STATUS_REASON
from tandem.printing.blocks import Block, Facts, Table

ANN = {"reference": "Practitioner/ann"}
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan", "id": "p1", "status": "active", "intent": "plan",
    "author": {"reference": "Organization/o"},
    "activity": [{"reference": {"reference": "ServiceRequest/s"}}],
    "note": [{"text": "Likes tea", "authorReference": ANN, "time": "2020-06-03"}],
}  # fmt: skip
REFERRAL = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "code": {"text": "Social prescribing"}}


def answered(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Task", "id": "t", "focus": {"reference": "ServiceRequest/s"}, **more}


def document(**changed: Any) -> dict[str, tuple[Block, ...]]:
    given = {
        "plan": PLAN,
        "people": People({"Practitioner/ann": "Ann Bell", "Organization/o": "Elmwood Surgery"}),
        **changed,
    }
    known = Known(
        now=datetime(2020, 7, 1, 8, tzinfo=UTC), today=date(2020, 7, 1), printed_by="Elmwood Surgery",
        organisation="A81001", patient=None, records={}, said=(), **given,
    )  # fmt: skip
    return {part.name: part.blocks for part in shared_plan_document(known).sections}


def rows(**changed: Any) -> list[tuple[str, ...]]:
    (table,) = [block for block in document(**changed)["actions"] if isinstance(block, Table)]
    return list(table.rows)


@pytest.mark.parametrize(
    ("task", "referral", "standing"),
    [
        ({"status": "completed", "output": [{"valueString": "Joined the choir"}]}, {"status": "completed"},
         "done\nJoined the choir"),
        ({"status": "completed", "output": [{"valueReference": {"display": "Report of the choir"}}]}, {},
         "asked for\nReport of the choir"),
        ({"status": "rejected", "statusReason": {"text": "Lives too far away"}}, {},
         "asked for\nturned down\nLives too far away"),
        ({"status": "in-progress", "businessStatus": {"text": "First visit booked"}}, {},
         "asked for\nFirst visit booked"),
        ({"status": "accepted", "note": [{"text": "Called twice", "authorReference": ANN, "time": "2020-06-05"}]}, {},
         "asked for\nCalled twice (Ann Bell, 5 June 2020)"),
        ({"status": "accepted"}, {"status": "revoked", "extension": [
            {"url": STATUS_REASON, "valueCodeableConcept": {"text": "Moved away"}}]}, "cancelled\nMoved away"),
    ],
)  # fmt: skip
def test_what_came_of_a_referral_stands_beside_it(
    task: dict[str, Any], referral: dict[str, Any], standing: str
) -> None:
    shown = rows(work=[{**REFERRAL, **referral}, answered(**task)])
    assert shown == [("Social prescribing", "", "", standing)], "the Task of a referral is no row of its own"


def test_a_task_of_the_plan_about_a_referral_keeps_its_row() -> None:
    own = answered(status="requested", description="Ring her", basedOn=[{"reference": "CarePlan/p1"}])
    assert [row[0] for row in rows(work=[REFERRAL, own])] == ["Social prescribing", "Ring her"]


def test_notes_name_their_authors() -> None:
    goal = {
        "resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "Walk"},
        "note": [{"text": "To the shop now", "authorString": "Her son"}],
    }  # fmt: skip
    plan = {
        **PLAN, "goal": [{"reference": "Goal/g"}],
        "activity": [{
            "detail": {"status": "in-progress", "description": "Walks"},
            "progress": [{"text": "Twice a week", "authorReference": ANN}],
        }],
    }  # fmt: skip
    known = document(plan={**plan, "contained": [goal], "goal": [{"reference": "#g"}]})
    said = "\n".join(str(block) for part in ("goals", "actions", "notes") for block in known[part])
    for words in ("To the shop now (Her son)", "Twice a week (Ann Bell)", "Likes tea (Ann Bell, 3 June 2020)"):
        assert words in said


def test_whoever_added_something_is_named_once() -> None:
    (facts,) = [each for each in document(contributors=["Elmwood Surgery", "Moss, Hill Trust", "Hill Trust", "Choir"])[
        "agreement"] if isinstance(each, Facts)]  # fmt: skip
    assert dict(facts.rows)["Who wrote it"] == "Elmwood Surgery, Choir, Moss, Hill Trust"
