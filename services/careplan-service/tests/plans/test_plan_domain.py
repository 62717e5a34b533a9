"""The rules of a shared plan as plain functions: dates, open actions, goals, support, reviews, states."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.plans.goal_activities import (
    activities_by_goal,
    goals_of_plan,
    work_towards,
)
from careplan_service.domain.plans.life_dates import Life, goal_dates, life_faults, life_of, plan_dates
from careplan_service.domain.plans.open_actions import closing_faults, open_details
from careplan_service.domain.plans.plan_transitions import TRANSITIONS
from careplan_service.domain.plans.review import (
    Interval,
    Progress,
    Review,
    latest_next,
    next_review,
    review_faults,
    with_progress,
    with_review,
)
from careplan_service.domain.plans.support import is_support, traced
from careplan_service.plans.shipped_checklist import review_policy
from tandem.canonical import PERTAINS_TO_GOAL, TASK_KIND
from tandem.fhir.validation import validator

PLAN: dict[str, Any] = {
    "resourceType": "CarePlan", "id": "p", "status": "active", "intent": "plan", "subject": {"reference": "Patient/1"},
}  # fmt: skip
QUARTER = Interval(3, "003 §2.4 b7", ("PCPC-055",))
TODAY = date(2020, 7, 1)


def faults_of(life: Life, *dates: str, path: str = "CarePlan.period.start") -> list[str]:
    return [issue.text.partition(":")[0] for issue in life_faults(life, iter((path, each) for each in dates))]


def test_a_date_outside_the_life_is_a_fault_and_a_vague_one_only_when_all_of_it_lies_outside() -> None:
    life = Life("1934-04-12", "2020-06-20", True)
    assert faults_of(life, "1934-04-12", "1934-04", "1934", "2020-06-20", "2020-06", "2020") == []
    assert faults_of(life, "1934-04-11", "1934-03", "1933") == ["The date lies before the person's birth"] * 3
    assert faults_of(life, "2020-06-21", "2020-07", "2021") == ["The date lies after the person's death"] * 3
    assert faults_of(life, "2021", path="CarePlan.period.end") == [], "an end may have been planned"
    assert faults_of(Life("1934"), "1934-01-01", "1933-12-31") == ["The date lies before the person's birth"]
    assert faults_of(Life(None, None, True), "1900", "2100") == []
    died_at_noon = Life(None, "2020-06-20T12:00:00+01:00", True)
    assert faults_of(died_at_noon, "2020-06-20", "2020-06-20T23:00:00+01:00") == [], "the day of the death counts"
    assert len(faults_of(died_at_noon, "2020-06-21")) == 1


def test_which_dates_are_looked_at() -> None:
    plan = {
        "period": {"start": "2020", "end": "2021"},
        "activity": [{"reference": {}}, {"detail": {"scheduledPeriod": {"start": "2020-08"}, "status": "scheduled"}}],
    }
    assert dict(plan_dates(plan)) == {
        "CarePlan.period.start": "2020", "CarePlan.period.end": "2021",
        "CarePlan.activity[1].detail.scheduledPeriod.start": "2020-08",
    }  # fmt: skip
    assert dict(goal_dates({"startDate": "2020", "statusDate": "2021"})) == {
        "Goal.startDate": "2020", "Goal.statusDate": "2021",
    }  # fmt: skip
    assert life_of({"deceasedBoolean": True, "birthDate": "1934"}) == Life("1934", None, True)
    assert life_of({"deceasedBoolean": False}) == Life()


def test_what_is_open_is_named_when_a_plan_is_closed() -> None:
    activity = [{"detail": {"status": status}} for status in ("completed", "in-progress", "cancelled", "scheduled")]
    plan = PLAN | {"activity": activity}
    assert open_details(plan) == ["CarePlan.activity[1].detail.status", "CarePlan.activity[3].detail.status"]
    assert [issue.text.split()[0] for issue in closing_faults(plan, ["Task/1"])] == ["Task/1", "An", "An"]
    assert list(closing_faults(PLAN, [])) == []


def test_what_ended_never_comes_back_but_to_be_withdrawn() -> None:
    for ended in ("completed", "revoked"):
        assert TRANSITIONS.table[ended] == ("entered-in-error",)
    assert not TRANSITIONS.may_follow("active", "draft")
    assert set(TRANSITIONS.table) == {each for after in TRANSITIONS.table.values() for each in after} | {"unknown"}


def test_activities_of_a_goal_are_those_that_name_it() -> None:
    task = {
        "resourceType": "Task", "status": "accepted", "owner": {"reference": "Organization/9"},
        "code": {"coding": [{"code": "x", "display": "A choir"}]},
        "extension": [{"url": PERTAINS_TO_GOAL, "valueReference": {"reference": "Goal/a"}}],
    }  # fmt: skip
    plan = PLAN | {
        "goal": [{"reference": each} for each in ("Goal/b/_history/2", "Goal/a", "#c", "Goal/x")],
        "activity": [
            {"reference": {"reference": "Task/1"}, "progress": [{"text": "Task accepted"}]},
            {"detail": {"status": "scheduled", "code": {"text": "Walks"}, "goal": [{"reference": "#c"}]}},
        ],
    }  # fmt: skip
    found = activities_by_goal(plan, [work_towards(task, "Task/1")])
    assert {goal: [each.description for each in listed] for goal, listed in found.items()} == {
        "a": ["A choir"], "#c": ["Walks"],
    }  # fmt: skip
    assert [note["text"] for note in found["a"][0].progress] == ["Task accepted"]
    assert goals_of_plan(plan, {"a", "b", "#c", "d"}) == ["b", "a", "#c"], "those that it names and that there are"


def item(kind: str, identity: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": identity, "status": "active", **more}


def reference(text: str) -> dict[str, str]:
    return {"reference": text}


def test_support_traces_by_the_plan_itself_or_through_what_does() -> None:
    plan = PLAN | {"activity": [{"reference": reference("ServiceRequest/1/_history/3")}]}
    items = [
        item("Task", "part", partOf=[reference("Task/of-request")]), item("ServiceRequest", "1"),
        item("Task", "of-request", focus=reference("ServiceRequest/1")),
        item("Task", "own", basedOn=[reference("CarePlan/p")]), item("Task", "loose", partOf=[reference("Task/gone")]),
        item("Task", "circle", partOf=[reference("Task/circle")]),
    ]  # fmt: skip
    ways = {each.item["id"]: (each.by, each.through) for each in traced(plan, items)}
    assert ways == {
        "part": ("through", "Task/of-request"), "1": ("activity", None), "of-request": ("through", "ServiceRequest/1"),
        "own": ("based-on", None), "loose": (None, None), "circle": (None, None),
    }  # fmt: skip
    assert not is_support(item("Task", "a", code={"coding": [{"system": TASK_KIND, "code": "agenda-item"}]}))
    assert is_support(item("Task", "b", code={"coding": [{"system": TASK_KIND, "code": "action"}]}))


def review(**more: Any) -> Review:
    given = {
        "at": datetime(2020, 7, 1, 9, tzinfo=UTC), "reason": {"text": "More breathless"},
        "reviewer": reference("Practitioner/1"), "next": date(2020, 10, 1), **more,
    }  # fmt: skip
    return Review(**given)


def faults(held: Review, *, plan: dict[str, Any] = PLAN, goals: str = "g", progress: bool = False) -> list[str | None]:
    found = review_faults(plan, held, TODAY, QUARTER, frozenset(goals), progress)
    return [issue.expression for issue in found]


def test_a_review_is_of_an_agreed_plan_and_sets_the_next_in_time() -> None:
    assert faults(review()) == []
    assert faults(review(next=TODAY)) == faults(review(next=date(2020, 10, 2))) == ["next"]
    assert faults(review(), plan=PLAN | {"status": "draft"}) == ["CarePlan.status"]
    assert faults(review(progress=(Progress("other", "achieved"),))) == ["goal"]
    assert faults(review(), progress=True) == ["goal"]


def test_the_last_review_stands_on_the_plan() -> None:
    plan = with_review(PLAN | {"extension": [{"url": "urn:x", "valueCode": "y"}]}, review(note="Slept badly"))
    assert validator("fhirkit").validate(plan) == []
    assert next_review(plan) == date(2020, 10, 1)
    again = with_review(plan, review(next=date(2020, 8, 1)))
    assert (len(again["extension"]), next_review(again)) == (2, date(2020, 8, 1))
    assert next_review(PLAN) is None


def test_progress_is_put_down_on_the_goal() -> None:
    goal = {
        "resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "To walk"},
        "subject": {"reference": "Patient/1"}, "note": [{"text": "Earlier"}],
    }  # fmt: skip
    after = with_progress(goal, Progress("g", "improving", "To the gate"), review())
    assert validator("fhirkit").validate(after) == []
    assert [note["text"] for note in after["note"]] == ["Earlier", "To the gate"]
    assert (after["achievementStatus"]["coding"][0]["code"], after["statusDate"]) == ("improving", "2020-07-01")


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2020, 8, 31), 3, date(2020, 11, 30)), (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2020, 12, 1), 12, date(2021, 12, 1)), (date(2020, 10, 15), 3, date(2021, 1, 15)),
    ],
)  # fmt: skip
def test_months_end_where_the_month_does(day: date, months: int, last: date) -> None:
    assert latest_next(day, Interval(months, "", ())) == last


@given(st.sets(st.sampled_from(["PC", "EHCH", "AC", "PCPC"])))
def test_the_shortest_interval_that_binds_counts(programmes: set[str]) -> None:
    assert review_policy().interval(programmes | {"PC"}).months == (3 if "PCPC" in programmes else 12)
