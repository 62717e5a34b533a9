"""What a shared plan is, when it may be agreed, and how work shows on it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from careplan_service.domain.plan_activities import with_activity
from careplan_service.domain.plan_agreement import is_expressed_by_person, person_contributed
from careplan_service.domain.shared_plan import is_shared_plan, plan_for_residency
from tandem.fhir.body import encode
from tandem.fhir.validation import validator

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)
PLAN = plan_for_residency("plan-1", "p1", "2020-06-26", [{"reference": "Observation/o1"}], NOW)


def test_the_opened_plan_is_valid_and_of_the_shared_category() -> None:
    assert validator("fhirkit").validate(PLAN) == []
    assert is_shared_plan(PLAN)
    assert PLAN["status"] == "draft"
    assert PLAN["supportingInfo"] == [{"reference": "Observation/o1"}]
    assert not is_shared_plan(
        {**PLAN, "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "734163000"}]}]}
    )
    assert not is_shared_plan(None)


@pytest.mark.parametrize(
    "voice",
    [
        {"contributor": [{"reference": "Practitioner/x"}, {"reference": "Patient/p1"}]},
        {"author": {"reference": "RelatedPerson/daughter"}},
        {"note": [{"text": "What matters", "authorReference": {"reference": "Patient/p1"}}]},
        {"contributor": [{"type": "Patient", "identifier": {"value": "x"}}]},
    ],
)
def test_the_voice_of_the_person_is_heard(voice: dict[str, Any]) -> None:
    assert not person_contributed(PLAN)
    assert person_contributed(PLAN | voice)


def test_a_goal_expressed_by_the_person_counts_until_it_is_dropped() -> None:
    goal = {"lifecycleStatus": "active", "expressedBy": {"reference": "Patient/p1"}}
    assert is_expressed_by_person(goal)
    assert not is_expressed_by_person({**goal, "lifecycleStatus": "cancelled"})
    assert not is_expressed_by_person({**goal, "expressedBy": {"reference": "Practitioner/x"}})


def test_an_activity_is_added_once_and_nothing_else_changes() -> None:
    plan = {
        **PLAN,
        "extension": [{"url": "urn:x", "valueDecimal": Decimal("1.50")}],
        "activity": [{"detail": {"status": "in-progress"}}],
    }
    before = encode(plan)
    shown = with_activity(plan, "Task/t1", "requested", NOW)
    assert encode(plan) == before, "the given plan is left alone"
    assert shown["activity"] == [{"detail": {"status": "in-progress"}}, {"reference": {"reference": "Task/t1"}}]
    assert encode({**shown, "activity": plan["activity"]}) == before
    assert with_activity(shown, "Task/t1", "requested", NOW) == shown


def test_progress_is_put_down_once_for_each_status_that_tells() -> None:
    plan: dict[str, Any] = PLAN
    for status in ("requested", "accepted", "in-progress", "completed", "completed"):
        plan = with_activity(plan, "Task/t1", status, NOW)
    (activity,) = plan["activity"]
    assert [note["text"] for note in activity["progress"]] == ["Task accepted", "Task completed"]
    assert activity["progress"][0]["time"] == "2020-07-01T08:00:00.000Z"
    assert validator("fhirkit").validate(plan) == []
