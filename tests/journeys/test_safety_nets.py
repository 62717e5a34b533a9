"""Safety nets: nobody with suspected cancer is lost between a referral and its answer (000 §6.2 fn13, §6.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.network_area import parameters, part
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import SafetyNets, new_nets, refusals, set_clock

INVESTIGATION = "pre-referral-investigation"
NewSystem = Callable[..., EmbeddedTandem]
Tandem = Callable[..., Any]


@pytest.fixture
async def nets(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> SafetyNets:
    """On the morning of 1 July 2020."""
    return await new_nets(http, embedded)


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A system whose clock stands in the year 2021/22."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("next-year"), "--clock", "2021-05-04T09:00+01:00")
    system.start()
    yield system
    system.stop()


@pytest.mark.requirement("ECD-006")
@pytest.mark.on_six_processes
async def test_who_did_not_attend_is_an_overdue_action_until_attendance_or_a_decision(nets: SafetyNets) -> None:
    code = nets.referrals.area.codes["northern"]
    comes, declines = await nets.person(), await nets.person()
    requests = {each: await nets.urgent(each) for each in (comes, declines)}
    for patient, request in requests.items():
        booked = await nets.appointment(request, patient)
        assert (await nets.net(request))["state"] == ["to-attend"]
        await nets.becomes(booked, "noshow")
    overdue = await nets.nets(f"practice={code}&state=overdue")
    assert {each: (overdue[each]["state"], overdue[each]["overdue"]) for each in overdue} == {
        each: (["not-attended"], [True]) for each in requests.values()
    }
    for request in requests.values():
        [task] = await nets.chases(request)
        assert task["owner"]["identifier"]["value"] == code
        assert task["restriction"]["period"]["end"] <= "2020-07-01T09:00"
        # Ended by hand, it is asked for again: only attendance or a decision closes the action.
        for status in ("accepted", "in-progress", "completed"):
            task = await nets.becomes(task, status)
        assert sorted(each["status"] for each in await nets.chases(request)) == ["completed", "requested"]
        assert (await nets.net(request))["state"] == ["not-attended"]
    again = await nets.appointment(requests[comes], comes)
    assert (await nets.net(requests[comes]))["state"] == ["not-attended"], "another appointment is no attendance"
    await nets.becomes(again, "fulfilled")
    with pytest.raises(Refused) as refused:
        await nets.step(requests[declines], "decision-not-to-pursue")
    assert [("reason" in each, "000 §6.2 fn13" in each) for each in refusals(refused)] == [(True, True)]
    decided = await nets.step(requests[declines], "decision-not-to-pursue", reason="patient-choice")
    assert decided["state"] == ["to-communicate"]
    assert await nets.nets(f"practice={code}&state=overdue") == {}
    for request in requests.values():
        assert {each["status"] for each in await nets.chases(request)} == {"completed"}


@pytest.mark.requirement("ECD-007")
async def test_an_investigation_without_report_is_chased_and_a_result_stays_open_until_it_is_acted_on(
    new_system: NewSystem, tandem: Tandem, http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    nets = await new_nets(http, system)
    patient = await nets.person()
    request = str((await nets.practice.create(nets.asked(patient, INVESTIGATION)))["id"])
    await nets.report(request, patient, "registered")
    assert await nets.chases(request) == []
    await set_clock(tandem, system, "2020-07-17T09:00+01:00")
    [task] = await nets.chases(request)
    assert (task["status"], task["description"]) == ("requested", "Safety net: a result is overdue")
    assert (await nets.net(request))["overdue"] == [True]
    received = await nets.report(request, patient, "preliminary")
    assert (await nets.net(request))["state"] == ["awaiting-result"]
    received = await nets.becomes(received, "final")
    net = await nets.net(request)
    assert {each["state"] for each in net["outstanding"]} == {"to-act", "awaiting-result"}
    await nets.becomes(await nets.practice.read(f"ServiceRequest/{request}"), "completed")
    await set_clock(tandem, system, "2020-07-22T09:00+01:00")
    assert "to-act" in {each["state"] for each in (await nets.net(request))["outstanding"]}
    with pytest.raises(Refused) as refused:
        await nets.close(request, reason="clinically-inappropriate")
    assert "stays open until an action" in refusals(refused)[0]
    acted = await nets.step(
        request, "acted-on", result=f"DiagnosticReport/{received['id']}", note="Referred to the chest clinic"
    )
    assert {each["state"] for each in acted["outstanding"]} == {"awaiting-result"}
    kept = [each for each in acted["fact"] if each["kind"] == "acted-on"]
    assert (kept[0]["by"], kept[0]["note"]) == (nets.gp, "Referred to the chest clinic")


@pytest.mark.requirement("ECD-008")
async def test_a_risk_symptom_below_the_criteria_opens_a_dated_review_that_is_overdue_when_missed(
    nets: SafetyNets,
) -> None:
    patient, code = await nets.person(), nets.referrals.area.codes["northern"]
    made = await nets.practice.create(nets.concern(patient, occurrenceDateTime="2020-07-15"))
    net = await nets.net(made["id"])
    assert (net["state"], net["due"]) == (["awaiting-review"], ["2020-07-15T22:59:59.999Z"])
    assert made["id"] not in await nets.nets(f"practice={code}&state=overdue&as-of=2020-07-15T23:00:00%2B01:00")
    missed = (await nets.nets(f"practice={code}&state=overdue&as-of=2020-07-16"))[made["id"]]
    assert (missed["overdue"], missed["state"]) == ([True], ["awaiting-review"])
    await nets.step(made["id"], "reviewed", next="2020-08-01")
    assert made["id"] not in await nets.nets(f"practice={code}&state=overdue&as-of=2020-07-16")
    assert made["id"] in await nets.nets(f"practice={code}&state=overdue&as-of=2020-08-02")


@pytest.mark.requirement("ECD-022")
async def test_an_urgent_referral_and_an_investigation_before_one_open_a_net_each(nets: SafetyNets) -> None:
    patient = await nets.person()
    urgent = await nets.urgent(patient)
    investigation = await nets.practice.create(nets.asked(patient, INVESTIGATION))
    other = await nets.practice.create(nets.asked(patient, "community-nursing"))
    assert (await nets.net(urgent))["state"] == ["to-tell"]
    assert (await nets.net(investigation["id"]))["state"] == ["awaiting-result"]
    with pytest.raises(Refused) as refused:
        await nets.net(other["id"])
    assert refused.value.status == 404


@pytest.mark.requirement("ECD-048")
async def test_everyone_referred_or_investigated_is_listed_across_practices_with_steps_date_and_owner(
    nets: SafetyNets,
) -> None:
    area = nets.referrals.area
    northern, eastern, southern = [await nets.person(each) for each in ("northern", "eastern", "southern")]
    urgent = {await nets.urgent(northern): "northern", await nets.urgent(eastern, "eastern"): "eastern"}
    investigated = (await nets.practice.create(nets.asked(northern, INVESTIGATION)))["id"]
    elsewhere = await nets.urgent(southern, "southern")
    found = await nets.nets(f"network={area.codes['north']}", area.client("north"))
    assert set(found) == {*urgent, investigated}
    assert elsewhere not in found
    for request, practice in urgent.items():
        net = found[request]
        assert [part["valueCode"] for step in net["step"] for part in step if part["name"] == "name"] == [
            "told", "appointment-made", "attended", "result-received", "acted-on", "communicated",
        ]  # fmt: skip
        assert net["due"] == ["2020-07-02T22:59:59.999Z"]
        assert net["owner"][0]["identifier"]["value"] == area.codes[practice]
    assert await nets.nets(f"practice={area.codes['eastern']}&as-of=2020-06-30", area.client("north")) == {}


@pytest.mark.requirement("ECD-029")
async def test_a_significant_concern_opens_a_net_from_2021_and_needs_none_before(
    next_year: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    nets = await new_nets(http, next_year)
    patient = await nets.person()
    now = await nets.practice.create(
        nets.concern(patient, "significant-concern", occurrenceDateTime="2021-06-01", authoredOn="2021-05-04")
    )
    net = await nets.net(now["id"])
    assert (net["state"], net["policy"]) == (["awaiting-review"], ["2021/22"])
    before = await nets.practice.create(nets.concern(patient, "significant-concern", authoredOn="2021-03-31"))
    with pytest.raises(Refused) as refused:
        await nets.net(before["id"])
    assert refused.value.status == 404
    assert set(await nets.nets(f"practice={nets.referrals.area.codes['northern']}")) == {now["id"]}


@pytest.mark.requirement("ECD-030")
async def test_a_net_needs_an_agreed_review_or_triggers_and_a_reported_trigger_opens_the_review(
    next_year: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    nets = await new_nets(http, next_year)
    patient = await nets.person()
    with pytest.raises(Refused) as refused:
        await nets.practice.create(nets.concern(patient, "significant-concern"))
    [said] = refusals(refused)
    assert (refused.value.status, "occurrence[x]" in said, "000 §6.11 fn14" in said) == (422, True, True)
    assert await nets.practice.search(f"ServiceRequest?patient=Patient/{patient}") == []
    left = await nets.practice.create(nets.concern(patient, "significant-concern", asNeededBoolean=True))
    assert (await nets.net(left["id"]))["state"] == ["awaiting-person"]
    opened = await nets.symptoms(left["id"], "recurred", "worsened")
    assert (opened["state"], opened["due"]) == (["awaiting-review"], ["2021-05-11T22:59:59.999Z"])
    [reported] = [each for each in opened["fact"] if each["kind"] == "symptoms-reported"]
    assert reported["trigger"] == "recurred, worsened"
    assert (await nets.step(left["id"], "reviewed"))["state"] == ["to-close"]
    await nets.close(left["id"], outcome="no-cancer")
    assert (await nets.symptoms(left["id"], "recurred"))["state"] == ["awaiting-review"], "it opens again"


@pytest.mark.requirement("ECD-041")
async def test_both_practices_get_the_networks_steps_and_what_differs_is_listed(
    next_year: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    nets = await new_nets(http, next_year)
    area = nets.referrals.area
    earlier = await nets.urgent(await nets.person())
    await nets.referrals.publish_protocol(
        "examination", interval=["told=3", "appointment-made=4", "result-received=10"]
    )
    steps = {"told": 3, "appointment-made": 4, "attended": 1, "result-received": 10, "acted-on": 3, "communicated": 5}
    people = {"northern": await nets.person(), "eastern": await nets.person("eastern")}
    requests = {each: await _referred_by_protocol(nets, patient, each) for each, patient in people.items()}
    found = await nets.nets(f"network={area.codes['north']}", area.client("north"))
    for request in requests.values():
        listed = [{part["name"]: part for part in step} for step in found[request]["step"]]
        assert {each["name"]["valueCode"]: each["days"]["valueInteger"] for each in listed} == steps
        assert found[request]["protocol"] == [f"{area.codes['north']} version 1"]
        assert "divergence" not in found[request]
    differs = [{part["name"]: part for part in each} for each in found[earlier]["divergence"]]
    assert {each["step"]["valueCode"]: each["kind"]["valueCode"] for each in differs} == {
        "told": "interval", "appointment-made": "interval", "result-received": "interval",
    }  # fmt: skip
    assert all("version 1" in each["text"]["valueString"] for each in differs)
    await nets.appointment(requests["northern"], people["northern"], "fulfilled", start="2021-05-04T08:00:00+01:00")
    [skipped] = (await nets.net(requests["northern"]))["divergence"]
    assert (skipped["kind"], skipped["step"]) == ("skipped", "told")


async def _referred_by_protocol(nets: SafetyNets, patient: str, practice: str) -> str:
    """A referral after the step that the protocol requires; the person is not told yet."""
    answer = await nets.referrals.area.client(practice).call(
        "POST", "ServiceRequest/$refer-suspected-cancer", parameters(
            part("patient", valueString=f"Patient/{patient}"), part("symptom", valueCode="haemoptysis"),
            part("performer", valueReference=nets.referrals.area.reference("trust")),
            part("step", valueString="examination"),
        ),
    )  # fmt: skip
    [referral] = [each for each in answer["parameter"] if each["name"] == "referral"]
    return str(referral["valueReference"]["reference"]).removeprefix("ServiceRequest/")


@pytest.mark.requirement("ECD-070")
async def test_a_completed_referral_keeps_its_net_open_until_the_results_are_acted_on(nets: SafetyNets) -> None:
    patient = await nets.person()
    request = await nets.urgent(patient)
    await nets.practice.call("POST", f"ServiceRequest/{request}/$inform-patient", parameters(
        *(part(name, valueString=text) for name, text in (
            ("why-referred", "Blood"), ("importance-of-attending", "Please come"), ("further-support", "The helpline"),
            ("format", "letter"),
        )), part("by", valueReference={"reference": nets.gp}),
    ))  # fmt: skip
    pending = await nets.report(request, patient, "registered")
    completed = await nets.becomes(await nets.practice.read(f"ServiceRequest/{request}"), "completed")
    assert completed["status"] == "completed"
    assert (await nets.net(request))["state"] == ["awaiting-result"]
    await nets.becomes(pending, "final")
    assert (await nets.net(request))["state"] == ["to-act"]
    with pytest.raises(Refused) as refused:
        await nets.close(request, outcome="no-cancer")
    assert all("000 §6.2 fn13" in each for each in refusals(refused))
    await nets.step(request, "acted-on", note="Nothing found, no more tests")
    await nets.step(request, "communicated")
    closed = await nets.close(request, outcome="no-cancer")
    assert closed["state"] == ["closed"]
    assert (await nets.practice.read(f"ServiceRequest/{request}"))["status"] == "completed"


async def test_who_decides_about_a_withdrawn_referral_is_chased(
    new_system: NewSystem, tandem: Tandem, http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    nets = await new_nets(http, system)
    request = await nets.urgent(await nets.person())
    held = await nets.practice.read(f"ServiceRequest/{request}")
    await nets.becomes(held, "revoked")
    await set_clock(tandem, system, "2020-07-06T09:00+01:00")
    assert (await nets.net(request))["state"] == ["to-decide"]
    open_now = [each for each in await nets.chases(request) if each["status"] == "requested"]
    assert [each["description"] for each in open_now] == [
        "Safety net: the request was withdrawn; decide what becomes of the person"
    ]
    await nets.step(request, "decision-not-to-pursue", reason="patient-choice")
    assert {each["status"] for each in await nets.chases(request)} == {"completed"}
