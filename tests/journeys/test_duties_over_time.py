"""Duties as days pass: reminders, escalation, lapse, the next year, who joins; and who sees and changes what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, TASK_KIND
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

START = "2020-07-01T09:00+01:00"
LEAD = "EHCH-015"
DISCHARGE = "EHCH-072"


async def area_of(http: httpx.AsyncClient, system: EmbeddedTandem) -> Area:
    """An area with a provider of the network `north` and a national body."""
    area = await new_area(http, system)
    await area.enter("provider", "community-provider", f"RE{area.number:03}")
    await area.enter("nhse", "national-body", f"XN{area.number:03}")
    await area.affiliate("north", "provider", period={"start": "2019-07-01"})
    await area.client("operator").caught_up()
    return area


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await area_of(http, embedded)


@pytest.fixture
async def moving(new_system: Any, http: httpx.AsyncClient) -> Area:
    """An area on a system whose clock the test may move."""
    return await area_of(http, new_system("--clock", START))


async def move(area: Area, day: str) -> None:
    """The clock goes on to the morning of a day, and everything that is due has happened."""
    headers = {"Authorization": f"Bearer {area.system.token('T0001', operator=True)}"}
    moved = await area.http.post(f"{area.system.url}/clock", json={"now": f"{day}T09:00+01:00"}, headers=headers)
    assert moved.status_code == 200, moved.text
    await area.client("operator").caught_up()


async def give(client: FhirClient, **asked: str) -> Resource:
    sent = [part(name, valueString=text) for name, text in asked.items()]
    return await client.call("POST", "Task/$give-duties", parameters(*sent))


async def show(client: FhirClient, task: str, **asked: str) -> Resource:
    sent = [part(name, valueString=text) for name, text in asked.items()]
    return await client.call("POST", f"Task/{task}/$evidence", parameters(*sent))


async def duty(area: Area, requirement: str, name: str = "north", **asked: str) -> dict[str, Any]:
    """The only duty of a requirement in an organisation's register: what is told of it, by name."""
    query = "".join(f"&{key}={value}" for key, value in asked.items())
    answer = await area.client(name).read(f"Task/$duties?requirement={requirement}{query}")
    [row] = values(answer, "duty")
    told = {each["name"]: next(value for key, value in each.items() if key != "name") for each in row}
    return told | {"id": told["task"]["reference"].removeprefix("Task/")}


def a_duty(area: Area, owner: str, **more: Any) -> Resource:
    return {
        "resourceType": "Task", "status": "ready", "intent": "order", "owner": area.reference(owner),
        "code": {"coding": [{"system": TASK_KIND, "code": "duty"}]}, "description": "Name who opens the gate",
        "restriction": {"period": {"start": "2020-07-01", "end": "2020-09-30"}}, **more,
    }  # fmt: skip


async def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.status, " ".join(issue["diagnostics"] for issue in refused.value.outcome["issue"])


async def test_giving_again_gives_nothing_new_and_leaves_what_is_done(area: Area) -> None:
    north = area.client("north")
    first = await give(north, year="2020/21")
    assert values(first, "given") == [len(values(first, "task"))]
    lead = await duty(area, LEAD)
    done = await show(north, lead["id"], what="Dr Okafor, clinical lead", date="2020-06-01")
    again = await give(area.client("commissioner"), year="2020/21", organisation=area.codes["north"])
    [given], [before] = values(first, "given"), values(first, "given-before")
    assert (values(again, "given"), values(again, "given-before")) == ([0], [given + before])
    assert await north.read(f"Task/{lead['id']}") == done
    assert await show(north, lead["id"], what="Dr Okafor, clinical lead", date="2020-06-01") == done, "sent twice"
    status, text = await refusal(show(north, lead["id"], what="Somebody else"))
    assert (status, "has ended" in text) == (422, True)


