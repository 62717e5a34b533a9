"""Coordination around hospital: follow-up, notices, reviews of unplanned admissions and attendances (003 §2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem_tests.hospital_contacts import stay, team_of
from tandem_tests.mdt_meetings import Meetings, meetings, reference, shown
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def made(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Meetings:
    return await meetings(http, embedded)


async def inbox(client: FhirClient, query: str) -> dict[str, dict[str, list[Any]]]:
    """What waits, by Task."""
    found = shown(await client.read(f"Task/$inbox?{query}"), "task")
    return {each["task"][0]["reference"].removeprefix("Task/"): each for each in found}


async def follow_ups(client: FhirClient, patient: str) -> list[dict[str, Any]]:
    return list(await client.search(f"Task?patient=Patient/{patient}&code={TASK_KIND}|follow-up"))


@pytest.mark.requirement("PCPC-035")
async def test_a_discharge_makes_a_follow_up_of_the_coordinator_that_is_overdue_when_missed(made: Meetings) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    await team_of(practice, patient, care_coordinator=made.staff["nurse"])
    await practice.create(stay(patient, "2020-06-26T10:00:00+01:00", "2020-06-30T12:00:00+01:00"))
    await practice.caught_up()
    [task] = await follow_ups(practice, patient)
    assert task["owner"] == reference(made.staff["nurse"])
    assert task["restriction"]["period"] == {"end": "2020-07-03"}
    query = f"owner={made.staff['nurse']}&kind=follow-up"
    for as_of, standing in (("2020-07-03T20:00:00%2B01:00", "due"), ("2020-07-04", "overdue")):
        found = await inbox(practice, f"{query}&as-of={as_of}")
        assert found[task["id"]]["standing"] == [standing]
    for status in ("accepted", "in-progress", "completed"):
        held = await practice.read(f"Task/{task['id']}")
        version = f'W/"{held["meta"]["versionId"]}"'
        await practice.call("PUT", f"Task/{task['id']}", {**held, "status": status}, If_Match=version)
    assert task["id"] not in await inbox(practice, f"{query}&as-of=2020-07-04")


async def test_a_corrected_discharge_takes_its_follow_up_back_and_the_coordinator_may_be_known_late(
    made: Meetings,
) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    posted = await practice.create(stay(patient, "2020-06-26T10:00:00+01:00", "2020-06-30T12:00:00+01:00"))
    await practice.caught_up()
    assert await follow_ups(practice, patient) == []
    await team_of(practice, patient, care_coordinator=made.staff["nurse"])
    await practice.caught_up()
    [task] = await follow_ups(practice, patient)
    corrected = stay(patient, "2020-06-26T10:00:00+01:00", "2020-06-29T12:00:00+01:00") | {"id": posted["id"]}
    await practice.call("PUT", f"Encounter/{posted['id']}", corrected, If_Match='W/"1"')
    await practice.caught_up()
    found = {each["restriction"]["period"]["end"]: each["status"] for each in await follow_ups(practice, patient)}
    assert found == {"2020-07-03": "cancelled", "2020-07-02": "requested"}
    assert (await practice.read(f"Task/{task['id']}"))["statusReason"]["text"]
    wrong = corrected | {"status": "entered-in-error"}
    await practice.call("PUT", f"Encounter/{posted['id']}", wrong, If_Match='W/"2"')
    await practice.caught_up()
    assert {each["status"] for each in await follow_ups(practice, patient)} == {"cancelled"}
    # Years-old stays that are loaded ask nobody for anything.
    await practice.create(stay(patient, "2015-06-26T10:00:00+01:00", "2015-06-30T12:00:00+01:00"))
    await practice.caught_up()
    assert len(await follow_ups(practice, patient)) == 2


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-052")
async def test_an_admission_and_a_transfer_are_told_to_the_named_professional_and_actions_stay_open(
    made: Meetings,
) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    await team_of(practice, patient, named_professional=made.staff["gp"], care_coordinator=made.staff["nurse"])
    kind = {"coding": [{"system": TASK_KIND, "code": "action"}]}
    action = await practice.create({
        "resourceType": "Task", "status": "in-progress", "intent": "order", "code": kind,
        "for": reference(f"Patient/{patient}"), "owner": reference(made.staff["nurse"]),
        "description": "Arrange carers", "restriction": {"period": {"end": "2020-07-20"}},
    })  # fmt: skip
    ward, other = ({"status": "active", "location": {"display": each}} for each in ("Ward 4", "Stroke unit"))
    posted = await practice.create(stay(patient, "2020-06-30T22:00:00+01:00", urgent=True, location=[ward]))
    await practice.caught_up()

    async def told() -> list[dict[str, Any]]:
        return list(await practice.search(f"Communication?patient=Patient/{patient}"))

    [admitted] = await told()
    assert admitted["recipient"] == [reference(made.staff["gp"])]
    assert "admitted" in admitted["payload"][0]["contentString"]
    assert admitted["about"] == [reference(f"Encounter/{posted['id']}")]
    moved = posted | {"location": [ward | {"status": "completed"}, other]}
    await practice.call("PUT", f"Encounter/{posted['id']}", moved, If_Match='W/"1"')
    await practice.caught_up()
    [transferred] = [each for each in await told() if each["id"] != admitted["id"]]
    assert transferred["recipient"] == [reference(made.staff["gp"])]
    assert "transferred" in transferred["payload"][0]["contentString"]
    assert (await practice.read(f"Task/{action['id']}"))["status"] == "in-progress"
    assert action["id"] in await inbox(practice, f"owner={made.staff['nurse']}&kind=action")


def decided(encounter: str, decision: str, **more: Any) -> dict[str, Any]:
    """One row of a review."""
    named = part("encounter", valueReference=reference(f"Encounter/{encounter}"))
    values_of = {"owner": "valueReference", "due": "valueDate"}
    return part(
        "contact", named, part("decision", valueCode=decision),
        *(part(name, **{values_of.get(name, "valueString"): value}) for name, value in more.items()),
    )  # fmt: skip


CLOSE = part("close", valueBoolean=True)


@pytest.mark.requirement("PCPC-036")
async def test_the_review_of_a_home_lists_residents_emergencies_until_they_are_reviewed(made: Meetings) -> None:
    practice, here = made.client("practice"), made.practice.here
    await made.enter("elms", "care-home", f"VN{here.codes['practice'][1:]}")
    home = f"Organization/{here.organizations['elms']}"
    resident, neighbour = await made.practice.register("1934-04-12"), await made.practice.register("1934-04-12")
    await practice.create({
        "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
        "patient": reference(f"Patient/{resident}"), "period": {"start": "2020-05-01"},
        "managingOrganization": reference(home),
    })  # fmt: skip
    posted = {
        name: (await practice.create(body))["id"] for name, body in {
            "emergency": stay(resident, "2020-06-02T10:00:00+01:00", "2020-06-04T10:00:00+01:00", urgent=True),
            "attendance": stay(resident, "2020-06-20T10:00:00+01:00", "2020-06-20T14:00:00+01:00", setting="EMER"),
            "planned": stay(resident, "2020-06-22T10:00:00+01:00", "2020-06-22T18:00:00+01:00"),
            "before": stay(resident, "2020-04-02T10:00:00+01:00", "2020-04-04T10:00:00+01:00", urgent=True),
            "elsewhere": stay(neighbour, "2020-06-02T10:00:00+01:00", "2020-06-04T10:00:00+01:00", urgent=True),
        }.items()
    }  # fmt: skip
    await practice.caught_up()
    path = f"Task/$admission-review?home={home}"

    async def listed() -> dict[str, str]:
        found = shown(await practice.read(path), "contact")
        return {each["encounter"][0]["reference"].removeprefix("Encounter/"): each["kind"][0] for each in found}

    assert await listed() == {posted["emergency"]: "emergency-admission", posted["attendance"]: "attendance"}
    sent = [part("home", valueString=home), decided(posted["attendance"], "no-further-action", note="Minor cut")]
    await practice.call("POST", "Task/$admission-review", parameters(*sent))
    assert set(await listed()) == {posted["emergency"]}
    follow_up = decided(
        posted["emergency"], "follow-up", what="Hydration plan", owner=reference(made.staff["gp"]), due="2020-07-10"
    )
    closed = await practice.call("POST", "Task/$admission-review", parameters(sent[0], follow_up, CLOSE))
    assert (values(closed, "last-review"), values(closed, "undecided")) == (["2020-07-01"], [0])
    assert await listed() == {}
    later = await practice.create(stay(resident, "2020-06-30T10:00:00+01:00", setting="EMER"))
    await practice.caught_up()
    assert set(await listed()) == {later["id"]}


@pytest.mark.requirement("PCPC-037")
async def test_the_monthly_review_closes_only_with_follow_up_decided_for_each(made: Meetings) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    first, again, attended, planned, earlier = [
        (await practice.create(body))["id"] for body in (
            stay(patient, "2020-06-02T10:00:00+01:00", "2020-06-04T10:00:00+01:00", urgent=True),
            stay(patient, "2020-06-20T10:00:00+01:00", "2020-06-21T10:00:00+01:00", urgent=True),
            stay(patient, "2020-06-25T10:00:00+01:00", "2020-06-25T12:00:00+01:00", setting="EMER"),
            stay(patient, "2020-06-28T10:00:00+01:00", "2020-06-28T12:00:00+01:00"),
            stay(patient, "2020-04-01T10:00:00+01:00", "2020-04-02T12:00:00+01:00", urgent=True),
        )
    ]  # fmt: skip
    await practice.caught_up()
    found = shown(await practice.read("Task/$admission-review?month=2020-06"), "contact")
    listed = {
        each["encounter"][0]["reference"].removeprefix("Encounter/"): (each["kind"][0], each["readmission"][0])
        for each in found
    }
    assert listed == {
        first: ("emergency-admission", False), again: ("emergency-admission", True), attended: ("attendance", False),
    }  # fmt: skip
    assert not {planned, earlier} & set(listed)
    month = part("month", valueString="2020-06")
    minor = decided(attended, "no-further-action", note="Sprain")
    with pytest.raises(Refused) as refused:
        await practice.call("POST", "Task/$admission-review", parameters(month, minor, CLOSE))
    assert (refused.value.status, len(refused.value.outcome["issue"])) == (422, 2)
    assert {tuple(each.get("decision", [])) for each in shown(
        await practice.read("Task/$admission-review?month=2020-06"), "contact"
    )} == {()}, "nothing of a refused call is kept"  # fmt: skip
    owner = reference(made.staff["nurse"])
    rows = [decided(each, "follow-up", what="Visit", owner=owner, due="2020-07-06") for each in (first, again)]
    closed = await practice.call("POST", "Task/$admission-review", parameters(month, minor, *rows, CLOSE))
    assert (values(closed, "closed"), values(closed, "undecided")) == ([True], [0])
    actions = await follow_ups(practice, patient)
    assert {each["focus"]["reference"] for each in actions} == {f"Encounter/{first}", f"Encounter/{again}"}
    assert {each["owner"]["reference"] for each in actions} == {made.staff["nurse"]}
    with pytest.raises(Refused) as elsewhere:
        sent = parameters(month, part("practice", valueString=made.practice.here.codes["practice"]), CLOSE)
        await made.client("other").call("POST", "Task/$admission-review", sent)
    assert elsewhere.value.status == 403
