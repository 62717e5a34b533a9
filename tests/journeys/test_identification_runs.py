"""Identification runs as a network makes them: complete, twice a year, with tools, in stages, and by whose approach."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.listed_people import FALLS, LIVES_ALONE, MODERATE_FRAILTY, judgement, parameters, practitioner
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

SMR = (
    "smr-care-home-residents", "smr-polypharmacy", "smr-error-prone-medicines", "smr-multimorbidity",
    "smr-housebound-isolated-frail", "smr-geriatric-assessment", "smr-severe-frailty", "smr-addictive-pain-medicines",
)  # fmt: skip
"""The groups of 000 paragraph 2.7, in its order."""


def asked(*pairs: tuple[str, Any]) -> Resource:
    """Parameters of texts, and of parts where the value is a list of pairs."""
    return {"resourceType": "Parameters", "parameter": [
        {"name": name, "part": [{"name": part, "valueString": text} for part, text in value]}
        if isinstance(value, list) else {"name": name, "valueString": value}
        for name, value in pairs
    ]}  # fmt: skip


async def post(client: FhirClient, operation: str, *pairs: tuple[str, Any]) -> dict[str, list[Any]]:
    """What `Group/$operation` answers, by name."""
    return parameters(await client.call("POST", f"Group/${operation}", asked(*pairs)))


async def get(client: FhirClient, address: str) -> dict[str, list[Any]]:
    """What `Group/$...` answers, by name."""
    return parameters(await client.call("GET", f"Group/${address}"))


@pytest.fixture
async def lists(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> PracticeLists:
    """A practice in a neighbourhood of its own."""
    return await practice_lists(http, embedded)


async def person_at_rising_risk(lists: PracticeLists, *, fell: bool = False) -> str:
    """A new person with moderate frailty who lives alone."""
    patient = await lists.register("1938-02-01")
    await lists.observe(patient, MODERATE_FRAILTY)
    await lists.observe(patient, LIVES_ALONE)
    if fell:
        await lists.observe(patient, FALLS, "2020-06-10")
    return patient


def references(found: list[dict[str, list[Any]]]) -> set[str]:
    return {each["patient"][0]["reference"].removeprefix("Patient/") for each in found}


@pytest.mark.on_six_processes
@pytest.mark.requirement("SMR-031")
async def test_a_run_considers_every_cohort_and_counts_each(lists: PracticeLists, http: httpx.AsyncClient) -> None:
    severe = await lists.register()
    await lists.observe(severe, ("925861000000102", "Severe frailty"))
    await lists.client.caught_up()
    network = lists.here.client(http, "network")
    for omitted in ("smr-geriatric-assessment", "smr-addictive-pain-medicines"):
        considered = [("cohort", cohort) for cohort in SMR if cohort != omitted]
        with pytest.raises(Refused) as refusal:
            await post(network, "identify", ("service", "SMR"), *considered)
        assert refusal.value.status == 422
        assert omitted in refusal.value.text
    assert await get(network, "runs?service=SMR") == {}, "a refused run is none"

    run = await post(network, "identify", ("service", "SMR"))
    counts = {each["cohort"][0]: each["count"][0] for each in run["cohort"]}
    assert {cohort: counts[cohort] for cohort in SMR} == {
        **dict.fromkeys(SMR, 0), "smr-severe-frailty": 1, "smr-housebound-isolated-frail": 1,
    }  # fmt: skip
    assert run["people"] == [1]
    [kept] = (await get(network, "runs?service=SMR"))["run"]
    assert {each["cohort"][0] for each in kept["cohort"]} >= set(SMR)
    assert all(each["definition"][0].startswith(each["cohort"][0] + "@") for each in kept["cohort"])


@pytest.mark.requirement("SMR-030")
async def test_a_run_is_overdue_after_six_months_until_everybody_is_looked_through(
    new_system: Any, tandem: Any, http: httpx.AsyncClient
) -> None:
    system: EmbeddedTandem = new_system("--clock", "2020-07-01T09:00+01:00")
    here: Neighbourhood = await settle_in(http, system)
    operator = here.client(http, "operator")
    # The neighbourhood's other practice joins the network too.
    affiliation = here.sharing("network", "other")
    affiliation["code"][0]["coding"][0]["code"] = "member"
    await operator.create({name: value for name, value in affiliation.items() if name != "extension"})
    await operator.caught_up()
    network = here.client(http, "network")
    await post(network, "identify", ("service", "SMR"))

    async def smr_duty() -> dict[str, list[Any]]:
        [duty] = (await get(here.client(http, "network"), "duty?service=SMR"))["duty"]
        return duty

    duty = await smr_duty()
    assert (duty["last"], duty["nextDue"], duty["overdue"]) == (["2020-07-01"], ["2021-01-01"], [False])
    assert tandem("clock", "set", "2021-01-01T23:00", "--data", system.data).returncode == 0
    assert (await smr_duty())["overdue"] == [False]
    assert tandem("clock", "set", "2021-01-02T09:00", "--data", system.data).returncode == 0
    assert (await smr_duty())["overdue"] == [True]

    network = here.client(http, "network")
    await post(network, "identify", ("service", "SMR"), ("practice", here.codes["practice"]))
    duty = await smr_duty()
    assert duty["overdue"] == [True], "one practice of two is not everybody"
    assert {each["practice"][0]: each["overdue"][0] for each in duty["practice"]} == {
        here.codes["practice"]: False, here.codes["other"]: True,
    }  # fmt: skip
    await post(network, "identify", ("service", "SMR"))
    duty = await smr_duty()
    assert (duty["overdue"], duty["last"], duty["nextDue"]) == ([False], ["2021-01-02"], ["2021-07-02"])


@pytest.mark.requirement("SMR-017")
async def test_a_tool_is_registered_and_its_audit_imported(lists: PracticeLists, http: httpx.AsyncClient) -> None:
    here, network = lists.here, lists.here.client(http, "network")
    tool = (("tool", "PINCER"), ("toolVersion", "2.1"))
    data = ("dataDate", "2020-06-20")
    rows = f"NHS number,Finding,Text\n{here.nhs_number},GI-A,NSAID without gastroprotection\n9999999999,GI-A,Other\n"
    with pytest.raises(Refused) as refusal:
        await post(network, "import-audit", *tool, data, ("rows", rows))
    assert refusal.value.status == 422, "not registered yet"
    await post(network, "register-tool", *tool)
    [registered] = (await get(network, "tools"))["tool"]
    assert (registered["name"], registered["version"]) == (["PINCER"], ["2.1"])

    imported = await post(network, "import-audit", *tool, data, ("rows", rows))
    assert (imported["tool"], imported["toolVersion"], imported["dataDate"]) == (["pincer"], ["2.1"], ["2020-06-20"])
    assert imported["matched"] == [1]
    assert [each["line"] for each in imported["unmatched"]] == [[3]]
    [run] = (await get(network, "runs"))["run"]
    assert (run["tool"], run["dataDate"], run["imported"]) == (["pincer"], ["2020-06-20"], [True])

    [match] = (await get(network, f"matches?run={imported['run'][0]}"))["match"]
    assert match["patient"][0]["reference"] == f"Patient/{here.person}"
    source = await lists.client.read(match["source"][0]["reference"])
    assert source["title"] == "PINCER 2.1"
    assert source["entry"][0]["item"]["display"] == "NSAID without gastroprotection"
    ran = await post(network, "identify", *tool, ("service", "SMR"))
    assert (ran["tool"], ran["toolVersion"]) == (["pincer"], ["2.1"])


@pytest.mark.requirement("PCN-034")
async def test_findings_of_the_prescribing_safety_module_make_candidates_that_carry_the_source(
    lists: PracticeLists,
) -> None:
    here, practice = lists.here, lists.client
    other = await lists.register()
    tool = (("tool", "QOF prescribing safety"), ("toolVersion", "2019/20"))
    await post(practice, "register-tool", *tool)
    row = ("row", [("nhsNumber", here.nhs_number), ("finding", "valproate"), ("text", "Valproate, no annual review")])
    await post(practice, "import-audit", *tool, ("dataDate", "2020-03-31"), row)
    counts = await lists.identify(service="SMR")
    assert counts["smr-qof-prescribing-safety"] == 1
    assert await lists.listed("smr-qof-prescribing-safety") == [here.person]
    why = await lists.why("smr-qof-prescribing-safety", here.person)
    [source] = why.references
    kept = await practice.read(source)
    assert (kept["resourceType"], kept["title"]) == ("List", "QOF prescribing safety 2019/20")
    assert not (await lists.why("smr-qof-prescribing-safety", other)).member


@pytest.mark.requirement("AC-007")
async def test_segmentation_then_stratification_then_judgement(lists: PracticeLists, http: httpx.AsyncClient) -> None:
    at_risk, judged = await person_at_rising_risk(lists), await person_at_rising_risk(lists)
    segment_only = await lists.register("1938-02-01")
    await lists.observe(segment_only, MODERATE_FRAILTY)
    await lists.client.caught_up()
    network = lists.here.client(http, "network")
    run = await post(network, "identify", ("service", "AC"))

    async def stages() -> tuple[dict[str, dict[str, list[Any]]], list[dict[str, list[Any]]]]:
        told = await get(network, f"stages?run={run['run'][0]}")
        return {each["stage"][0]: each for each in told["stage"]}, told.get("decision", [])

    numbers, decisions = await stages()
    assert [numbers[name]["count"][0] for name in ("population", "segmentation", "stratification")] == [4, 3, 2]
    assert (numbers["judgement"]["provisional"], decisions) == ([2], [])
    author = await practitioner(lists.client, "Judge")
    words = judgement(judged, "amenable", author, cohort="anticipatory-care", reason="A team can help")
    await lists.client.call("POST", "Group/$judge", words)
    numbers, decisions = await stages()
    assert (numbers["judgement"]["amenable"], numbers["judgement"]["provisional"]) == ([1], [1])
    assert references(decisions) == {judged}
    assert decisions[0]["judgement"][0]["reason"] == ["A team can help"]
    people = (await get(network, f"priority-list?run={run['run'][0]}"))["person"]
    assert {each["patient"][0]["reference"]: each["decision"][0] for each in people} == {
        f"Patient/{at_risk}": "provisional", f"Patient/{judged}": "amenable",
    }  # fmt: skip


@pytest.mark.requirement("AC-035")
async def test_a_dated_priority_list_by_the_standard_approach_where_there_is_one(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    here, network = lists.here, lists.here.client(http, "network")
    at_risk = await person_at_rising_risk(lists)
    fallen = await lists.register("1938-02-01")
    await lists.observe(fallen, MODERATE_FRAILTY)
    await lists.observe(fallen, ("160689007", "Housebound"))
    await lists.client.caught_up()
    [duty] = (await get(network, "duty?service=AC"))["duty"]
    assert (duty["nextDue"], duty["overdue"]) == (["2020-06-30"], [True]), "it is 1 July and there is no list"

    local = await post(network, "identify", ("service", "AC"))
    assert local["approach"] == ["local"]
    listed = await get(network, f"priority-list?run={local['run'][0]}")
    assert (listed["date"], references(listed["person"])) == (["2020-07-01"], {at_risk})
    [duty] = (await get(network, "duty?service=AC"))["duty"]
    assert (duty["last"], duty["overdue"]) == (["2020-07-01"], [False])

    commissioner = here.client(http, "commissioner")
    await post(commissioner, "standard-approach", ("cohort", "smr-housebound-isolated-frail"))
    standard = await post(network, "identify", ("service", "AC"))
    assert standard["approach"] == [f"standard {here.codes['commissioner']}"]
    listed = await get(network, f"priority-list?run={standard['run'][0]}")
    assert (listed["date"], listed["approach"]) == (["2020-07-01"], standard["approach"])
    assert fallen in references(listed["person"])


@pytest.mark.requirement("PCN-077")
async def test_those_at_greatest_risk_are_listed_with_reasons_and_offers(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    highest, other = await person_at_rising_risk(lists, fell=True), await person_at_rising_risk(lists)
    await lists.client.caught_up()
    network = lists.here.client(http, "network")
    run = (await post(network, "identify", ("service", "AC")))["run"][0]
    listed = (await get(network, f"priority-list?run={run}"))["person"]
    people = {each["patient"][0]["reference"]: each for each in listed}
    assert people[f"Patient/{highest}"]["tier"] == ["highest"]
    assert people[f"Patient/{other}"]["tier"] == ["other"]
    for kind, text in (("physical-health", "Strength and balance class"), ("mental-health", "Talking therapy")):
        await post(lists.client, "offer", ("patient", f"Patient/{highest}"), ("kind", kind), ("text", text))
    [person] = (await get(network, f"priority-list?run={run}&tier=highest"))["person"]
    assert references([person]) == {highest}
    assert {each["cohort"][0] for each in person["reason"]} >= {"anticipatory-care", "rising-risk"}
    assert {(each["kind"][0], each["text"][0], each["date"][0]) for each in person["offer"]} == {
        ("physical-health", "Strength and balance class", "2020-07-01"),
        ("mental-health", "Talking therapy", "2020-07-01"),
    }
    why = await lists.client.call(
        "GET", f"{person['reason'][0]['group'][0]['reference']}/$explain?patient=Patient/{highest}"
    )
    assert parameters(why)["member"] == [True]


async def test_two_practices_never_see_each_others_runs(lists: PracticeLists, http: httpx.AsyncClient) -> None:
    here, other = lists.here, lists.here.client(http, "other")
    run = await post(lists.client, "identify", ("service", "SMR"))
    for client, operation, pairs in (
        (other, "identify", (("practice", here.codes["practice"]),)),
        (here.client(http, "community"), "identify", (("practice", here.codes["practice"]),)),
        (here.client(http, "commissioner"), "identify", ()),
    ):
        with pytest.raises(Refused) as refusal:
            await post(client, operation, *pairs)
        assert refusal.value.status == 403
    for address in (f"runs?practice={here.codes['practice']}", f"stages?run={run['run'][0]}",
                    f"duty?practice={here.codes['practice']}"):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await get(other, address)
        assert refusal.value.status == 404
    assert await get(other, "runs") == {}


@pytest.mark.on_six_processes
async def test_a_long_run_is_accepted_and_fetched(lists: PracticeLists) -> None:
    answer = await lists.client.request("POST", "Group/$identify", asked(("service", "SMR")), Prefer="respond-async")
    assert answer.status_code == 202
    job = answer.headers["Content-Location"].partition("/fhir/")[2]
    while (answer := await lists.client.request("GET", job)).status_code == 202:
        await lists.client.caught_up()
    assert answer.status_code == 200
    assert parameters(answer.json())["population"] == [1]