async def test_the_report_counts_by_service_and_kind(area: Area) -> None:
    await give(area.client("north"), year="2020/21")
    answer = await area.client("north").read("Task/$duties?service=EHCH&_count=0")
    counted = {
        (values(row, "service")[0], values(row, "owner-kind")[0]): {
            each["name"]: each["valueInteger"] for each in row if "valueInteger" in each
        }
        for row in values(answer, "count")
    }
    assert counted == {
        ("EHCH", "network"): {"due": 6, "overdue": 3}, ("EHCH", "commissioner"): {"due": 2},
        ("EHCH", "community-provider"): {"due": 4, "overdue": 2},
    }  # fmt: skip
    assert values(answer, "duty") == []
    overdue = await area.client("north").read("Task/$duties?service=EHCH&state=overdue")
    assert {values(row, "requirement")[0] for row in values(overdue, "duty")} == {
        "EHCH-015", "EHCH-019", "EHCH-025", "EHCH-023", "EHCH-026",
    }  # fmt: skip


@pytest.mark.on_six_processes
async def test_a_duty_of_each_network_is_of_that_network_alone(area: Area) -> None:
    await give(area.client("north"), year="2020/21")
    await give(area.client("south"), year="2020/21")
    shared = await area.client("commissioner").read("Task/$duties?requirement=EHCH-002")
    assert {values(row, "network")[0] for row in values(shared, "duty")} == {area.codes["north"], area.codes["south"]}
    assert (await duty(area, "EHCH-002"))["network"] == area.codes["north"]
    assert (await duty(area, "EHCH-002", "south"))["network"] == area.codes["south"]
    status, _ = await refusal(area.client("north").read(f"Task/$duties?organisation={area.codes['commissioner']}"))
    assert status == 404, "its register holds what the other network owes"
    await area.affiliate("south", "provider", period={"start": "2019-07-01"})
    await area.client("operator").caught_up()
    await give(area.client("south"), year="2020/21")
    everything = await area.client("provider").read("Task/$duties?requirement=EHCH-017")
    seen = await area.client("south").read(f"Task/$duties?requirement=EHCH-017&organisation={area.codes['provider']}")
    assert (values(everything, "total"), values(seen, "total")) == ([2], [1])
    assert (await duty(area, "PCN-040"))["id"] == (await duty(area, "PCN-040", "south"))["id"], "owed once"


async def test_the_owner_its_network_and_its_commissioner_see_a_duty_and_nobody_else(area: Area) -> None:
    await give(area.client("operator"), year="2020/21", organisation=area.codes["northern"])
    told = await duty(area, "ECD-020", "northern")
    path = f"Task/{told['id']}"

    async def status(name: str, path: str = path) -> int:
        return (await area.client(name).request("GET", path)).status_code

    seen = {name: await status(name) for name in ("northern", "north", "commissioner", "operator", "southern", "south")}
    assert seen == {
        "northern": 200, "north": 200, "commissioner": 200, "operator": 200, "southern": 404, "south": 404,
    }  # fmt: skip
    assert await status("provider") == 404
    assert [each["id"] for each in await area.client("commissioner").search(f"Task?_id={told['id']}")] == [told["id"]]
    assert await area.client("south").search(f"Task?_id={told['id']}") == []
    report = f"Task/$duties?organisation={area.codes['northern']}"
    assert [await status(name, report) for name in ("north", "commissioner", "southern", "provider")] == [
        200, 200, 404, 404,
    ]  # fmt: skip
    other = await area.client("northern").create(a_duty(area, "northern", code={"text": "Mend the gate"}))
    assert await status("commissioner", f"Task/{other['id']}") == 404, "a Task about nobody that is no duty"


