"""From the news that a person came to live in a care home to a plan with clocks, and what happens to both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from careplan_service.domain.shared_plan import plan_for_residency
from careplan_service.medicines.medicine_reactions import CHANGED
from careplan_service.plans.activity_handlers import show_on_plan
from tandem.clocks.event_kinds import BREACH_WITHDRAWN, BREACHED, CLOSED, DUE_SOON, STARTED, STOPPED
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem_tests.small_work import START, Said, SmallWork, event_of, written_event

PRACTICE, PROVIDER = Caller("A00001"), Caller("RX001")
PERSON = {"reference": "Patient/p1"}
AGREED, COMMUNITY_INPUT = "agreed-within-seven-days", "community-input-within-seven-working-days"
REFRESHED = "refreshed-within-twelve-months"


def entered(residency: str = "r1", since: str = "2020-06-28", revision: int = 1) -> Event:
    data = {
        "cohort": "care-home-residents",
        "patient": "Patient/p1",
        "residency": residency,
        "revision": revision,
        "definition": "care-home-residents@3",
        "since": since,
        "evidence": [{"reference": "Observation/o1"}],
    }
    return event_of(Said("tandem.cohort.entered", f"{residency}/{revision}", data, "p1"))


def left(residency: str = "r1", revision: int = 2) -> Event:
    data = {
        "cohort": "care-home-residents", "patient": "Patient/p1", "residency": residency, "revision": revision,
        "definition": "care-home-residents@3", "until": "2020-06-30",
    }  # fmt: skip
    return event_of(Said("tandem.cohort.left", f"{residency}/{revision}", data, "p1"))


def goal(identity: str = "g1", **more: Any) -> dict[str, Any]:
    said = {"subject": PERSON, "expressedBy": PERSON}
    return {"resourceType": "Goal", "id": identity, "lifecycleStatus": "active", **said, **more}


def plans(work: SmallWork) -> list[dict[str, Any]]:
    return [each for each in work.resources.values() if each["resourceType"] == "CarePlan"]


async def agree(work: SmallWork) -> dict[str, Any]:
    await work.write(goal(), PRACTICE)
    (plan,) = plans(work)
    return await work.write({**plan, "status": "active"}, PRACTICE)


async def clocks(work: SmallWork) -> dict[str, tuple[bool, bool]]:
    """Of the stay: whether each is stopped, and whether it is closed."""
    sql = "SELECT kind, stopped, closed FROM plan_clock WHERE cause = 'membership/r1' ORDER BY kind"
    rows = await work.connection.fetch(sql)
    return {row["kind"]: (row["stopped"] is not None, row["closed"] is not None) for row in rows}


async def test_an_admission_opens_a_plan_with_its_clocks(work: SmallWork) -> None:
    await work.hear(entered())
    (plan,) = plans(work)
    assert (plan["status"], plan["subject"], plan["period"]) == ("draft", PERSON, {"start": "2020-06-28"})
    assert await clocks(work) == {AGREED: (False, False), COMMUNITY_INPUT: (False, False)}
    agreed = next(each for each in work.of(STARTED) if each["kind"] == AGREED)
    assert agreed["due"] == "2020-07-05T22:59:59.999Z"
    assert len(work.due) == 2


async def test_hearing_it_twice_or_late_opens_nothing_more(work: SmallWork) -> None:
    await work.hear(entered())
    await work.hear(entered())
    assert len(plans(work)) == 1
    await work.hear(left("r2"))
    await work.hear(entered("r2"))
    rows = await work.connection.fetch("SELECT closed FROM plan_clock WHERE cause = 'membership/r2'")
    assert [row["closed"] is not None for row in rows] == [True, True], "a stay that is over leaves no clock open"
    assert [key for _, key in work.due] == [f"membership/r1/{AGREED}", f"membership/r1/{COMMUNITY_INPUT}"]
    assert len(plans(work)) == 1


async def test_an_earlier_admission_moves_the_clock(work: SmallWork) -> None:
    await work.hear(entered())
    await work.hear(entered(since="2020-06-20", revision=2))
    assert len(plans(work)) == 1
    at, _ = work.due["careplan.clock.due", f"membership/r1/{AGREED}"]
    assert at.isoformat() == "2020-06-27T22:59:59.999000+00:00"
    assert [each["due"][:10] for each in work.of(STARTED) if each["kind"] == AGREED] == ["2020-07-05", "2020-06-27"]


async def test_agreeing_takes_a_goal_and_stops_the_clock(work: SmallWork) -> None:
    await work.hear(entered())
    (plan,) = plans(work)
    with pytest.raises(FhirError) as refused:
        await work.write({**plan, "status": "active"}, PRACTICE)
    told = {(issue.expression, issue.text.rpartition("; ")[2]) for issue in refused.value.issues}
    assert told == {
        ("CarePlan.goal", "PC-001)"), ("CarePlan.goal", "EHCH-043)"), ("CarePlan.contributor", "EHCH-043)"),
    }  # fmt: skip


async def test_the_agreed_plan_stops_its_clock_and_no_other(work: SmallWork) -> None:
    await work.hear(entered())
    await agree(work)
    assert await clocks(work) == {AGREED: (True, False), COMMUNITY_INPUT: (False, False)}
    assert [each["kind"] for each in work.of(STOPPED)] == [AGREED]
    assert {key for _, key in work.due} == {
        f"membership/r1/{COMMUNITY_INPUT}", f"CarePlan/{plans(work)[0]['id']}/_history/2/{REFRESHED}",
    }  # fmt: skip


async def test_what_a_community_provider_writes_is_its_input(work: SmallWork) -> None:
    await work.hear(entered())
    await work.write(goal("g1"), PRACTICE)
    assert (await clocks(work))[COMMUNITY_INPUT] == (False, False)
    await work.write(goal("g2"), PROVIDER)
    assert (await clocks(work))[COMMUNITY_INPUT] == (True, False)


async def test_a_clock_that_falls_due_running_is_warned_of_and_breached_once(work: SmallWork) -> None:
    await work.hear(entered())
    await work.pass_time(START + timedelta(days=1))
    assert work.of(DUE_SOON) == work.of(BREACHED) == []
    await work.pass_time(START + timedelta(days=2))
    assert [(each["kind"], each["due"][:10]) for each in work.of(DUE_SOON)] == [(AGREED, "2020-07-05")]
    await work.pass_time(START + timedelta(days=5))
    await work.hear(entered())
    await work.pass_time(START + timedelta(days=6))
    assert [each["kind"] for each in work.of(BREACHED)] == [AGREED]
    assert [each["kind"] for each in work.of(DUE_SOON)] == [AGREED, COMMUNITY_INPUT]


async def test_a_stopped_clock_is_never_breached(work: SmallWork) -> None:
    await work.hear(entered())
    timer = work.due["careplan.clock.due", f"membership/r1/{AGREED}"]
    await agree(work)
    work.due["careplan.clock.due", f"membership/r1/{AGREED}"] = timer
    await work.pass_time(START + timedelta(days=6))
    assert AGREED not in [each["kind"] for each in (*work.of(DUE_SOON), *work.of(BREACHED))]


def breaches(work: SmallWork) -> list[str]:
    """The last days of which a missing agreement was told."""
    return [each["due"][:10] for each in work.of(BREACHED) if each["kind"] == AGREED]


async def test_a_breach_that_was_told_is_withdrawn_when_the_admission_is_corrected(work: SmallWork) -> None:
    await work.hear(entered(since="2020-06-20"))
    await work.pass_time(START)
    assert breaches(work) == ["2020-06-27"]
    await work.hear(entered(since="2020-06-28", revision=2))
    breach, back = (
        next(each for each in work.of(kind) if each["kind"] == AGREED) for kind in (BREACHED, BREACH_WITHDRAWN)
    )
    assert [back[name] for name in ("cause", "kind", "due")] == [breach[name] for name in ("cause", "kind", "due")]
    assert back["revision"] > breach["revision"]
    await work.pass_time(START + timedelta(days=6))
    assert breaches(work) == ["2020-06-27", "2020-07-05"], "due again, breached again"


async def test_leaving_closes_the_clocks_and_leaves_the_plan(work: SmallWork) -> None:
    await work.hear(entered())
    await work.hear(left())
    assert await clocks(work) == {AGREED: (False, True), COMMUNITY_INPUT: (False, True)}
    assert len(work.of(CLOSED)) == 2
    assert work.due == {}
    assert plans(work)[0]["status"] == "draft"


async def test_a_second_stay_takes_the_same_plan_and_a_new_clock(work: SmallWork) -> None:
    await work.hear(entered())
    plan = await agree(work)
    await work.hear(left())
    work.now = START + timedelta(days=10)
    await work.hear(entered("r2", "2020-07-10"))
    assert len(plans(work)) == 1
    running = "SELECT COUNT(*) FROM plan_clock WHERE cause = 'membership/r2' AND kind = $1 AND stopped IS NULL"
    assert await work.connection.fetchval(running, AGREED) == 1, "agreed before the readmission is not agreed after it"
    await work.write({**plan, "description": "Reviewed after the hospital stay"}, PRACTICE)
    assert await work.connection.fetchval(running, AGREED) == 0


async def test_a_plan_agreed_before_the_news_of_the_admission_stops_the_clock_then(work: SmallWork) -> None:
    plan = plan_for_residency("own", "p1", "2020-06-28", [], work.now)
    await work.write(goal(), PRACTICE)
    await work.write({**plan, "status": "active"}, PRACTICE)
    await work.hear(entered())
    assert len(plans(work)) == 1
    assert (await clocks(work))[AGREED] == (True, False)


async def test_a_second_active_plan_is_refused(work: SmallWork) -> None:
    await work.hear(entered())
    await agree(work)
    other = plan_for_residency("other", "p1", "2020-06-28", [], work.now)
    await work.write(other, PRACTICE)
    with pytest.raises(FhirError) as refused:
        await work.write({**other, "status": "active"}, PRACTICE)
    assert [issue.expression for issue in refused.value.issues] == ["CarePlan.status"]


async def test_an_unused_draft_gives_way_to_the_plan_that_was_agreed(work: SmallWork) -> None:
    await work.hear(entered())
    (draft,) = plans(work)
    await work.write(goal(), PRACTICE)
    await work.write({**plan_for_residency("own", "p1", "2020-06-28", [], work.now), "status": "active"}, PRACTICE)
    assert work.resources[f"CarePlan/{draft['id']}"]["status"] == "revoked"
    assert {row["plan"] for row in await work.connection.fetch("SELECT plan FROM plan_clock")} == {"own"}
    assert (await clocks(work))[AGREED] == (True, False)


async def test_any_other_care_plan_is_a_record(work: SmallWork) -> None:
    record = {"resourceType": "CarePlan", "id": "x", "status": "active", "intent": "plan", "subject": PERSON}
    await work.write(record, PRACTICE)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM shared_plan") == 0


async def test_work_based_on_a_plan_shows_on_it(work: SmallWork) -> None:
    await work.hear(entered())
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
