"""Whom a home round sees: flags of the home, acuity, end-of-life care, triage; what is recorded; who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tandem.canonical import TASK_KIND
from tandem.demo.client import Refused
from tandem_tests.home_round_story import SERIES, TODAY, round_from_plan_to_end
from tandem_tests.home_rounds import BASE, RoundHome, new_home, told
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

THURSDAY = "2020-12-03"


@pytest.fixture(scope="module")
def december(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands at the morning of Wednesday 2 December 2020."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("december"), "--clock", f"{TODAY}T09:00+00:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def home(december: EmbeddedTandem, http: httpx.AsyncClient) -> RoundHome:
    """The home with a series, and the next round planned for tomorrow."""
    home = await new_home(http, december)
    await home.begin_series(SERIES)
    return home


async def next_round(home: RoundHome) -> str:
    return await home.hold(THURSDAY, "gp", "community-nurse", status="booked")


def patient_of(resident: dict[str, Any]) -> str:
    return str(resident["patient"]["reference"]).removeprefix("Patient/")


def triage(
    home: RoundHome, patient: str, flag: str, outcome: str | None = "before-round", **more: Any
) -> dict[str, Any]:  # fmt: skip
    """A completed triage of a flag by the provider's community nurse."""
    concept = {"coding": [{"system": f"{BASE}/CodeSystem/triage-outcome", "code": outcome}]}
    output = {"output": [{"type": {"text": "triage"}, "valueCodeableConcept": concept}]} if outcome else {}
    return {
        "resourceType": "Task", "status": "completed", "intent": "order", "priority": "urgent",
        "code": {"coding": [{"system": TASK_KIND, "code": "triage"}]}, "for": {"reference": f"Patient/{patient}"},
        "focus": {"reference": f"Task/{flag}"}, "owner": {"reference": home.staff["community-nurse"]},
        **output, **more,
    }  # fmt: skip


@pytest.mark.requirement("EHCH-032")
async def test_whom_the_home_nominates_is_on_the_next_rounds_list_with_its_reason(home: RoundHome) -> None:
    nominated, _other = await home.resident(), await home.resident()
    round_ = await next_round(home)
    assert await home.list_of(round_) == []
    flag = await home.flag(nominated, "Has eaten little since Sunday")
    [listed] = await home.list_of(round_)
    assert patient_of(listed) == nominated
    assert listed["reason"]["text"] == "Has eaten little since Sunday"
    assert (listed["reason"]["task"]["reference"], listed["reason"]["by"]) == (f"Task/{flag}", home.area.codes["elms"])
    nameless = {
        "resourceType": "Task", "status": "requested", "intent": "proposal",
        "for": {"reference": f"Patient/{nominated}"},
        "code": {"coding": [{"system": TASK_KIND, "code": "home-flag"}]},
    }  # fmt: skip
    with pytest.raises(Refused) as without_reason:
        await home.area.client("elms").create(nameless)
    assert (without_reason.value.status, "the home's reason" in without_reason.value.text) == (422, True)


@pytest.mark.requirement("EHCH-033")
async def test_a_rising_score_is_first_and_shown(home: RoundHome) -> None:
    flagged, steady, rising = await home.resident(), await home.resident(), await home.resident()
    await home.flag(flagged, "Asks for the doctor")
    for patient, first, second in ((steady, 5, 5), (rising, 2, 4)):
        await home.score(patient, "2020-11-30", first)
        await home.score(patient, "2020-12-01", second)
    listed = await home.list_of(await next_round(home))
    assert [patient_of(each) for each in listed] == [rising, steady, flagged]
    assert listed[0]["acuity"] == {"score": 4, "taken": "2020-12-01", "rising": True, "before": 2}
    assert listed[1]["acuity"]["rising"] is False


@pytest.mark.requirement("EHCH-034")
async def test_possible_end_of_life_care_is_a_reason(home: RoundHome) -> None:
    patient = await home.resident()
    await home.flag(patient, "Sleeps most of the day, refuses food", "end-of-life-care")
    [listed] = await home.list_of(await next_round(home))
    assert (patient_of(listed), listed["reason"]["kind"]) == (patient, "end-of-life-care")