@pytest.mark.on_six_processes
async def test_only_the_owner_shows_evidence_and_only_the_giver_withdraws(area: Area) -> None:
    await give(area.client("north"), year="2020/21")
    told = await duty(area, "ECD-020")
    path, owner = f"Task/{told['id']}", area.client("northern")
    status, text = await refusal(show(area.client("north"), told["id"], kind="statement", what="They did"))
    assert (status, "Only the organisation that owes" in text) == (403, True)
    status, _ = await refusal(show(area.client("commissioner"), told["id"], kind="statement", what="They did"))
    assert status == 403
    before = await owner.read(path)
    for patch in (
        [{"op": "replace", "path": "/status", "value": "cancelled"}],
        [{"op": "replace", "path": "/restriction/period/end", "value": "2022-03-31"}],
    ):
        assert (await refusal(owner.patch(path, patch)))[0] == 403
    assert (await owner.request("DELETE", path)).status_code == 403
    assert await owner.read(path) == before
    withdrawn = await area.client("north").patch(path, [{"op": "replace", "path": "/status", "value": "cancelled"}])
    assert withdrawn["status"] == "cancelled"
    assert (await duty(area, "ECD-020"))["state"] == "withdrawn"
    assert (await refusal(show(owner, told["id"], kind="statement", what="It was")))[0] == 422


async def test_what_is_no_duty_or_for_somebody_else_is_refused_and_not_kept(area: Area) -> None:
    north = area.client("north")
    cited = f"{BASE}/PlanDefinition/{LEAD}|1"
    unfit = a_duty(area, "northern", instantiatesCanonical=cited)
    assert "is owed by a network" in (await refusal(north.create(unfit)))[1]
    early = a_duty(area, "north", instantiatesCanonical=cited, restriction={"period": {"end": "2020-03-31"}})
    early["restriction"]["period"]["start"] = "2020-03-01"
    assert "begins on 2020-04-01" in (await refusal(north.create(early)))[1]
    backwards = a_duty(area, "north", restriction={"period": {"start": "2020-09-01", "end": "2020-08-01"}})
    assert (await refusal(north.create(backwards)))[0] == 422
    bare = a_duty(area, "north")
    del bare["restriction"], bare["description"]
    status, text = await refusal(north.create(bare))
    assert (status, "restriction.period.end" in text, "description" in text) == (422, True, True)
    assert (await refusal(area.client("southern").create(a_duty(area, "north"))))[0] == 403
    assert (await refusal(give(area.client("south"), organisation=area.codes["north"])))[0] == 403
    assert (await refusal(give(north, year="2020/22")))[0] == 400
    status, text = await refusal(give(area.client("operator"), organisation=area.codes["elms"]))
    assert (status, "no duties of a care-home" in text) == (422, True)
    assert await north.search(f"Task?code={TASK_KIND}|duty&owner=Organization/{area.ids['north']}") == []


async def test_evidence_of_tomorrow_or_of_the_wrong_type_does_not_count(area: Area) -> None:
    await give(area.client("north"), year="2020/21")
    north, told = area.client("north"), await duty(area, LEAD)
    status, text = await refusal(
        show(north, told["id"], what="Dr Okafor", date="2020-07-02", reference="Patient/1", until="2020-07-01")
    )
    assert status == 422
    assert "still to come" in text
    assert "PractitionerRole, Practitioner" in text
    assert "until is not before" in text
    assert "output" not in await north.read(f"Task/{told['id']}")
    half = await show(north, told["id"], what="Dr Okafor", reference="PractitionerRole/7", complete="false")
    assert (half["status"], half["output"][0]["valueReference"]["reference"]) == ("in-progress", "PractitionerRole/7")
    assert (await duty(area, LEAD))["state"] == "overdue"


