"""From the news that a person came to live in a care home to a plan with clocks, and what happens to both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from careplan_service.activity_handlers import show_on_plan
from careplan_service.clock_rows import BREACHED, CLOSED, STARTED, STOPPED
from careplan_service.domain.plan_clocks import AGREED, COMMUNITY_INPUT
from careplan_service.domain.shared_plan import plan_for_residency
from careplan_service.medicine_reactions import CHANGED
from careplan_service.residency_handlers import clock_fell_due, end_residency, open_plan
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import START, Said, SmallWork, event_of, written_event

PRACTICE, PROVIDER = Caller("A00001"), Caller("RX001")
PERSON = {"reference": "Patient/p1"}


def entered(residency: str = "r1", since: str = "2020-06-28", revision: int = 1) -> Event:
    data = {
        "cohort": "care-home-residents",
        "patient": "Patient/p1",
        "residency": residency,
        "revision": revision,
        "since": since,
        "evidence": [{"reference": "Observation/o1"}],
    }
    return event_of(Said("tandem.cohort.entered", f"{residency}/{revision}", data, "p1"))


def left(residency: str = "r1", revision: int = 2) -> Event:
    data = {"cohort": "care-home-residents", "residency": residency, "revision": revision, "until": "2020-06-30"}
    return event_of(Said("tandem.cohort.left", f"{residency}/{revision}", data, "p1"))


def goal(identity: str = "g1", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Goal", "id": identity, "lifecycleStatus": "active", "subject": PERSON, **more}


def plans(work: SmallWork) -> list[dict[str, Any]]:
    return [each for each in work.resources.values() if each["resourceType"] == "CarePlan"]


async def agree(work: SmallWork) -> dict[str, Any]:
    await work.write(goal(), PRACTICE)
    (plan,) = plans(work)
    return await work.write({**plan, "status": "active"}, PRACTICE)


async def clocks(work: SmallWork) -> dict[str, tuple[bool, bool]]:
    rows = await work.connection.fetch("SELECT kind, stopped, closed FROM plan_clock ORDER BY kind")
    return {row["kind"]: (row["stopped"] is not None, row["closed"] is not None) for row in rows}


async def test_an_admission_opens_a_plan_with_its_clocks(work: SmallWork) -> None:
    await open_plan(entered(), work)
    (plan,) = plans(work)
    assert (plan["status"], plan["subject"], plan["period"]) == ("draft", PERSON, {"start": "2020-06-28"})
    assert await clocks(work) == {AGREED.kind: (False, False), COMMUNITY_INPUT.kind: (False, False)}
    agreed = next(each for each in work.of(STARTED) if each["kind"] == AGREED.kind)
    assert agreed["due"] == "2020-07-05T22:59:59.999Z"
    assert len(work.due) == 2


async def test_hearing_it_twice_or_late_opens_nothing_more(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await open_plan(entered(), work)
    assert len(plans(work)) == 1
    await end_residency(left("r2"), work)
    await open_plan(entered("r2"), work)
    assert len(await work.connection.fetch("SELECT 1 FROM plan_clock")) == 2, "a stay that is over starts no clock"


async def test_an_earlier_admission_moves_the_clock(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await open_plan(entered(since="2020-06-20", revision=2), work)
    assert len(plans(work)) == 1
    at, _ = work.due["careplan.clock.due", f"r1/{AGREED.kind}"]
    assert at.isoformat() == "2020-06-27T22:59:59.999000+00:00"


async def test_agreeing_takes_a_goal_and_stops_the_clock(work: SmallWork) -> None:
    await open_plan(entered(), work)
    (plan,) = plans(work)
    with pytest.raises(FhirError) as refused:
        await work.write({**plan, "status": "active"}, PRACTICE)
    assert [issue.expression for issue in refused.value.issues] == ["CarePlan.goal"]


async def test_the_agreed_plan_stops_its_clock_and_no_other(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await agree(work)
    assert await clocks(work) == {AGREED.kind: (True, False), COMMUNITY_INPUT.kind: (False, False)}
    assert [each["kind"] for each in work.of(STOPPED)] == [AGREED.kind]
    assert [key for _, key in work.due] == [f"r1/{COMMUNITY_INPUT.kind}"]


async def test_what_a_community_provider_writes_is_its_input(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await work.write(goal("g1"), PRACTICE)
    assert (await clocks(work))[COMMUNITY_INPUT.kind] == (False, False)
    await work.write(goal("g2"), PROVIDER)
    assert (await clocks(work))[COMMUNITY_INPUT.kind] == (True, False)


async def test_a_clock_that_falls_due_running_is_breached_once(work: SmallWork) -> None:
    await open_plan(entered(), work)
    (at, payload) = work.due["careplan.clock.due", f"r1/{AGREED.kind}"]
    due = Event("due", "careplan.clock.due", "careplan-service", at, data=payload)
    await clock_fell_due(due, work)
    assert work.of(BREACHED) == [], "not before its time"
    work.now = at
    await clock_fell_due(due, work)
    await clock_fell_due(due, work)
    assert [each["kind"] for each in work.of(BREACHED)] == [AGREED.kind]


async def test_a_stopped_clock_is_never_breached(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await agree(work)
    work.now = START + timedelta(days=30)
    await clock_fell_due(Event("due", "x", "x", work.now, data={"residency": "r1", "kind": AGREED.kind}), work)
    assert work.of(BREACHED) == []


async def test_leaving_closes_the_clocks_and_leaves_the_plan(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await end_residency(left(), work)
    assert await clocks(work) == {AGREED.kind: (False, True), COMMUNITY_INPUT.kind: (False, True)}
    assert len(work.of(CLOSED)) == 2
    assert work.due == {}
    assert plans(work)[0]["status"] == "draft"


async def test_a_second_stay_takes_the_same_plan_and_a_new_clock(work: SmallWork) -> None:
    await open_plan(entered(), work)
    plan = await agree(work)
    await end_residency(left(), work)
    work.now = START + timedelta(days=10)
    await open_plan(entered("r2", "2020-07-10"), work)
    assert len(plans(work)) == 1
    running = "SELECT COUNT(*) FROM plan_clock WHERE residency = 'r2' AND kind = $1 AND stopped IS NULL"
    assert await work.connection.fetchval(running, AGREED.kind) == 1, (
        "agreed before the readmission is not agreed after it"
    )
    await work.write({**plan, "description": "Reviewed after the hospital stay"}, PRACTICE)
    assert await work.connection.fetchval(running, AGREED.kind) == 0


async def test_a_plan_agreed_before_the_news_of_the_admission_stops_the_clock_then(work: SmallWork) -> None:
    plan = plan_for_residency("own", "p1", "2020-06-28", [], work.now)
    await work.write(goal(), PRACTICE)
    await work.write({**plan, "status": "active"}, PRACTICE)
    await open_plan(entered(), work)
    assert len(plans(work)) == 1
    assert (await clocks(work))[AGREED.kind] == (True, False)


async def test_a_second_active_plan_is_refused(work: SmallWork) -> None:
    await open_plan(entered(), work)
    await agree(work)
    other = plan_for_residency("other", "p1", "2020-06-28", [], work.now)
    await work.write(other, PRACTICE)
    with pytest.raises(FhirError) as refused:
        await work.write({**other, "status": "active"}, PRACTICE)
    assert [issue.expression for issue in refused.value.issues] == ["CarePlan.status"]


async def test_an_unused_draft_gives_way_to_the_plan_that_was_agreed(work: SmallWork) -> None:
    await open_plan(entered(), work)
    (draft,) = plans(work)
    await work.write(goal(), PRACTICE)
    await work.write({**plan_for_residency("own", "p1", "2020-06-28", [], work.now), "status": "active"}, PRACTICE)
    assert work.resources[f"CarePlan/{draft['id']}"]["status"] == "revoked"
    assert {row["plan"] for row in await work.connection.fetch("SELECT plan FROM plan_clock")} == {"own"}
    assert (await clocks(work))[AGREED.kind] == (True, False)


async def test_any_other_care_plan_is_a_record(work: SmallWork) -> None:
    record = {"resourceType": "CarePlan", "id": "x", "status": "active", "intent": "plan", "subject": PERSON}
    await work.write(record, PRACTICE)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM shared_plan") == 0


async def test_work_based_on_a_plan_shows_on_it(work: SmallWork) -> None:
    await open_plan(entered(), work)
    (plan,) = plans(work)
    based = {
        "resourceType": "Task",
        "id": "t1",
        "status": "accepted",
        "basedOn": [{"reference": f"CarePlan/{plan['id']}"}],
    }
    await show_on_plan(written_event(based, "p1", granted=False), work)
    await show_on_plan(written_event(based, "another"), work)
    assert "activity" not in plans(work)[0], "neither a stranger's nor another person's"
    await show_on_plan(written_event(based, "p1"), work)
    await show_on_plan(written_event({**based, "status": "completed"}, "p1", version=2), work)
    (activity,) = plans(work)[0]["activity"]
    assert activity["reference"] == {"reference": "Task/t1"}
    assert [note["text"] for note in activity["progress"]] == ["Task accepted", "Task completed"]


async def test_work_heard_of_before_its_plan_shows_when_the_plan_comes(work: SmallWork) -> None:
    request = {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "active",
        "basedOn": [{"reference": "CarePlan/later"}],
    }
    await show_on_plan(written_event(request, "p1"), work)
    await work.write(plan_for_residency("later", "p1", "2020-06-28", [], work.now), PRACTICE)
    assert work.resources["CarePlan/later"]["activity"] == [{"reference": {"reference": "ServiceRequest/s1"}}]


async def test_each_version_of_a_medicine_is_told_once(work: SmallWork) -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "id": "m1",
        "status": "active",
        "subject": PERSON,
        "medicationCodeableConcept": {"coding": [{"system": "https://dmd.nhs.uk", "code": "319283006"}]},
    }
    await work.write(statement, PRACTICE)
    await work.write({**statement, "status": "stopped"}, PRACTICE)
    await work.delete("MedicationStatement", "m1")
    assert [(each["status"], each["version"]) for each in work.of(CHANGED)] == [
        ("active", 1),
        ("stopped", 2),
        ("deleted", 3),
    ]
