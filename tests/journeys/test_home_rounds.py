"""Weekly home rounds: whether they are held, who leads them, who comes, and by which policy that is judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.home_rounds import RoundHome, new_home, told, weekly
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

WEDNESDAY = "2020-12-02"


@pytest.fixture(scope="module")
def december(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands at the morning of Wednesday 2 December 2020, when rounds have been owed for weeks."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("december"), "--clock", f"{WEDNESDAY}T09:00+00:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def home(december: EmbeddedTandem, http: httpx.AsyncClient) -> RoundHome:
    return await new_home(http, december)


async def publish(client: FhirClient, version: str, **lists: Any) -> Resource:
    """A commissioner's next version of the policy, from today on."""
    sent = [part("version", valueString=version), part("source", valueString="Local decision")]
    for name, listed in lists.items():
        sent += [part(name.replace("_", "-"), valueCode=each) for each in listed]
    return await client.call("POST", "Schedule/$round-policy", parameters(*sent))


async def refused(call: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await call
    return caught.value


async def test_the_rounds_of_a_home_are_those_of_its_network_and_of_its_residents_practices(home: RoundHome) -> None:
    southern = home.area.client("southern")
    await home.hire("moss", "gp", "southern")
    await southern.caught_up()
    plan = parameters(
        part("home", valueReference=home.area.reference("elms")), part("start", valueString="2020-12-03T10:00+00:00"),
        part("leader", valueReference={"reference": home.staff["moss"]}), part("weeks", valueInteger=1),
    )  # fmt: skip
    told = await refused(southern.call("POST", "Schedule/$plan-rounds", plan))
    assert told.status == 422
    assert "aligned" in told.text
    assert "§3.16" in told.text
    assert await southern.search("Schedule?_summary=count") == []

    patient = await home.area.register("southern")
    await home.area.move_in("southern", patient, "elms", "2020-11-01")
    await southern.caught_up()
    assert values(await southern.call("POST", "Schedule/$plan-rounds", plan), "schedule")


@pytest.mark.requirement("EHCH-027")
async def test_a_week_without_a_round_in_person_shows_as_missed(home: RoundHome) -> None:
    await home.begin_series("2020-09-01")
    for day in weekly("2020-09-02", 14):
        if day not in ("2020-09-16", "2020-10-14", "2020-11-04"):
            await home.hold(day, "gp")
    await home.hold("2020-10-14", "gp", mode="Telephone")
    answer = await home.compliance(as_of=WEDNESDAY)
    # The week of 14 September had none either, before rounds were owed; this week is not over.
    assert values(answer, "missed") == ["2020-10-12", "2020-11-02"]
    assert values(answer, "owed-from") == ["2020-09-30"]
    assert len(values(answer, "round")) == 12
    assert values(await home.compliance(as_of="2020-11-08"), "missed") == ["2020-10-12"]


@pytest.mark.requirement("EHCH-028")
async def test_only_a_suitable_clinician_leads(home: RoundHome) -> None:
    await home.begin_series("2020-12-01")
    planned = await home.network.create(home.a_round(WEDNESDAY, "gp", status="booked"))
    wrong = await refused(home.take(planned["id"], "start", part("leader", valueReference=_staff(home, "worker"))))
    assert wrong.status == 422
    assert "led by a suitable clinician (000 §3.16 r6; policy 1)" in wrong.text
    assert (await home.network.read(f"Appointment/{planned['id']}"))["status"] == "booked"
    begun = await home.take(planned["id"], "start", part("leader", valueReference=_staff(home, "nurse")))
    assert values(begun, "appointment")[0]["status"] == "arrived"
    posted = await refused(home.network.create(home.a_round("2020-11-25", "worker")))
    assert posted.status == 422


@pytest.mark.requirement("EHCH-029")
async def test_fifteen_days_without_a_gp_are_a_breach_and_alternating_is_none(home: RoundHome) -> None:
    await home.begin_series("2020-11-18")
    for day, leader in zip(weekly("2020-11-18", 3), ("gp", "nurse", "nurse"), strict=True):
        await home.hold(day, leader)
    assert await home.breaches(WEDNESDAY) == []
    assert await home.breaches("2020-12-03") == ["2020-12-03"]

    await home.begin_series("2020-10-06")
    for number, day in enumerate(weekly("2020-10-06", 9)):
        await home.hold(day, "nurse" if number % 2 else "gp")
    assert await home.breaches(WEDNESDAY) == []


@pytest.mark.requirement("EHCH-030")
async def test_a_geriatrician_stands_in_for_the_gp_only_by_local_agreement(home: RoundHome) -> None:
    await home.begin_series("2020-11-04")
    await home.hold("2020-11-04", "gp")
    await home.hold("2020-11-18", "geriatrician")
    assert await home.breaches(WEDNESDAY) == ["2020-11-19"]
    agreed = parameters(
        part("organization", valueReference=home.area.reference("provider")),
        part("part", valueCode="substitute-for-gp"), part("agreed", valueDate="2020-11-01"),
    )  # fmt: skip
    address = f"Schedule/{home.series}/$agree-part"
    stranger = await refused(home.area.client("provider").call("POST", address, agreed))
    assert stranger.status in (403, 404)
    await home.network.call("POST", address, agreed)
    assert await home.breaches(WEDNESDAY) == []


@pytest.mark.requirement("EHCH-031")
async def test_the_home_sees_how_consistent_its_team_is(home: RoundHome) -> None:
    await home.begin_series("2020-11-11", "gp", "physiotherapist", "pharmacist", "worker")
    for number, day in enumerate(weekly("2020-11-11", 4)):
        absent = ("worker",) if number in (1, 2) else ()
        others = tuple(each for each in ("physiotherapist", "pharmacist", "worker") if each not in absent)
        await home.hold(day, "gp", *others, absent=absent)
    team = values(await home.area.client("elms").read(f"Schedule/{home.series}/$round-compliance"), "team")[0]
    members = {told(each)["who"]["reference"] for each in values(team, "member")}
    assert members == {home.staff[each] for each in ("gp", "physiotherapist", "pharmacist", "worker")}
    assert [told(each)["share"] for each in values(team, "present")] == [1, 0.75, 0.75, 1]
    assert values(team, "low-consistency") == [False]

    await home.begin_series("2020-11-11", "gp", "physiotherapist", "pharmacist", "worker")
    for day in (*weekly("2020-11-12", 3), "2020-12-01"):
        await home.hold(day, "nurse", "pharmacist", absent=("gp", "physiotherapist", "worker"))
    [team] = values(await home.compliance(), "team")
    assert [told(each)["share"] for each in values(team, "present")] == [0.25] * 4
    assert values(team, "low-consistency") == [True]


@pytest.mark.requirement("EHCH-035")
async def test_what_the_community_provider_agreed_shows_as_fulfilled_or_gap(home: RoundHome) -> None:
    await home.begin_series("2020-11-18")
    for name in ("deliver", "take-part", "prepare"):
        await home.network.call("POST", f"Schedule/{home.series}/$agree-part", parameters(
            part("organization", valueReference=home.area.reference("provider")),
            part("part", valueCode=name), part("agreed", valueDate="2020-11-01"),
        ))  # fmt: skip
    first = await home.hold("2020-11-18", "community-nurse", "gp")
    second = await home.hold("2020-11-25", "gp", "physiotherapist")
    third = await home.hold("2020-12-01", "gp")
    await home.area.client("provider").create({
        "resourceType": "Task", "status": "completed", "intent": "order", "owner": home.area.reference("provider"),
        "code": {"coding": [{"system": TASK_KIND, "code": "round-preparation"}]},
        "focus": {"reference": f"Appointment/{third}"},
    })  # fmt: skip
    shown: dict[str, dict[str, str]] = {}
    for each in values(await home.compliance(), "part"):
        assert values(each, "organisation") == [home.area.codes["provider"]]
        rounds = [told(one) for one in values(each, "round")]
        shown[values(each, "part")[0]] = {one["appointment"]["reference"][12:]: one["state"] for one in rounds}
    assert shown == {
        "deliver": {first: "fulfilled", second: "gap", third: "gap"},
        "take-part": {first: "fulfilled", second: "fulfilled", third: "gap"},
        "prepare": {first: "gap", second: "gap", third: "fulfilled"},
    }


@pytest.mark.requirement("EHCH-037")
async def test_permitted_roles_join_rounds_until_the_role_is_removed(home: RoundHome) -> None:
    commissioner, patient = home.area.client("commissioner"), await home.resident()
    [current] = values(await home.network.read("Schedule/$round-policy"), "in-force")
    roles, reviewers = values(current, "roles"), values(current, "medication-review")
    assert "physiotherapist" in roles
    assert "clinical-pharmacist" in reviewers
    await home.begin_series("2020-11-18")
    round_ = await home.hold(WEDNESDAY, "gp", "physiotherapist", "pharmacist", at="07:00")
    review = (
        part("patient", valueString=f"Patient/{patient}"), part("note", valueString="Walks less"),
        part("medication-review-due", valueDate="2020-12-16"),
    )  # fmt: skip
    wrong = await refused(
        home.take(round_, "record", *review, part("medication-review-by", valueReference=_staff(home, "worker")))
    )
    assert "001 EHCH workforce" in wrong.text
    done = await home.take(
        round_, "record", *review, part("medication-review-by", valueReference=_staff(home, "pharmacist"))
    )
    given = await home.network.search(f"Task?part-of=Task/{done['id']}")
    assert [each["owner"]["reference"] for each in given] == [home.staff["pharmacist"]]
    assert given[0]["for"]["reference"] == f"Patient/{patient}"

    await publish(commissioner, "no-physiotherapist", roles=[each for each in roles if each != "physiotherapist"],
                  medication_review=["care-home-pharmacist"])  # fmt: skip
    gone = await refused(home.network.create(home.a_round(WEDNESDAY, "gp", "physiotherapist", at="08:00")))
    assert gone.status == 422
    assert "is Physiotherapist: policy no-physiotherapist of home rounds" in gone.text
    other = await home.resident()
    again = await refused(home.take(
        round_, "record", part("patient", valueString=f"Patient/{other}"),
        part("medication-review-by", valueReference=_staff(home, "pharmacist")),
        part("medication-review-due", valueDate="2020-12-16"),
    ))  # fmt: skip
    assert again.status == 422
    assert await home.network.search(f"Task?patient=Patient/{other}") == []


@pytest.mark.requirement("EHCH-084")
async def test_a_version_that_admits_nurses_alters_the_breach(home: RoundHome) -> None:
    await home.begin_series("2020-11-18")
    await home.hold("2020-11-18", "gp")
    await home.hold(WEDNESDAY, "nurse")
    [current] = values(await home.network.read("Schedule/$round-policy"), "in-force")
    assert values(current, "gp-led") == ["gp"]
    assert "practice-nurse" in values(current, "lead")
    assert await home.breaches("2020-12-03") == ["2020-12-03"]
    stranger = await refused(publish(home.area.client("northern"), "ours", gp_led=["gp", "practice-nurse"]))
    assert stranger.status == 403
    await publish(home.area.client("commissioner"), "nurses-cover", gp_led=["gp", "practice-nurse", "physiotherapist"])
    answer = await home.compliance(as_of="2020-12-03")
    assert values(answer, "gp-led-breach") == []
    assert values(answer, "policy") == ["nurses-cover"]
    judged = [told(each) for each in values(answer, "round")]
    assert [(each["gp-led"], each["policy"]) for each in judged] == [(True, "1"), (True, "nurses-cover")]
    held = await refused(publish(home.area.client("commissioner"), "nurses-cover", gp_led=["gp"]))
    assert held.status == 409


@pytest.mark.requirement("EHCH-085")
async def test_a_virtual_round_counts_once_the_policy_says_so(home: RoundHome) -> None:
    await home.begin_series("2020-11-30")
    await home.hold(WEDNESDAY, "gp", mode="Video")
    after = await home.compliance(as_of="2020-12-07")
    assert values(after, "missed") == ["2020-11-30"]
    await publish(home.area.client("commissioner"), "virtual-too", modes=["In-person", "Video"])
    after = await home.compliance(as_of="2020-12-07")
    assert values(after, "missed") == []
    [shown] = [told(each) for each in values(after, "round")]
    assert (shown["mode"], shown["counts"], shown["policy"]) == ("Video", True, "virtual-too")


@pytest.mark.requirement("EHCH-090")
async def test_the_template_tells_steps_roles_and_organisations(home: RoundHome) -> None:
    [template] = values(await home.area.client("elms").read("Schedule/$round-policy"), "in-force")
    assert [each["code"] for each in values(template, "step")][:3] == ["flag", "triage", "list"]
    assert {"gp", "care-home-staff", "social-worker"} <= set(values(template, "roles"))
    assert {"practice", "community-provider", "care-home"} <= set(values(template, "organisations"))
    await home.begin_series("2020-12-01")
    await home.hire("stranger", "no-such-kind")
    await home.hire("national", "practice-nurse", "commissioner")
    await home.area.client("operator").caught_up()
    unlisted = await refused(home.network.create(home.a_round("2020-12-01", "gp", "stranger")))
    assert (unlisted.status, "002 EHCH clar2" in unlisted.text) == (422, True)
    outside = await refused(home.network.create(home.a_round("2020-12-01", "gp", "national")))
    assert "is from: commissioner" in outside.text


def _staff(home: RoundHome, name: str) -> dict[str, str]:
    return {"reference": home.staff[name]}