async def test_reminded_then_escalated_step_by_step_until_it_is_met(moving: Area) -> None:
    await give(moving.client("north"), year="2020/21")
    told = await duty(moving, DISCHARGE)
    letters = f"Communication?category={BASE}/CodeSystem/communication-kind|duty-reminder"

    async def reminders() -> list[str]:
        found = await moving.client("north").search(f"{letters}&_count=1000")
        ours = [each for each in found if each["about"][0]["reference"] == f"Task/{told['id']}"]
        return sorted(each["payload"][0]["contentString"][:31] for each in ours)

    async def chasing(name: str) -> list[Resource]:
        return await moving.client(name).search(f"Task?code={TASK_KIND}|chase&focus=Task/{told['id']}")

    await move(moving, "2020-09-01")
    assert await reminders() == []
    await move(moving, "2020-09-02")
    assert await reminders() == ["Due in 28 days, on 2020-09-30. "]
    assert await moving.client("south").search(letters) == []
    await move(moving, "2020-09-30")
    assert len(await reminders()) == 2
    assert await chasing("commissioner") == []
    await move(moving, "2020-10-01")
    [chase] = await chasing("commissioner")
    assert (chase["status"], chase["restriction"]["period"]) == (
        "requested", {"start": "2020-10-01", "end": "2020-10-15"},
    )  # fmt: skip
    assert await chasing("nhse") == []
    await move(moving, "2020-11-26")
    assert len(await chasing("nhse")) == 1
    assert len(await chasing("commissioner")) == 1, "each step once"
    listed = await moving.client("north").read(f"Task/$duties?requirement={DISCHARGE}")
    assert [values(each, "by")[0] for each in values(values(listed, "duty")[0], "chased")] == [
        moving.codes["commissioner"], moving.codes["nhse"],
    ]  # fmt: skip
    await show(moving.client("north"), told["id"], what="The process of transfer", date="2020-11-25")
    assert [each["status"] for each in await chasing("commissioner") + await chasing("nhse")] == ["cancelled"] * 2


async def test_a_duty_that_is_met_is_not_chased(moving: Area) -> None:
    await give(moving.client("north"), year="2020/21")
    told = await duty(moving, DISCHARGE)
    await show(moving.client("north"), told["id"], what="The process of transfer")
    await move(moving, "2020-12-01")
    assert await moving.client("commissioner").search(f"Task?code={TASK_KIND}|chase&focus=Task/{told['id']}") == []


async def test_a_practice_is_chased_by_its_network_and_a_duty_given_late_not_at_once(moving: Area) -> None:
    await give(moving.client("north"), year="2019/20")
    told = await duty(moving, "PCN-088")
    chases = f"Task?code={TASK_KIND}|chase&focus=Task/{told['id']}"
    assert told["state"] == "overdue"
    await move(moving, "2020-07-15")
    assert await moving.client("north").search(chases) == [], "fourteen days of grace"
    await move(moving, "2020-07-16")
    assert len(await moving.client("north").search(chases)) == 1


async def test_evidence_that_lapses_gives_the_duty_anew(moving: Area) -> None:
    await give(moving.client("north"), year="2020/21")
    told = await duty(moving, LEAD)
    await show(moving.client("north"), told["id"], what="Dr Okafor until August", until="2020-08-31")
    assert (await duty(moving, LEAD, date="2020-08-31"))["state"] == "met"
    assert (await duty(moving, LEAD, date="2020-09-01"))["state"] == "lapsed"
    await move(moving, "2020-09-01")
    answer = await moving.client("north").read(f"Task/$duties?requirement={LEAD}")
    assert [(values(row, "state"), values(row, "due")) for row in values(answer, "duty")] == [
        (["lapsed"], ["2020-06-30"]), (["due"], ["2020-09-29"]),
    ]  # fmt: skip


async def test_the_next_year_and_whoever_joins_are_given_their_duties(moving: Area) -> None:
    await give(moving.client("north"), year="2020/21")
    await moving.affiliate("north", "southern", period={"start": "2020-07-01"})

    async def given() -> list[Any]:
        return values(await moving.client("southern").read("Task/$duties?requirement=ECD-020"), "duty")

    [joined] = await eventually(given, moving.client("operator").caught_up)
    assert values(joined, "owner") == [moving.codes["southern"]]
    assert values(await moving.client("south").read("Task/$duties?requirement=PC-020"), "total") == [0]
    await move(moving, "2021-04-01")
    assert (await duty(moving, "PC-020"))["state"] == "due"
    assert [values(row, "due") for row in values(
        await moving.client("north").read("Task/$duties?requirement=ECD-016"), "duty"
    )] == [["2021-03-31"], ["2022-03-31"]]  # fmt: skip
