"""Safety nets: clocks in calendar days, diagnoses and significant events, and what is refused with its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.mdt_meetings import shown
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import SafetyNets, new_nets, refusals

INVESTIGATION = "pre-referral-investigation"


@pytest.fixture
async def nets(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> SafetyNets:
    """On the morning of 1 July 2020."""
    return await new_nets(http, embedded)


@pytest.fixture(scope="module")
def years_later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands on 3 January 2024, after Christmas and the change of the standards."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("years-later"), "--clock", "2024-01-03T09:00+00:00")
    system.start()
    yield system
    system.stop()


async def test_a_two_week_wait_over_bank_holidays_is_fourteen_days_and_says_its_rule(
    years_later: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    nets = await new_nets(http, years_later)
    patient = await nets.person()
    # Christmas Day, Boxing Day and New Year's Day lie within.
    old = await nets.urgent(patient, authoredOn="2022-12-20")
    new = await nets.urgent(patient, authoredOn="2023-12-20")
    [clock] = (await nets.net(old))["clock"]
    assert (clock["kind"], clock["due"]) == ("two-week-wait", "2023-01-03T23:59:59.999Z")
    assert "14 calendar days" in clock["rule"]
    assert "bank holidays count" in clock["source"]
    clocks = {each["kind"]: each for each in (await nets.net(new))["clock"]}
    assert {name: each["due"] for name, each in clocks.items()} == {
        "seen-within-14-days": "2024-01-03T23:59:59.999Z", "faster-diagnosis": "2024-01-17T23:59:59.999Z",
    }  # fmt: skip
    seen = await nets.appointment(new, patient, "fulfilled", start="2024-01-02T10:00:00Z", end="2024-01-02T10:30:00Z")
    assert seen["status"] == "fulfilled"
    await nets.report(new, patient)
    await nets.step(new, "acted-on", note="Discharged")
    await nets.step(new, "communicated")
    answer = await nets.practice.call("GET", f"ServiceRequest/{new}/$clocks")
    kept = {each["kind"][0]: each for each in shown(answer, "clock")}
    assert kept["seen-within-14-days"]["stopped"] == ["2024-01-02T10:00:00.000Z"]
    assert [kept[name]["how"] for name in ("seen-within-14-days", "faster-diagnosis")] == [["seen"], ["answered"]]
    assert all(each["met"] == [True] for each in kept.values())
    await nets.step(old, "decision-not-to-pursue", reason="patient-choice")
    [given_up] = shown(await nets.practice.call("GET", f"ServiceRequest/{old}/$clocks"), "clock")
    assert (given_up["state"], given_up["why"], given_up["met"]) == (["closed"], ["patient-choice"], [False])


async def test_what_cannot_be_recorded_is_refused_with_every_fault_and_its_rule(nets: SafetyNets) -> None:
    patient = await nets.person()
    request = await nets.urgent(patient, authoredOn="2020-06-29")
    before = await nets.net(request)
    for step, said, expected in (
        ("acted-on", {"note": "x"}, ["nothing to act on"]),
        ("acted-on", {}, ["nothing to act on", "said in note"]),
        ("communicated", {}, ["nothing to tell"]),
        ("attended", {"when": "2020-07-02"}, ["in the future"]),
        ("attended", {"when": "2020-06-28"}, ["before the referral"]),
        ("decision-not-to-pursue", {"reason": "bored"}, ["needs its reason"]),
        ("decision-not-to-pursue", {"reason": "other"}, ["told in note"]),
        ("reviewed", {"next": "2020-07-01"}, ["after today"]),
        ("attended", {"by": "PractitionerRole/nobody"}, ["known here"]),
    ):
        with pytest.raises(Refused) as refused:
            await nets.step(request, step, **said)
        found = refusals(refused)
        assert (refused.value.status, len(found)) == (422, len(expected)), found
        assert all(word in text and "000 §6" in text for word, text in zip(expected, found, strict=True)), found
    for step, said, status in (("walked", {}, 400), ("", {}, 400), ("attended", {"when": "soon"}, 400)):
        with pytest.raises(Refused) as refused:
            await nets.step(request, step, **said)
        assert refused.value.status == status
    for close in ({"outcome": "no-cancer"}, {}, {"reason": "bored"}, {"outcome": "fine", "reason": "other"}):
        with pytest.raises(Refused) as refused:
            await nets.close(request, **close)
        assert refused.value.status == 422
    with pytest.raises(Refused) as refused:
        await nets.symptoms(request, "sneezed")
    assert "000 §6.11 fn14" in refusals(refused)[0]
    assert await nets.net(request) == before, "nothing of a refused call is kept"
    with pytest.raises(Refused) as refused:
        await nets.practice.create(nets.asked(patient, INVESTIGATION, authoredOn="2020-07-02"))
    assert (refused.value.status, "in the future" in refusals(refused)[0]) == (422, True)
    closed = await nets.close(request, reason="not-contactable")
    assert closed["state"] == ["closed"]
    for say in (nets.step(request, "attended"), nets.close(request, reason="died")):
        with pytest.raises(Refused) as refused:
            await say
        assert "closed" in refusals(refused)[0]


async def test_a_decision_not_to_pursue_gives_no_outcome_that_nobody_saw(nets: SafetyNets) -> None:
    request = await nets.urgent(await nets.person(), authoredOn="2020-06-29")
    await nets.step(request, "decision-not-to-pursue", reason="patient-choice")
    with pytest.raises(Refused) as caught:
        await nets.close(request, outcome="no-cancer")
    assert caught.value.status == 422
    assert "Nobody was seen" in caught.value.text
    assert (await nets.close(request, reason="patient-choice"))["state"] == ["closed"]


async def test_a_concern_that_is_sent_twice_is_held_once(nets: SafetyNets) -> None:
    patient = await nets.person()
    identifier = [{"system": "urn:uuid", "value": f"concern-{patient}"}]
    concern = nets.concern(patient, identifier=identifier, asNeededBoolean=True)
    await nets.practice.create(concern)
    with pytest.raises(Refused) as caught:
        await nets.practice.create(concern)
    assert caught.value.status == 409
    assert len(await nets.practice.search(f"ServiceRequest?patient=Patient/{patient}")) == 1


async def test_diagnoses_are_kept_and_cases_for_significant_event_analysis_picked(nets: SafetyNets) -> None:
    area = nets.referrals.area
    early, late, urgent, often = [await nets.person() for _ in range(4)]
    seen = {each: await nets.urgent(each, authoredOn="2020-06-01") for each in (early, late)}
    kept = {"type": "lung", "route": "urgent-referral", "detection": "symptomatic", "when": "2020-06-20"}
    told = await nets.step(seen[early], "diagnosis", stage="1", **kept)
    [diagnosis] = [each for each in told["fact"] if each["kind"] == "diagnosis"]
    assert {name: diagnosis[name] for name in ("route", "type", "stage", "day")} == {
        "route": "urgent-referral", "type": "lung", "stage": "1", "day": "2020-06-20",
    }  # fmt: skip
    await nets.step(seen[late], "diagnosis", stage="4", **kept)
    concern = await nets.practice.create(nets.concern(often, asNeededBoolean=True, authoredOn="2020-04-10"))
    for day in ("2020-05-01", "2020-05-15"):
        await nets.symptoms(concern["id"], "persisted", when=day)
    await nets.step(concern["id"], "diagnosis", stage="2", **{**kept, "route": "gp-referral"})

    async def emergency(**said: Any) -> None:
        sent = {"patient": f"Patient/{urgent}", "type": "colorectal", "route": "emergency", "by": nets.gp, **said}
        listed = [part(name.replace("_", "-"), valueString=value) for name, value in sent.items()]
        await nets.practice.call("POST", "ServiceRequest/$record-diagnosis", parameters(*listed))

    for wrong in ({"when": "1950-01-01"}, {"when": "2020-07-02"}, {"route": "taxi"}, {"stage": "12"}):
        with pytest.raises(Refused) as refused:
            await emergency(**wrong)
        assert refused.value.status == 422, wrong
    await emergency(when="2020-06-25")
    answer = await nets.practice.call("GET", f"ServiceRequest/$significant-events?practice={area.codes['northern']}")
    cases = {each["patient"][0]["reference"].removeprefix("Patient/"): each["reason"] for each in shown(answer, "case")}
    assert cases == {late: ["late-stage"], urgent: ["emergency"], often: ["presented-often", "long-interval"]}
    assert (values(answer, "diagnoses"), values(answer, "cases")) == ([4], [3])
    network = await area.client("north").call(
        "GET", f"ServiceRequest/$significant-events?network={area.codes['north']}&from=2020-06-21"
    )
    assert [each["patient"][0]["reference"] for each in shown(network, "case")] == [f"Patient/{urgent}"]


async def test_every_open_net_is_counted_in_exactly_one_state_and_pages_lose_none(nets: SafetyNets) -> None:
    code = nets.referrals.area.codes["northern"]
    patient = await nets.person()
    requests = [await nets.urgent(patient) for _ in range(2)]
    requests += [(await nets.practice.create(nets.asked(patient, INVESTIGATION)))["id"] for _ in range(2)]
    await nets.step(requests[0], "told")
    await nets.close(requests[3], reason="seen-elsewhere")
    whole = await nets.nets(f"practice={code}")
    assert set(whole) == set(requests[:3])
    paged: list[str] = []
    for offset in range(3):
        answer = await nets.practice.call(
            "GET", f"ServiceRequest/$safety-nets?practice={code}&_count=1&_offset={offset}"
        )
        counted = {each["state"][0]: each["nets"][0] for each in shown(answer, "count")}
        assert counted == {"to-tell": 1, "to-book": 1, "awaiting-result": 1}
        assert values(answer, "more") == ([True] if offset < 2 else [])
        paged += [each["request"][0]["reference"].removeprefix("ServiceRequest/") for each in shown(answer, "net")]
    assert sorted(paged) == sorted(requests[:3])
    for state in ("to-tell", "to-book", "awaiting-result"):
        assert len(await nets.nets(f"practice={code}&state={state}")) == 1
    assert set(await nets.nets(f"practice={code}&state=closed")) == {requests[3]}
    assert await nets.nets(f"practice={code}&kind=cancer-concern") == {}
    for query in ("state=lost", "kind=flu", "as-of=soon", "colour=red"):
        with pytest.raises(Refused) as refused:
            await nets.practice.call("GET", f"ServiceRequest/$safety-nets?{query}")
        assert refused.value.status == 400