@pytest.mark.requirement("EHCH-036")
async def test_a_community_nurse_triages_and_the_list_reflects_it(home: RoundHome) -> None:
    await home.share_with_provider()
    first, second, third = await home.resident(), await home.resident(), await home.resident()
    flags = [await home.flag(each, "Fell twice this week") for each in (first, second, third)]
    for patient, flag in zip((second, third), flags[1:], strict=True):
        await home.network.create({
            **triage(home, patient, flag, None), "status": "requested", "owner": home.area.reference("provider"),
        })  # fmt: skip
    await home.area.client("operator").caught_up()
    round_ = await next_round(home)
    answer = await home.network.read(f"Appointment/{round_}/$round-list")
    assert {each["reference"] for each in values(answer, "untriaged")} == {f"Task/{each}" for each in flags}

    provider = home.area.client("provider")
    await provider.create(triage(home, second, flags[1]))
    await provider.create(triage(home, third, flags[2], "no-review-needed", priority="routine"))
    answer = await home.network.read(f"Appointment/{round_}/$round-list")
    listed = [told(each) for each in values(answer, "resident")]
    assert [patient_of(each) for each in listed] == [second, first]
    assert (listed[0]["reason"]["triage"]["priority"], listed[0]["reason"]["triage"]["outcome"]) == (
        "urgent", "before-round",
    )  # fmt: skip
    assert [each["reference"] for each in values(answer, "untriaged")] == [f"Task/{flags[0]}"]


async def test_a_triage_says_how_urgent_and_is_by_somebody_who_may(home: RoundHome) -> None:
    patient = await home.resident()
    flag = await home.flag(patient, "Fell twice this week")
    bare = triage(home, patient, flag, None, owner={"reference": home.staff["worker"]})
    del bare["priority"]
    with pytest.raises(Refused) as refused:
        await home.network.create(bare)
    texts = " ".join(each["details"]["text"] for each in refused.value.outcome["issue"])
    assert refused.value.status == 422
    assert all(word in texts for word in ("priority", "outcome", "member of staff of a kind that may"))


async def test_what_somebody_else_says_of_a_resident_puts_nobody_onto_the_list(home: RoundHome) -> None:
    patient = await home.resident()
    await home.flag(patient, "Come and see", client="oaks")
    await home.network.create(triage(home, patient, await home.flag(patient, "Is short of breath")))
    await home.area.client("oaks").create(
        triage(home, patient, (await home.list_of(await next_round(home)))[0]["reason"]["task"]["reference"][5:],
               "no-review-needed")
    )  # fmt: skip
    [listed] = await home.list_of(await next_round_of_friday(home))
    assert listed["reason"]["text"] == "Is short of breath"
    assert listed["reason"]["triage"]["outcome"] == "before-round"


async def next_round_of_friday(home: RoundHome) -> str:
    return await home.hold("2020-12-04", "gp", status="booked")


async def test_a_round_from_its_plan_to_its_end(home: RoundHome) -> None:
    await round_from_plan_to_end(home)


async def test_a_plan_makes_the_series_of_whoever_asked(december: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    home = await new_home(http, december)
    plan = parameters(
        part("home", valueReference=home.area.reference("elms")), part("start", valueDateTime=f"{TODAY}T08:30+00:00"),
        part("mode", valueCode="Video"), part("leader", valueReference={"reference": home.staff["gp"]}),
    )  # fmt: skip
    planned = await home.area.client("north").call("POST", "Schedule/$plan-rounds", plan)
    [series] = [each["reference"].removeprefix("Schedule/") for each in values(planned, "schedule")]
    [first, *_] = [told(each)["appointment"]["reference"][12:] for each in values(planned, "round")]
    begun = await home.take(first, "start")
    assert values(begun, "counts") == [False]
    assert "is held by Video and does not count for its week: policy 1" in values(begun, "warning")[0]
    home.series = series
    assert values(await home.compliance(as_of="2020-12-14"), "missed") == ["2020-12-07"]
    with pytest.raises(Refused) as network_of_another:
        await home.take(
            first, "finish", part("present", valueReference={"reference": home.staff["gp"]}), client="south"
        )
    assert network_of_another.value.status == 404


async def test_rounds_do_not_overlap_and_strangers_add_none(home: RoundHome) -> None:
    await next_round(home)
    with pytest.raises(Refused) as same_home:
        await home.hold(THURSDAY, "nurse", status="booked")
    assert "Another round of this home" in same_home.value.text
    with pytest.raises(Refused) as stranger:
        await home.area.client("southern").create(home.a_round("2020-12-10", "gp", status="booked"))
    assert stranger.value.status in (403, 422)
    with pytest.raises(Refused) as future:
        await home.network.create(home.a_round("2020-12-10", "gp"))
    assert "not before" in future.value.text


async def test_another_homes_network_sees_none_of_it(home: RoundHome) -> None:
    patient = await home.resident()
    await home.flag(patient, "Has eaten little since Sunday")
    round_ = await next_round(home)
    assert (await home.area.client("elms").request("GET", f"Appointment/{round_}")).status_code == 200
    assert await home.list_of(round_, "elms") == []
    for stranger in ("south", "southern", "oaks", "commissioner"):
        client = home.area.client(stranger)
        for path in (f"Appointment/{round_}/$round-list", f"Schedule/{home.series}/$round-compliance"):
            assert (await client.request("GET", path)).status_code == 404
