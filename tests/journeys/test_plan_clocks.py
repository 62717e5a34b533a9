"""Clocks of a resident's plan: after a return from hospital, over a bank holiday, at a review, and after a year."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, admit, agree, plan_of, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.questionnaire_responses import draft_plan
from tandem_tests.running import EmbeddedTandem

AGREED, INPUT = "agreed-within-seven-days", "community-input-within-seven-working-days"
REFRESHED = "refreshed-within-twelve-months"
INPATIENT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
REVIEWER = {"reference": "Practitioner/dr-shaw", "display": "Dr Shaw"}
Clocks = dict[tuple[str, str], dict[str, Any]]


async def clocks_at(client: FhirClient, path: str) -> Clocks:
    """The clocks that a `$clocks` answers, in its order, by cause and kind."""
    await client.caught_up()
    shown = await client.call("GET", path)
    found = [{each["name"]: values([each], each["name"])[0] for each in clock} for clock in values(shown, "clock")]
    return {(each["cause"], each["kind"]): each for each in found}


async def clocks_of(client: FhirClient, plan: str, as_of: str | None = None) -> Clocks:
    """The clocks of a plan (an id)."""
    return await clocks_at(client, f"CarePlan/{plan}/$clocks{f'?as-of={as_of}' if as_of else ''}")


def newest(clocks: Clocks, kind: str) -> dict[str, Any]:
    """The clock of a kind that began last."""
    return max((each for each in clocks.values() if each["kind"] == kind), key=lambda each: str(each["starts"]))


async def in_hospital(client: FhirClient, patient: str, start: str, end: str) -> Resource:
    """The practice records a hospital episode."""
    return await client.create({
        "resourceType": "Encounter", "status": "finished", "class": INPATIENT,
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": start, "end": end},
    })  # fmt: skip


async def set_clock(tandem: Callable[..., Any], system: EmbeddedTandem, moment: str) -> None:
    """Move the domain clock, as an operator does."""
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
    assert moved.returncode == 0, moved.stderr


async def write_again(client: FhirClient, plan: str, text: str) -> Resource:
    """The organisation changes what an agreed plan says."""
    held = await client.read(f"CarePlan/{plan}")
    operations: list[dict[str, Any]] = [{"op": "add", "path": "/description", "value": text}]
    return await client.patch(f"CarePlan/{plan}", operations, held["meta"]["versionId"])


async def give_input(client: FhirClient, patient: str) -> Resource:
    """A community provider adds a goal."""
    return await client.create({
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To walk to the window"},
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "last_day"),
    [
        # Back on Thursday 18 June: seven days on is the 25th, seven working days on is Monday the 29th.
        pytest.param(AGREED, "2020-06-25", marks=pytest.mark.requirement("EHCH-040")),
        pytest.param(INPUT, "2020-06-29", marks=pytest.mark.requirement("EHCH-047")),
    ],
)
async def test_a_return_from_hospital_starts_a_new_clock(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient,
    kind: str, last_day: str,
) -> None:  # fmt: skip
    system = new_system("--clock", "2020-06-03T09:00+01:00")
    here = await settle_in(http, system)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    await admit(practice, here.person, "2020-06-01")
    plan = (await plan_of(practice, here.person))["id"]
    await agree(practice, plan)
    await give_input(community, here.person)
    before = await clocks_of(practice, plan)
    assert {each["state"] for each in before.values() if each["kind"] == kind} == {"stopped"}

    await set_clock(tandem, system, "2020-06-19T09:00+01:00")
    stay = await in_hospital(practice, here.person, "2020-06-10T22:00:00+01:00", "2020-06-18T11:00:00+01:00")
    clock = (await clocks_of(practice, plan))[f"Encounter/{stay['id']}", kind]
    assert (clock["state"], clock["due"][:10], clock["starts"]) == ("running", last_day, "2020-06-18T10:00:00.000Z")
    overdue = await clocks_of(practice, plan, as_of="2020-06-30")
    assert overdue[f"Encounter/{stay['id']}", kind]["state"] == "overdue"

    await set_clock(tandem, system, "2020-06-22T09:00+01:00")
    await (write_again(practice, plan, "After hospital") if kind == AGREED else give_input(community, here.person))
    clock = (await clocks_of(practice, plan))[f"Encounter/{stay['id']}", kind]
    assert (clock["state"], clock["met"], clock["stopped"]) == ("stopped", True, "2020-06-22T08:00:00.000Z")

    operations = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    await practice.patch(f"Encounter/{stay['id']}", operations)
    clock = (await clocks_of(practice, plan))[f"Encounter/{stay['id']}", kind]
    assert clock["state"] == "closed", "a return that never was asks for nothing"


@pytest.mark.on_six_processes
@pytest.mark.requirement("EHCH-046")
async def test_community_input_is_due_after_seven_working_days_over_a_bank_holiday(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    # Friday 8 May 2020 was a bank holiday: from Friday the 1st, the seventh working day is Wednesday the 13th.
    await admit(practice, here.person, "2020-05-01")
    plan = (await plan_of(practice, here.person))["id"]
    assert newest(await clocks_of(practice, plan, "2020-05-13T23:59:00%2B01:00"), INPUT)["state"] == "running"
    overdue = newest(await clocks_of(practice, plan, "2020-05-14"), INPUT)
    assert (overdue["due"], overdue["state"], overdue["met"]) == ("2020-05-13T22:59:59.999Z", "overdue", False)

    await give_input(practice, here.person)
    assert newest(await clocks_of(practice, plan), INPUT)["state"] == "overdue", "the practice is no provider"
    await give_input(here.client(http, "community"), here.person)
    late = newest(await clocks_of(practice, plan), INPUT)
    assert (late["state"], late["met"]) == ("stopped", False)


@pytest.mark.requirement("EHCH-041")
async def test_an_early_review_with_its_reason_makes_a_version_and_moves_the_next_review(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = str((await practice.create(draft_plan(here.person)))["id"])
    agreed = await agree(practice, plan)
    assert newest(await clocks_of(practice, plan), REFRESHED)["due"][:10] == "2021-07-01"

    reason = {"text": "Two falls in a week"}
    reviewed = await practice.call("POST", f"CarePlan/{plan}/$review", parameters(
        part("reason", valueCodeableConcept=reason), part("reviewer", valueReference=REVIEWER),
        part("next", valueDate="2020-09-01"),
    ))  # fmt: skip
    assert int(reviewed["meta"]["versionId"]) == int(agreed["meta"]["versionId"]) + 1
    assert "Two falls in a week" in str(reviewed["extension"])
    assert newest(await clocks_of(practice, plan), REFRESHED)["due"][:10] == "2020-09-01"
    assert newest(await clocks_of(practice, plan, "2020-09-02"), REFRESHED)["state"] == "overdue"


@pytest.mark.requirement("EHCH-042")
async def test_a_plan_untouched_for_a_year_is_overdue_until_it_is_refreshed(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    here = await settle_in(http, system)
    practice = here.client(http, "practice")
    plan = str((await practice.create(draft_plan(here.person)))["id"])
    await agree(practice, plan)
    listed = f"CarePlan/$clocks?kind={REFRESHED}&state=overdue"

    await set_clock(tandem, system, "2021-07-01T23:00+01:00")
    clock = newest(await clocks_of(practice, plan), REFRESHED)
    assert (clock["state"], clock["due-soon"], clock["due"][:10]) == ("running", True, "2021-07-01")
    assert await clocks_at(practice, listed) == {}
    await set_clock(tandem, system, "2021-07-02T09:00+01:00")
    assert newest(await clocks_of(practice, plan), REFRESHED)["state"] == "overdue"
    [overdue] = (await clocks_at(practice, listed)).values()
    assert overdue["plan"] == {"reference": f"CarePlan/{plan}"}

    await write_again(practice, plan, "As before, and still wanted")
    assert await clocks_at(practice, listed) == {}
    clock = newest(await clocks_of(practice, plan), REFRESHED)
    assert (clock["state"], clock["due"][:10]) == ("running", "2022-07-02")
    then = newest(await clocks_of(practice, plan, "2021-07-02T00:30:00%2B01:00"), REFRESHED)
    assert then["state"] == "overdue", "as of that moment it still was"


async def test_work_that_goes_on_is_no_refreshing(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    made = {**draft_plan(here.person), "created": "2019-06-01"}
    plan = await agree_at_once(here, practice, made)
    assert newest(await clocks_of(practice, plan), REFRESHED)["state"] == "overdue", "agreed when it was created"
    held = await practice.read(f"CarePlan/{plan}")
    activity = {"detail": {"status": "in-progress", "description": "Walks twice a week"}}
    operations: list[dict[str, Any]] = [{"op": "add", "path": "/activity", "value": [activity]}]
    await practice.patch(f"CarePlan/{plan}", operations, held["meta"]["versionId"])
    assert newest(await clocks_of(practice, plan), REFRESHED)["state"] == "overdue"


async def agree_at_once(here: Neighbourhood, practice: FhirClient, plan: Resource) -> str:
    """A plan that comes in agreed, such as one that was loaded."""
    goal = await practice.create({
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To dance"},
        "subject": here.subject, "expressedBy": here.subject,
    })  # fmt: skip
    made = await practice.create({**plan, "status": "active", "goal": [{"reference": f"Goal/{goal['id']}"}]})
    return str(made["id"])


@pytest.mark.parametrize(
    "query", ["state=late", "kind=tea", "as-of=soon", "practice=A81001&network=U10001", "colour=red"]
)
async def test_what_cannot_be_asked_is_said(embedded: EmbeddedTandem, http: httpx.AsyncClient, query: str) -> None:
    operator = FhirClient(http, embedded.url, embedded.token("T0001", operator=True))
    with pytest.raises(Refused) as refused:
        await operator.call("GET", f"CarePlan/$clocks?{query}")
    assert refused.value.status == 400
