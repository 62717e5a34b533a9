"""Support asked for because of a plan or by a care home, once and regularly, and who coordinates it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import PERTAINS_TO_GOAL, PLAN_ACTIVITY, TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.questionnaire_responses import item
from tandem_tests.referrals import answer, redirect, task_of
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import set_clock
from tandem_tests.shared_plans import new_plan, own_goal, say
from tandem_tests.support_area import SupportArea, new_support_area
from tandem_tests.support_requests import agree_to_coordinate, home_joins, items, join_team, support_list

Tandem = Callable[..., Any]
DONE = ("accepted", "in-progress", "completed")
THURSDAYS = {"repeat": {"period": 1, "periodUnit": "wk", "dayOfWeek": ["thu"], "count": 3}}


@pytest.fixture
async def support(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> SupportArea:
    """A network where nobody offers anything yet, on 1 July 2020."""
    return await new_support_area(http, embedded)


def refusal(caught: pytest.ExceptionInfo[Refused]) -> str:
    assert caught.value.status == 422
    return " ".join(each["details"]["text"] for each in caught.value.outcome["issue"])


@pytest.mark.requirement("AC-047")
async def test_offers_are_asked_for_from_needs_and_goals_and_stand_in_one_list(support: SupportArea) -> None:
    practice, patient = support.area.client("northern"), await support.resident()
    plan = await new_plan(practice, patient)
    goal = await own_goal(practice, patient, "To cook for friends again")
    needs = await say(practice, plan["id"], patient, item("health-needs", "Eats too little"))
    becomes = {
        "dietetics": ("accepted",), "rehabilitation": ("rejected",), "tissue-viability": DONE,
        "care-coordination": (), "continence-services": (),
    }  # fmt: skip
    asked: dict[str, Resource] = {}
    for code, statuses in becomes.items():
        await support.offer("trust", code)
        (offer,) = await support.found(need=code, patient=f"Patient/{patient}")
        asked[code] = await support.refer(
            patient, offer, basedOn=[{"reference": f"CarePlan/{plan['id']}"}],
            supportingInfo=[{"reference": f"QuestionnaireResponse/{needs['id']}"}],
            extension=[{"url": PERTAINS_TO_GOAL, "valueReference": {"reference": f"Goal/{goal['id']}"}}],
        )  # fmt: skip
        task = await task_of(practice, asked[code])
        more = {"statusReason": {"text": "Not for homes"}} if statuses == ("rejected",) else {}
        await answer(support.area.client("trust"), task, *statuses, **more)
    held = await practice.read(f"ServiceRequest/{asked['continence-services']['id']}")
    await practice.call("PUT", f"ServiceRequest/{held['id']}", {**held, "status": "revoked"})
    await practice.caught_up()

    shown = {each["offer"]: each for each in items(await support_list(practice, plan=f"CarePlan/{plan['id']}"))}
    assert {code: each["state"] for code, each in shown.items()} == {
        "dietetics": "accepted", "rehabilitation": "declined", "tissue-viability": "delivered",
        "care-coordination": "waiting-for-answer", "continence-services": "withdrawn",
    }  # fmt: skip
    assert shown["rehabilitation"]["reason"] == "Not for homes"
    for each in shown.values():
        assert each["goal"] == {"reference": f"Goal/{goal['id']}"}
        assert each["need"] == {"reference": f"QuestionnaireResponse/{needs['id']}"}
        assert (each["requester"], each["performer"]) == (support.area.codes["northern"], support.area.codes["trust"])
    later = await support_list(practice, patient=f"Patient/{patient}", **{"as-of": "2020-07-10T09:00:00+01:00"})
    assert {each["offer"]: each["state"] for each in items(later)}["care-coordination"] == "overdue"
    only = await support_list(practice, patient=f"Patient/{patient}", state="delivered")
    assert [each["offer"] for each in items(only)] == ["tissue-viability"]
    for query in (f"patient=Patient/{patient}", f"plan=CarePlan/{plan['id']}"):
        answered = await support.area.client("southern").request("GET", f"ServiceRequest/$support?{query}")
        assert answered.status_code == 404, "a practice of another network"


async def test_a_list_of_nobody_or_of_a_state_that_there_is_not_is_refused(support: SupportArea) -> None:
    practice, patient = support.area.client("northern"), await support.resident()
    other = await new_plan(practice, await support.resident())
    for query, status in (
        ("", 400), ("patient=Patient/nobody", 404), ("plan=CarePlan/nothing", 404), ("plan=Task/1", 400),
        (f"patient=Patient/{patient}&state=lost", 400), (f"patient=Patient/{patient}&as-of=soon", 400),
        (f"patient=Patient/{patient}&plan=CarePlan/{other['id']}", 404), (f"patient=Patient/{patient}", 200),
    ):  # fmt: skip
        assert (await practice.request("GET", f"ServiceRequest/$support?{query}")).status_code == status, query


@pytest.mark.requirement("AC-055")
async def test_a_request_made_of_an_activity_updates_that_activity(support: SupportArea) -> None:
    practice, patient = support.area.client("northern"), await support.resident()
    walks = {"status": "not-started", "description": "A walk in company each week"}
    others = {"status": "not-started", "description": "Hears from her sister"}
    plan = await new_plan(
        practice, patient, activity=[{"id": "sister", "detail": others}, {"id": "walks", "detail": walks}]
    )
    await support.offer("helpers", "befriending")
    (found,) = await support.found(need="loneliness", patient=f"Patient/{patient}")
    assert found["provider"]["reference"] == support.area.reference("helpers")["reference"]

    async def activities() -> list[Resource]:
        await practice.caught_up()
        held: list[Resource] = (await practice.read(f"CarePlan/{plan['id']}"))["activity"]
        return held

    request = await support.refer(
        patient, found, basedOn=[{"reference": f"CarePlan/{plan['id']}"}],
        extension=[{"url": PLAN_ACTIVITY, "valueString": "walks"}],
    )  # fmt: skip
    task = await task_of(practice, request)
    assert [each["detail"]["status"] for each in await activities()] == ["not-started", "in-progress"]
    await answer(support.area.client("helpers"), task, *DONE)
    sister, walked = await activities()
    assert sister == {"id": "sister", "detail": others}
    assert walked["detail"] == {**walks, "status": "completed"}
    assert walked["outcomeReference"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert [note["text"] for note in walked["progress"]] == ["ServiceRequest completed"]


@pytest.mark.requirement("EHCH-049")
async def test_regular_and_single_support_is_followed_to_each_delivery(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient, tandem: Tandem
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    support = await new_support_area(http, system)
    practice, trust, patient = support.area.client("northern"), support.area.client("trust"), await support.resident()
    home = await home_joins(support, patient)
    plan = await new_plan(practice, patient)
    await support.offer("trust", "dietetics")
    (offer,) = await support.found(need="dietetics", patient=f"Patient/{patient}")

    once = await support.refer(patient, offer, client="elms", reasonCode=[{"text": "Refuses her meals"}])
    await answer(trust, await task_of(practice, once), *DONE)
    regular = await support.refer(
        patient, offer, basedOn=[{"reference": f"CarePlan/{plan['id']}"}], occurrenceTiming=THURSDAYS
    )
    await answer(trust, await task_of(trust, regular), "accepted")

    async def deliveries(client: FhirClient = practice) -> list[tuple[str, str]]:
        await practice.caught_up()
        (shown,) = [each for each in items(await support_list(client, patient=f"Patient/{patient}")) if each["regular"]]
        return [(each["on"], each["state"]) for each in shown["deliveries"]]

    assert await deliveries() == [("2020-07-02", "planned")]
    for client in (home, practice):
        listed = items(await support_list(client, patient=f"Patient/{patient}", state="delivered"))
        assert [(each["request"]["reference"], each["origin"]) for each in listed] == [
            (f"ServiceRequest/{once['id']}", "care-home")
        ]

    await set_clock(tandem, system, "2020-07-03T09:00+01:00")
    assert await deliveries() == [("2020-07-02", "overdue"), ("2020-07-09", "planned")]
    (late,) = items(await support_list(practice, patient=f"Patient/{patient}", state="overdue"))
    assert late["request"] == {"reference": f"ServiceRequest/{regular['id']}"}

    async def delivery(day: str) -> Resource:
        found = await trust.search(f"Task?focus=ServiceRequest/{regular['id']}&code={TASK_KIND}|support-delivery")
        (task,) = [each for each in found if day in each["description"]]
        return task

    await answer(trust, await delivery("2020-07-09"), *DONE)
    await set_clock(tandem, system, "2020-07-10T09:00+01:00")
    expected = [("2020-07-02", "overdue"), ("2020-07-09", "delivered"), ("2020-07-16", "planned")]
    assert await deliveries(home) == expected
    held = await practice.read(f"ServiceRequest/{regular['id']}")
    await practice.call("PUT", f"ServiceRequest/{held['id']}", {**held, "status": "revoked"})
    await practice.caught_up()
    assert (await delivery("2020-07-16"))["status"] == "cancelled", "what is to come is wanted no more"
    await set_clock(tandem, system, "2020-08-10T09:00+01:00")
    states = [state for _, state in await deliveries()]
    assert states == ["not-delivered", "delivered", "not-delivered"], "nothing is asked for after the end"


async def test_regular_support_that_cannot_be_followed_is_refused(support: SupportArea) -> None:
    patient = await support.resident()
    await support.offer("trust", "dietetics")
    (offer,) = await support.found(need="dietetics", patient=f"Patient/{patient}")
    with pytest.raises(Refused) as caught:
        await support.refer(patient, offer, occurrenceTiming={"repeat": {"period": 1, "periodUnit": "h"}})
    assert "periodUnit is d, wk or mo" in refusal(caught)
    assert await support.area.client("northern").search(f"ServiceRequest?patient=Patient/{patient}") == []


@pytest.mark.requirement("AC-056")
async def test_a_provider_coordinates_support_by_local_agreement_alone(support: SupportArea) -> None:
    practice, trust = support.area.client("northern"), support.area.client("trust")
    patient = await support.resident()
    await join_team(support, patient, "trust")
    await support.offer("helpers", "befriending")
    (offer,) = await support.found(need="befriending", patient=f"Patient/{patient}")
    by_practice = await support.refer(patient, offer)
    elsewhere = support.area.reference("trust")
    for attempt in (support.refer(patient, offer, client="trust"), redirect(trust, by_practice, elsewhere, "Nearer")):
        with pytest.raises(Refused) as caught:
            await attempt
        assert "agreed locally (000 §4.12 r6 community" in refusal(caught)
    assert [each["id"] for each in await practice.search(f"ServiceRequest?patient=Patient/{patient}")] == [
        by_practice["id"]
    ], "nothing is half-written"

    await agree_to_coordinate(support, "northern", "trust")
    asked = await support.refer(patient, offer, client="trust")
    await answer(support.area.client("helpers"), await task_of(practice, asked), "accepted")
    moved = await redirect(trust, by_practice, elsewhere, "Nearer")
    await practice.caught_up()
    states = {each["request"]["reference"]: each["state"]
              for each in items(await support_list(trust, patient=f"Patient/{patient}"))}  # fmt: skip
    assert states == {
        f"ServiceRequest/{asked['id']}": "accepted", f"ServiceRequest/{by_practice['id']}": "withdrawn",
        f"ServiceRequest/{moved['id']}": "waiting-for-answer",
    }  # fmt: skip
