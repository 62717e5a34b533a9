"""Case finding at meetings of the multidisciplinary team (003 §2.2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import CARE_TEAM_ROLE, STAFF_KIND, TASK_KIND
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.case_register import CaseRegister
from tandem_tests.mdt_meetings import Meetings, meetings, reference
from tandem_tests.network_area import parameters, part
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def made(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Meetings:
    return await meetings(http, embedded)


async def found(made: Meetings, patient: str | None = None) -> tuple[str, str]:
    """A case-finding item at a meeting: the Task's id, Appointment/id."""
    team = await made.establish("gp", "nurse", "worker")
    _, [meeting] = await made.plan(team)
    about = {"for": reference(f"Patient/{patient}")} if patient else {}
    task = await made.client("practice").create({
        "resourceType": "Task", "status": "in-progress", "intent": "order", "basedOn": [reference(meeting)], **about,
        "code": {"coding": [{"system": TASK_KIND, "code": "case-finding"}]}, "description": "Frequent falls",
        "owner": made.practice.here.reference("practice"),
    })  # fmt: skip
    return str(task["id"]), meeting


async def decide(made: Meetings, task: str, decision: str, **more: Any) -> Resource:
    """`coordinator` and `patient` are references."""
    sent = [part("decision", valueCode=decision)]
    for name, value in more.items():
        given = {"valueReference": reference(value)} if name in ("coordinator", "patient") else {"valueString": value}
        sent.append(part(name, **given))
    return await made.client("practice").call("POST", f"Task/{task}/$decide-case", parameters(*sent))


async def refused(made: Meetings, task: str, decision: str, **more: Any) -> list[str]:
    """Which parameters a refusal names; nothing changes."""
    with pytest.raises(Refused) as refusal:
        await decide(made, task, decision, **more)
    assert refusal.value.status == 422
    assert (await made.client("practice").read(f"Task/{task}"))["status"] == "in-progress"
    return [each["expression"][0] for each in refusal.value.outcome["issue"]]


def outputs(task: Resource) -> dict[str, Any]:
    """What the item holds, by code."""
    return {
        each["type"]["coding"][0]["code"]: next(value for key, value in each.items() if key != "type")
        for each in task.get("output", ())
    }


@pytest.mark.requirement("PCPC-019")
async def test_an_accepted_case_joins_the_register_with_the_meeting_as_source(made: Meetings) -> None:
    patient = await made.practice.register()
    task, meeting = await found(made, patient)
    await decide(made, task, "accept", coordinator=made.staff["nurse"], process="physiotherapy")
    await made.client("operator").caught_up()
    entries = await CaseRegister(made.practice, made.http).entries()
    assert entries[patient]["status"] == "on-register"
    assert set(entries[patient]["sources"]) == {"mdt-meeting"}
    assert entries[patient]["meeting"] == reference(meeting)


@pytest.mark.requirement("PCPC-020")
async def test_an_item_is_not_closed_without_a_person_and_the_decision_is_on_the_record(made: Meetings) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    task, _ = await found(made)
    assert await refused(made, task, "decline", reason="Known to the hospice") == ["patient"]
    held = await practice.read(f"Task/{task}")
    with pytest.raises(Refused) as refusal:
        version = f'W/"{held["meta"]["versionId"]}"'
        await practice.call("PUT", f"Task/{task}", held | {"status": "completed"}, If_Match=version)
    assert (refusal.value.status, "003 §2.2 b1" in refusal.value.text) == (422, True)
    await decide(made, task, "decline", reason="Known to the hospice", patient=f"Patient/{patient}")
    [shown] = await practice.search(f"Task?patient=Patient/{patient}&code=case-finding")
    assert (shown["id"], shown["status"]) == (task, "completed")
    assert outputs(shown) == {"decision": "decline", "note": "Known to the hospice"}


@pytest.mark.requirement("PCPC-021")
async def test_a_case_needs_its_coordinator_who_then_is_on_the_care_team(made: Meetings) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    task, _ = await found(made, patient)
    assert await refused(made, task, "accept", process="physiotherapy") == ["coordinator"]
    unknown = await refused(made, task, "accept", process="physiotherapy", coordinator="PractitionerRole/nobody")
    assert unknown == ["coordinator"]
    await decide(made, task, "accept", coordinator=made.staff["nurse"], process="physiotherapy")
    await made.client("operator").caught_up()
    [team] = await practice.search(f"CareTeam?patient=Patient/{patient}")
    [member] = team["participant"]
    assert (team["status"], member["member"]) == ("active", reference(made.staff["nurse"]))
    [role] = member["role"]
    assert {"system": CARE_TEAM_ROLE, "code": "care-coordinator"}.items() <= role["coding"][0].items()


@pytest.mark.requirement("PCPC-022")
async def test_a_case_chooses_a_process_of_the_spectrum_whose_task_is_made_and_linked(made: Meetings) -> None:
    practice, patient = made.client("practice"), await made.practice.register()
    task, _ = await found(made, patient)
    assert await refused(made, task, "accept", coordinator=made.staff["nurse"]) == ["process"]
    assert await refused(made, task, "accept", coordinator=made.staff["nurse"], process="bloodletting") == ["process"]
    closed = await decide(made, task, "accept", coordinator=made.staff["nurse"], process="social-care-assessment")
    told = outputs(closed)
    assert told["process"] == "social-care-assessment"
    linked = await practice.read(told["process-task"]["reference"])
    assert linked["partOf"] == [reference(f"Task/{task}")]
    assert linked["for"] == reference(f"Patient/{patient}")
    coding = linked["performerType"][0]["coding"][0]
    assert (coding["system"], coding["code"]) == (STAFF_KIND, "social-worker")
    assert (linked["status"], linked["restriction"]["period"]["end"]) == ("requested", "2020-07-29")
    again = decide(made, task, "decline", reason="Changed our mind")
    with pytest.raises(Refused) as refusal:
        await again
    assert (refusal.value.status, "decided already" in refusal.value.text) == (422, True)
