"""Urgent suspected cancer referrals: criterion, protocol, pathway, recurrence, extra support, advice (000 §6)."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import EXTRA_SUPPORT, REFERRAL_KIND, SUSPECTED_CANCER
from tandem.demo.client import FhirClient, Refused
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.suspected_cancer import (
    CancerReferrals,
    extension,
    judged_by,
    new_referrals,
    told,
)


@pytest.fixture
async def referrals(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> CancerReferrals:
    """An area where nothing is arranged yet, on the morning of 1 July 2020."""
    return await new_referrals(http, embedded)


@pytest.mark.requirement("ECD-003")
async def test_a_member_practices_referral_that_misses_a_step_of_the_protocol_is_refused(
    referrals: CancerReferrals,
) -> None:
    published = await referrals.publish_protocol("examination", "fit-result@lower-gi", interval=["attended=14"])
    assert values(values(published, "protocol")[0], "version") == [1]
    patient = await referrals.register("1950-01-01")
    with pytest.raises(Refused) as refusal:
        await referrals.refer(patient, "rectal-bleeding", step=["examination"])
    [text] = told(refusal)
    assert "step fit-result" in text
    assert referrals.area.codes["north"] in text
    assert "ECD-003" in text
    with pytest.raises(Refused) as refusal:
        await referrals.practice.create(referrals.request(patient, "rectal-bleeding"))
    assert ["step examination" in each or "step fit-result" in each for each in told(refusal)] == [True, True]
    assert await referrals.how_many(patient) == 0

    made = await referrals.referred(patient, "rectal-bleeding", step=["examination", "fit-result"])
    assert judged_by(made)["protocol"] == [f"{referrals.area.codes['north']} version 1"]
    assert judged_by(made)["step"] == ["examination", "fit-result"]
    # A step of another cancer is not asked for, and a practice of another network has no such protocol.
    await referrals.referred(patient, "breast-lump", step=["examination"])
    stranger = await referrals.area.register("southern", birthDate="1950-01-01")
    plain = referrals.request(stranger, "rectal-bleeding") | {"requester": referrals.area.reference("southern")}
    await referrals.area.client("southern").create(plain)


async def test_a_protocol_is_read_by_day_and_published_by_its_network_alone(referrals: CancerReferrals) -> None:
    await referrals.publish_protocol("examination")
    await referrals.publish_protocol("examination", "blood-tests", **{"from": "2020-09-01"})
    shown = await referrals.practice.call("GET", "ServiceRequest/$suspected-cancer-protocol?date=2020-09-02")
    listed = values(shown, "protocol")
    assert [(values(each, "version"), values(each, "inForce")) for each in listed] == [([1], [False]), ([2], [True])]
    await referrals.referred(await referrals.register(), "haemoptysis", step=["examination"])
    for sent, status in (
        ([part("source", valueString="x"), part("step", valueString="horoscope")], 400),
        ([part("source", valueString="x"), part("step", valueString="fit-result@elbow")], 422),
        ([part("source", valueString="x"), part("step", valueString="examination"),
          part("interval", valueString="attended=soon")], 400),
        ([part("source", valueString="x"), part("step", valueString="examination"),
          part("from", valueDate="2020-06-30")], 422),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await referrals.area.client("north").call(
                "POST", "ServiceRequest/$suspected-cancer-protocol", parameters(*sent)
            )
        assert refusal.value.status == status
    with pytest.raises(Refused) as refusal:
        await referrals.practice.call(
            "POST", "ServiceRequest/$suspected-cancer-protocol",
            parameters(part("source", valueString="x"), part("step", valueString="examination")),
        )  # fmt: skip
    assert refusal.value.status == 403


@pytest.mark.on_six_processes
@pytest.mark.requirement("ECD-011")
async def test_symptoms_and_age_name_the_criterion_and_without_one_a_justification_is_needed(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1980-07-01")
    made = await referrals.referred(patient, "haemoptysis")
    judged = judged_by(made)
    assert (judged["criterion"], judged["urgency"], judged["guideline"]) == (
        ["ng12-1.1.1-haemoptysis"], ["refer"], ["ng12-2015"]
    )  # fmt: skip
    assert judged["cancer-type"] == ["lung"]

    younger = await referrals.register("1980-07-02")
    for attempt in (
        lambda: referrals.refer(younger, "haemoptysis"),
        lambda: referrals.practice.create(referrals.request(younger, "haemoptysis")),
        lambda: referrals.practice.create(referrals.request(younger)),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt()
        [text] = told(refusal)
        assert "justification" in text
        assert "NG12" in text
    assert await referrals.how_many(younger) == 0
    justified = await referrals.referred(younger, "haemoptysis", justification="Mother had lung cancer at 41")
    assert judged_by(justified)["justification"] == ["Mother had lung cancer at 41"]
    assert "criterion" not in judged_by(justified)


async def test_plain_fhir_is_held_to_the_criteria_of_its_day(referrals: CancerReferrals) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.practice.create(referrals.request(patient, "haemoptysis"))
    shown = await referrals.shown(made["id"])
    assert values(values(shown, "criterion")[0], "id") == ["ng12-1.1.1-haemoptysis"]
    assert (values(shown, "urgency"), values(shown, "guideline")) == (["refer"], ["ng12-2015"])
    for parts, rule in (
        (("criterion", "Code", "ng12-breast-lump"), "not met"), (("urgency", "Code", "consider"), "urgency differs"),
        (("cancer-type", "Code", "elbow"), "cancer-type is one of"), (("step", "Code", "horoscope"), "step is one of"),
    ):  # fmt: skip
        claimed = referrals.request(patient, "haemoptysis", extension=[extension(SUSPECTED_CANCER, parts)])
        with pytest.raises(Refused) as refusal:
            await referrals.practice.create(claimed)
        assert any(rule in each for each in told(refusal)), told(refusal)
    with pytest.raises(Refused) as refusal:
        await referrals.practice.create(referrals.request(patient, "horoscope"))
    assert any("$suspected-cancer-criteria" in each for each in told(refusal))
    # What only asks for an investigation says so.
    with pytest.raises(Refused) as refusal:
        await referrals.practice.create(referrals.request(patient, "cough", "chest-pain"))
    assert any("ng12-1.1.2-two" in each and "investigation" in each for each in told(refusal))
    # A symptom that is taken away takes the criterion along.
    with pytest.raises(Refused) as refusal:
        await referrals.practice.patch(f"ServiceRequest/{made['id']}", [{"op": "remove", "path": "/reasonCode"}])
    assert any("ECD-011" in each for each in told(refusal))
    # Records of old referrals are not judged.
    await referrals.practice.create(referrals.request(patient, authoredOn="2019-03-01"))
    await referrals.practice.create(referrals.request(patient) | {"status": "draft"})


async def test_a_commissioner_publishes_the_next_version_of_the_criteria(referrals: CancerReferrals) -> None:
    version = f"local-{referrals.area.number}"
    content = (
        f'{{"version": "{version}", "from": "2020-07-01", "source": "Cancer alliance", "based-on": "ng12-2015",'
        ' "symptoms": {"night-sweats": "Night sweats"}, "criteria": [{"id": "local-sweats", "site": "haematological",'
        ' "urgency": "refer", "pathway": "urgent-suspected-cancer", "recommendation": "Local 1", "text": "Sweats",'
        ' "age": {"from": 60}, "all": ["night-sweats"]}]}'
    )
    path = "ServiceRequest/$suspected-cancer-criteria"
    with pytest.raises(Refused) as refusal:
        await referrals.practice.call("POST", path, parameters(part("content", valueString=content)))
    assert refusal.value.status == 403
    board = referrals.area.client("commissioner")
    for wrong in (content.replace('night-sweats"]', 'day-sweats"]'), content.replace("ng12-2015", "ng12-1815")):
        with pytest.raises(Refused) as refusal:
            await board.call("POST", path, parameters(part("content", valueString=wrong)))
        assert refusal.value.status == 422
    await board.call("POST", path, parameters(part("content", valueString=content)))
    with pytest.raises(Refused) as refusal:
        await board.call("POST", path, parameters(part("content", valueString=content)))
    assert refusal.value.status == 409
    made = await referrals.referred(await referrals.register("1950-01-01"), "night-sweats")
    assert (judged_by(made)["criterion"], judged_by(made)["guideline"]) == (["local-sweats"], [version])
    shown = await referrals.practice.call("GET", path)
    assert [values(each, "version") for each in values(shown, "version") if values(each, "inForce")[0]] == [[version]]


@pytest.mark.requirement("ECD-015", "ECD-071")
async def test_non_specific_symptoms_go_to_the_rapid_diagnostic_centre_from_the_day_it_opens(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1955-02-02")
    before = await referrals.referred(patient, "weight-loss")
    [explained] = judged_by(before)["routing"]
    assert "no rapid diagnostic centre is open" in explained
    assert "2020-07-01" in explained
    assert _kind(before) == "urgent-suspected-cancer"
    with pytest.raises(Refused) as refusal:
        await referrals.refer(patient, "weight-loss", performer=None)
    assert "no rapid diagnostic centre is open" in refusal.value.text

    await referrals.open_centre("2020-07-01")
    after = await referrals.referred(patient, "weight-loss", performer=None)
    [explained] = judged_by(after)["routing"]
    assert _kind(after) == "rapid-diagnostic-centre"
    assert after["performer"][0]["identifier"]["value"] == referrals.area.codes["centre"]
    assert "open for" in explained
    assert referrals.area.codes["north"] in explained
    assert "2020-07-01" in explained
    # One of an earlier day goes elsewhere, and says when the centre opens.
    earlier = await referrals.practice.create(referrals.request(patient, "weight-loss", authoredOn="2020-06-30"))
    assert "one opens on 2020-07-01" in values(await referrals.shown(earlier["id"]), "routing")[0]
    for wrong in (
        referrals.request(patient, "weight-loss"),
        referrals.request(patient, "weight-loss")
        | {"category": [{"coding": [{"system": REFERRAL_KIND, "code": "rapid-diagnostic-centre"}]}]},
    ):
        with pytest.raises(Refused) as refusal:
            await referrals.practice.create(wrong)
        assert any("ECD-015" in each for each in told(refusal))
    chosen = await referrals.referred(patient, "weight-loss", elsewhere="She can reach the hospital by bus")
    assert "by bus" in judged_by(chosen)["routing"][0]

    # The configuration of each area holds its dates and explains what it opened; another area has none.
    shown = values(await referrals.practice.call("GET", "ServiceRequest/$pathways?date=2020-06-30"), "pathway")
    assert [(values(each, "area"), values(each, "from"), values(each, "open")) for each in shown] == [
        ([referrals.area.codes["north"]], ["2020-07-01"], [False])
    ]
    assert values(await referrals.area.client("southern").call("GET", "ServiceRequest/$pathways"), "pathway") == []


async def test_pathways_are_set_by_who_is_responsible_for_the_area(referrals: CancerReferrals) -> None:
    area = referrals.area

    async def set_by(client: FhirClient, **said: str) -> int:
        given = {"pathway": "rapid-diagnostic-centre", "from": "2020-09-01", "performer": area.codes["centre"], **said}
        answer = await client.request("POST", "ServiceRequest/$pathways", parameters(
            *(part(name, valueString=value) for name, value in given.items())
        ))  # fmt: skip
        return answer.status_code

    assert await set_by(area.client("commissioner"), area=area.codes["north"]) == 201
    assert await set_by(area.client("commissioner")) == 201
    assert await set_by(area.client("north"), area=area.codes["south"]) == 403
    assert await set_by(area.client("northern")) == 403
    assert await set_by(area.client("operator"), area=area.codes["northern"]) == 422
    assert await set_by(area.client("north"), performer="RZ999") == 422
    assert await set_by(area.client("north"), pathway="elbow") == 400
    assert await set_by(area.client("north"), until="2020-08-01") == 400


@pytest.mark.requirement("ECD-021")
async def test_a_suspected_recurrence_needs_its_minimum_data_and_is_offered_the_rapid_diagnostic_centre(
    referrals: CancerReferrals,
) -> None:
    await referrals.open_centre("2020-07-01")
    patient = await referrals.register("1955-02-02")
    with pytest.raises(Refused) as refusal:
        await referrals.refer(patient, recurrence=True)
    faults = " ".join(told(refusal))
    for missing in ("lacks previous-cancer", "lacks treated", "lacks current symptoms", "ECD-021"):
        assert missing in faults
    with pytest.raises(Refused) as refusal:
        await referrals.refer(patient, "breast-lump", recurrence=True, treated="2021-01-01", previous_cancer="Breast")
    assert "future" in told(refusal)[0]
    assert await referrals.how_many(patient) == 0

    said = {"recurrence": True, "previous_cancer": "Cancer of the left breast", "treated": "2012"}
    made = await referrals.referred(patient, "breast-lump", **said)
    judged = judged_by(made)
    assert judged["criterion"] == ["ng12-breast-lump"]
    assert judged["offered-pathway"][0]["identifier"]["value"] == referrals.area.codes["centre"]
    assert "rapid diagnostic centre" in judged["routing"][0]
    assert (judged["previous-cancer"], judged["treated"]) == ([{"text": "Cancer of the left breast"}], ["2012"])
    taken = await referrals.referred(
        patient, "breast-lump", performer=None, pathway="rapid-diagnostic-centre", **said
    )  # fmt: skip
    assert _kind(taken) == "rapid-diagnostic-centre"


async def test_without_a_centre_nothing_is_offered_to_a_suspected_recurrence(referrals: CancerReferrals) -> None:
    patient = await referrals.register("1955-02-02")
    said = {"recurrence": True, "previous_cancer": "Cancer of the left breast", "treated": "2012"}
    assert "offered-pathway" not in judged_by(await referrals.referred(patient, "breast-lump", **said))
    with pytest.raises(Refused) as refusal:
        await referrals.refer(patient, "breast-lump", pathway="rapid-diagnostic-centre", **said)
    assert "no rapid diagnostic centre is open" in told(refusal)[0]


@pytest.mark.requirement("ECD-047")
async def test_decision_support_recommends_by_criterion_and_the_tool_stands_on_the_referral(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1950-01-01")
    path = "ServiceRequest/$suspected-cancer-advice"
    advice = await referrals.practice.call("GET", f"{path}?patient=Patient/{patient}&symptom=haemoptysis&symptom=cough")
    [first] = values(advice, "recommendation")
    assert (values(first, "criterion"), values(first, "urgency"), values(first, "recommendation")) == (
        ["ng12-1.1.1-haemoptysis"], ["refer"], ["1.1.1"]
    )  # fmt: skip
    tool = values(advice, "tool")[0]
    [name], [version] = values(tool, "name"), values(tool, "version")
    made = await referrals.referred(patient, "haemoptysis")
    assert judged_by(made)["tool"] == [f"{name}, {version}"]
    other = await referrals.referred(patient, "haemoptysis", tool="QCancer")
    assert judged_by(other)["tool"] == ["QCancer"]

    young = await referrals.practice.call("GET", f"{path}?age=30&sex=female&symptom=haemoptysis")
    assert not values(young, "recommendation")
    assert "No criterion is met" in values(young, "advice")[0]
    for query, status in (
        ("age=30", 400), ("symptom=cough", 400), ("symptom=cough&age=ten", 400), ("symptom=cough&age=30&sex=x", 400),
        (f"symptom=cough&age=30&patient=Patient/{patient}", 400), ("symptom=horoscope&age=30", 422),
        ("symptom=cough&patient=Patient/nobody", 404),
    ):  # fmt: skip
        assert (await referrals.practice.request("GET", f"{path}?{query}")).status_code == status, query
    stranger = await referrals.area.client("southern").request("GET", f"{path}?patient=Patient/{patient}&symptom=cough")
    assert stranger.status_code == 404


@pytest.mark.requirement("ECD-040")
async def test_extra_support_raises_a_link_workers_referral_whose_outcome_is_readable(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis", extra_support="Nobody can bring her to the hospital")
    [support] = values(await referrals.shown(made["id"]), "extra-support")
    linked = await referrals.practice.read(values(support, "request")[0]["reference"])
    assert linked["basedOn"] == [{"reference": f"ServiceRequest/{made['id']}"}]
    assert _kind(linked) == "social-prescribing"
    assert linked["status"] == "active"
    assert linked["performer"][0]["identifier"]["value"] == referrals.area.codes["north"]
    # Written again it raises no second one.
    await referrals.practice.patch(
        f"ServiceRequest/{made['id']}", [{"op": "add", "path": "/note", "value": [{"text": "Rang her"}]}]
    )
    assert await referrals.how_many(patient) == 2

    await referrals.practice.caught_up()
    network = referrals.area.client("north")
    [task] = await network.search(f"Task?focus=ServiceRequest/{linked['id']}")
    for status in ("accepted", "in-progress"):
        task = await network.call("PUT", f"Task/{task['id']}", {**task, "status": status})
    reply = [{"type": {"text": "Outcome"}, "valueString": "A volunteer drives her"}]
    await network.call("PUT", f"Task/{task['id']}", {**task, "status": "completed", "output": reply})
    await referrals.practice.caught_up()
    [support] = values(await referrals.shown(made["id"]), "extra-support")
    assert (values(support, "status"), values(support, "outcome")) == (["completed"], ["completed"])
    assert values(support, "reply") == ["A volunteer drives her"]


async def test_extra_support_is_asked_of_whom_the_practice_names_and_says_what_is_needed(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(
        patient,
        "haemoptysis",
        extra_support="An interpreter",
        extra_support_performer=referrals.area.reference("south"),
    )
    [support] = values(await referrals.shown(made["id"]), "extra-support")
    linked = await referrals.practice.read(values(support, "request")[0]["reference"])
    assert linked["performer"][0]["identifier"]["value"] == referrals.area.codes["south"]


async def test_a_need_that_shows_later_is_added_without_judging_the_referral_anew(referrals: CancerReferrals) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis")
    await referrals.publish_protocol("examination")
    flag = [{"op": "add", "path": "/extension/-", "value": extension(EXTRA_SUPPORT, ("need", "String", "  "))}]
    with pytest.raises(Refused) as refusal:
        await referrals.practice.patch(f"ServiceRequest/{made['id']}", flag)
    assert "ECD-040" in told(refusal)[0]
    flag[0]["value"] = extension(EXTRA_SUPPORT, ("need", "String", "A lift"))
    await referrals.practice.patch(f"ServiceRequest/{made['id']}", flag)
    assert values(await referrals.shown(made["id"]), "extra-support")


async def test_a_redirected_referral_keeps_its_judgement_and_asks_for_support_no_second_time(
    referrals: CancerReferrals,
) -> None:
    patient = await referrals.register("1950-01-01")
    made = await referrals.referred(patient, "haemoptysis", extra_support="A lift")
    # What the network asks for from now on does not hold a referral up that was made before.
    await referrals.publish_protocol("examination")
    newer = await referrals.practice.call("POST", f"ServiceRequest/{made['id']}/$redirect", parameters(
        part("performer", valueReference=referrals.area.reference("centre")),
        part("reason", valueString="The trust has no capacity"),
    ))  # fmt: skip
    assert newer["status"] == "active"
    shown, before = [await referrals.shown(each["id"]) for each in (newer, made)]
    assert values(shown, "criterion") == values(before, "criterion")
    assert values(shown, "extra-support") == values(before, "extra-support")
    assert await referrals.how_many(patient) == 3
    with pytest.raises(Refused) as refusal:
        await referrals.practice.create(
            referrals.request(patient, "breast-lump", replaces=[{"reference": f"ServiceRequest/{newer['id']}"}])
        )
    assert "step examination" in told(refusal)[0]


def _kind(request: dict[str, object]) -> str:
    [concept] = request["category"]  # type: ignore[misc]
    return str(concept["coding"][0]["code"])  # type: ignore[index]
