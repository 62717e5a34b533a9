"""Case management of people on the register: contacts, levels of need, reviews and who took part (003 §2, §3)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem_tests.case_register import entry
from tandem_tests.mdt_meetings import CLOSE, Meetings, action, meetings, reference, said, shown
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def made(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Meetings:
    return await meetings(http, embedded)


async def on_register(made: Meetings, count: int = 1) -> list[str]:
    """So many people whom the practice put on its register."""
    people = [await made.practice.register() for _ in range(count)]
    path = f"Organization/{made.practice.here.organizations['practice']}/$case-register-entry"
    entries = [entry(each, "clinical-judgement") for each in people]
    await made.client("practice").call("POST", path, parameters(*entries))
    await made.client("operator").caught_up()
    return people


async def manage(client: FhirClient, patient: str, level: str, *more: dict[str, Any]) -> list[dict[str, list[Any]]]:
    """Set a level of need: the arrangements, the first first."""
    sent = parameters(part("patient", valueString=f"Patient/{patient}"), part("level", valueCode=level), *more)
    return shown(await client.call("POST", "Task/$case-management", sent), "arrangement")


async def reviewed(made: Meetings, patient: str, *there: str) -> str:
    """A meeting about somebody that is recorded and closed, with these members there: Appointment/id."""
    team = await made.establish("gp", "nurse", "worker")
    _, [meeting] = await made.plan(team)
    agenda = await made.fill(meeting, patient)
    [item] = shown(agenda, "item")
    task = item["task"][0]["reference"]
    owner = made.practice.here.reference("practice")
    await made.record(
        meeting, said(task, decision="Carry on", by=made.staff["gp"]), action("Call", owner, "2020-07-09", task),
        by="practice",
    )  # fmt: skip
    await made.record(meeting, *made.attended(*there), CLOSE)
    return meeting


async def listed(made: Meetings, state: str) -> dict[str, dict[str, list[Any]]]:
    found = shown(await made.client("practice").read(f"Task/$register-reviews?state={state}"), "person")
    return {each["patient"][0]["reference"].removeprefix("Patient/"): each for each in found}


async def contacts(client: FhirClient, patient: str, status: str = "requested") -> dict[str, dict[str, Any]]:
    """Proactive contacts by the day on which they are due."""
    found = await client.search(f"Task?patient=Patient/{patient}&code=proactive-contact&status={status}")
    return {each["restriction"]["period"]["end"]: each for each in found}


@pytest.mark.requirement("PCPC-033")
async def test_proactive_contacts_are_scheduled_and_a_missed_one_is_on_the_worklist(made: Meetings) -> None:
    practice, [patient] = made.client("practice"), await on_register(made)
    await manage(practice, patient, "high")
    planned = await contacts(practice, patient)
    assert set(planned) == {"2020-07-08", "2020-07-15", "2020-07-22"}
    first = planned["2020-07-08"]["id"]
    path = "Task/$inbox?kind=proactive-contact&state=overdue&as-of="
    assert shown(await practice.read(f"{path}2020-07-08"), "task") == []
    [missed] = shown(await practice.read(f"{path}2020-07-09"), "task")
    assert (missed["task"], missed["standing"]) == ([reference(f"Task/{first}")], ["overdue"])
    for status in ("accepted", "in-progress", "completed"):
        held = await practice.read(f"Task/{first}")
        version = f'W/"{held["meta"]["versionId"]}"'
        await practice.call("PUT", f"Task/{first}", {**held, "status": status}, If_Match=version)
    assert set(await contacts(practice, patient)) == {"2020-07-15", "2020-07-22", "2020-07-29"}
    with pytest.raises(Refused) as refused:
        await manage(made.client("other"), patient, "low")
    assert refused.value.status == 404


@pytest.mark.requirement("PCPC-049")
async def test_the_next_review_comes_forward_when_need_rises_and_moves_out_when_it_falls(made: Meetings) -> None:
    practice, [patient] = made.client("practice"), await on_register(made)
    for level in ("moderate", "high", "low"):
        found = await manage(practice, patient, level)
    assert [each["next-review"] for each in found] == [["2020-09-30"], ["2020-07-29"], ["2020-12-30"]]
    [review] = await practice.search(f"Task?patient=Patient/{patient}&code=register-review&status=requested")
    assert review["restriction"]["period"]["end"] == "2020-12-30"


@pytest.mark.requirement("PCPC-053")
async def test_a_step_up_or_down_changes_frequency_and_duration_of_contacts_and_keeps_history(made: Meetings) -> None:
    practice, [patient] = made.client("practice"), await on_register(made)
    await manage(practice, patient, "moderate")
    assert set(await contacts(practice, patient)) == {"2020-07-29", "2020-08-26", "2020-09-23"}
    await manage(practice, patient, "high")
    now = await contacts(practice, patient)
    assert set(now) == {"2020-07-08", "2020-07-15", "2020-07-22"}
    assert {each["description"] for each in now.values()} == {"Proactive contact of 30 minutes"}
    found = await manage(practice, patient, "low", part("contact-minutes", valueInteger=15))
    told = [(each["level"][0], each["step"][0], each["contact-days"][0], each["contact-minutes"][0]) for each in found]
    assert told == [("moderate", "begun", 28, 20), ("high", "up", 7, 30), ("low", "down", 56, 15)]
    assert set(await contacts(practice, patient)) == {"2020-08-26", "2020-10-21", "2020-12-16"}
    again = shown(await practice.read(f"Task/$case-management?patient=Patient/{patient}"), "arrangement")
    assert again == found


@pytest.mark.requirement("PCPC-085")
async def test_interval_and_disciplines_agreed_with_the_person_schedule_the_next_review(made: Meetings) -> None:
    practice, [patient] = made.client("practice"), await on_register(made)
    asked = [
        part("interval-weeks", valueInteger=6), part("discipline", valueCode="physiotherapist"),
        part("discipline", valueCode="social-worker"),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        await manage(practice, patient, "moderate", *asked)
    assert (refused.value.status, "003 §3 outcome 5" in refused.value.text) == (422, True)
    agreed = part("agreed-with", valueReference=reference(f"Patient/{patient}"))
    [found] = await manage(practice, patient, "moderate", *asked, agreed)
    assert found["next-review"] == ["2020-08-12"]
    assert found["discipline"] == ["physiotherapist", "social-worker"]
    assert found["agreed-with"] == [reference(f"Patient/{patient}")]
    [review] = await practice.search(f"Task?patient=Patient/{patient}&code=register-review")
    assert review["restriction"]["period"]["end"] == "2020-08-12"
    codes = [each["coding"][0]["code"] for each in review["performerType"]]
    assert codes == ["physiotherapist", "social-worker"]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-047")
async def test_a_review_with_linked_services_takes_somebody_off_the_never_reviewed_and_is_dated(made: Meetings) -> None:
    first, second = await on_register(made, 2)
    assert set(await listed(made, "never-reviewed")) == {first, second}
    await reviewed(made, first, "gp", "nurse")
    assert set(await listed(made, "never-reviewed")) == {second}
    assert (await listed(made, "reviewed"))[first]["reviewed"] == ["2020-07-01"]
    alone = await made.establish("gp", "pharmacist")
    _, [meeting] = await made.plan(alone)
    [item] = shown(await made.fill(meeting, second), "item")
    task = item["task"][0]["reference"]
    await made.record(meeting, said(task, no_action="Well"), by="practice")
    await made.record(meeting, *made.attended("gp", "pharmacist"), CLOSE)
    held = (await listed(made, "never-reviewed"))[second]
    told = {each["name"]: each.get("valueString") for each in held["review"][0]}
    assert told["missing"] == "linked-service"


@pytest.mark.requirement("PCPC-048")
async def test_a_review_without_the_own_gp_is_incomplete_and_counted(made: Meetings) -> None:
    first, second = await on_register(made, 2)
    await reviewed(made, first, "gp", "nurse")
    without = await reviewed(made, second, "nurse", "worker")
    held = (await listed(made, "never-reviewed"))[second]
    assert [each["valueBoolean"] for each in held["review"][0] if each["name"] == "complete"] == [False]
    assert "own-gp" in [each.get("valueString") for each in held["review"][0]]
    [practice] = shown(await made.client("practice").read("Task/$gp-participation"), "practice")
    assert practice["organisation"] == [made.practice.here.codes["practice"]]
    assert (practice["reviews"], practice["with-own-gp"], practice["without-own-gp"]) == ([2], [1], [1])
    [incomplete] = practice["incomplete"]
    assert values(incomplete, "patient") == [reference(f"Patient/{second}")]
    assert values(incomplete, "meeting") == [reference(without)]


@pytest.mark.requirement("PCPC-025")
async def test_each_disciplines_contribution_is_returned_with_the_review(made: Meetings) -> None:
    practice, [patient] = made.client("practice"), await on_register(made)
    here = made.practice.here
    written = await practice.create(here.sharing("practice", "social", signed=False))
    signed = written | {"extension": here.sharing("practice", "social")["extension"]}
    await made.client("social").call("PUT", f"OrganizationAffiliation/{written['id']}", signed)
    await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": reference(f"Patient/{patient}"),
        "participant": [{"member": here.reference(each)} for each in ("community", "social")],
    })  # fmt: skip
    team = await made.establish("gp", "nurse", "worker")
    _, [meeting] = await made.plan(team)
    [item] = shown(await made.fill(meeting, patient), "item")
    task = item["task"][0]["reference"]
    spoken = {
        "practice": ("gp", "Frailty is rising", "practice"), "community": ("nurse", "Legs swell", "community-provider"),
        "social": ("worker", "The carer is tired", "social-care"),
    }  # fmt: skip
    for role, (name, words, _) in spoken.items():
        await made.record(meeting, *made.attended(name), said(task, discussion=words, by=made.staff[name]), by=role)
    await made.record(meeting, said(task, no_action="Nothing new"), by="practice")
    await made.record(meeting, CLOSE)
    [held] = shown(await practice.read(f"{meeting}/$record"), "item")
    told = {
        (values(each, "text")[0], values(each, "role")[0], values(each, "organisation-kind")[0])
        for each in held["discussion"]
    }
    roles = {"gp": "gp", "nurse": "community-nurse", "worker": "social-worker"}
    assert told == {(words, roles[name], kind) for name, words, kind in spoken.values()}
