"""The rules by which people are found are data: new versions come in while the system runs, and earlier ones stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

NewSystem = Callable[..., EmbeddedTandem]


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


def definition(identity: str, members: str, **fields: Any) -> str:
    """The text of a definition file."""
    head = {"version": '"1"', "title": "People of a test", "description": "People.", "service": "AC",
            "status": "local", "source": "Local tool", **fields}  # fmt: skip
    lines = [f"id: {identity}", *(f"{name}: {value}" for name, value in head.items()), f"members: {members}"]
    return "\n".join(lines) + "\n"


async def post(area: Area, name: str, operation: str, **given: Any) -> Resource:
    """Call an operation on Group with texts, booleans or lists of texts."""
    found = []
    for key, value in given.items():
        kind = "valueBoolean" if isinstance(value, bool) else "valueString"
        each = value if isinstance(value, list) else [value]
        found += [part(key.replace("_", "-"), **{kind: one}) for one in each]
    return await area.client(name).call("POST", f"Group/${operation}", parameters(*found))


async def run(area: Area, *cohorts: str, **given: Any) -> dict[str, tuple[str, int]]:
    """A run of the network `north`: cohort -> definition and count."""
    await area.client("operator").caught_up()
    return counts(await post(area, "north", "identify", cohort=list(cohorts), **given))


def counts(answer: Resource | list[dict[str, Any]]) -> dict[str, tuple[str, int]]:
    """Cohort -> definition and count, of a run."""
    found = {}
    for each in values(answer, "cohort"):
        [cohort], [name], [count] = (values(each, key) for key in ("cohort", "definition", "count"))
        found[cohort] = (name, count)
    return found


async def listed(area: Area, practice: str, cohort: str) -> dict[str, dict[str, Any]]:
    """The list of a cohort at a practice: patient -> member."""
    groups = await area.client(practice).search(f"Group?code={cohort}")
    if not groups:
        return {}
    [group] = groups
    answer = await area.client(practice).call("GET", f"Group/{group['id']}/$members")
    return {each["entity"]["reference"]: each for each in answer.get("member", [])}


async def worklist(area: Area, *cohorts: str) -> dict[str, set[str]]:
    """The people of `northern` on any of these lists, each once: patient -> lists."""
    asked = "&".join(f"cohort={each}" for each in cohorts)
    answer = await area.client("northern").call("GET", f"Group/$members?{asked}")
    assert answer["quantity"] == len(answer["member"])
    return {
        entry["entity"]["reference"]: {
            part["valueCode"] for each in entry["extension"] for part in each["extension"] if part["url"] == "cohort"
        }
        for entry in answer["member"]
    }


async def diagnose(area: Area, practice: str, patient: str, *codes: str) -> None:
    """The practice records active conditions."""
    for code in codes:
        await area.client(practice).create({
            "resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"},
            "clinicalStatus": {"coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]},
            "code": {"coding": [{"system": SNOMED_CT, "code": code}]}, "onsetDateTime": "2019-05-01",
        })  # fmt: skip


@pytest.mark.requirement("AC-010", "AC-082")
async def test_a_national_approach_replaces_a_local_tool_and_earlier_runs_still_show_theirs(area: Area) -> None:
    older = await area.register("northern", birthDate="1934-04-12")
    younger = await area.register("northern", birthDate="1952-02-03")
    cohort = f"rising-risk-of-{area.number}"
    await post(area, "operator", "define", definition=definition(cohort, "{age: {from: 80}}"))
    assert await run(area, cohort) == {cohort: (f"{cohort}@1", 1)}
    before = await listed(area, "northern", cohort)
    assert set(before) == {f"Patient/{older}"}
    review = await area.client("northern").create({
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": f"Patient/{older}"},
    })  # fmt: skip

    national = definition(cohort, "{age: {from: 65}}", version='"2"', status="mandatory", source="National approach")
    await post(area, "operator", "define", definition=national)
    assert await run(area, cohort) == {cohort: (f"{cohort}@2", 2)}

    answer = await area.client("north").call("GET", "Group/$runs")
    shown = sorted(counts(each)[cohort] for each in values(answer, "run"))
    assert shown == [(f"{cohort}@1", 1), (f"{cohort}@2", 2)]
    after = await listed(area, "northern", cohort)
    assert set(after) == {f"Patient/{older}", f"Patient/{younger}"}
    assert after[f"Patient/{older}"]["period"] == before[f"Patient/{older}"]["period"]
    assert await area.client("northern").read(f"CarePlan/{review['id']}") == review
    versions = await area.client("northern").call("GET", f"Group/$definitions?id={cohort}")
    sources = [(values(each, "source"), values(each, "inForce")) for each in values(versions, "definition")]
    assert sources == [(["Local tool"], [False]), (["National approach"], [True])]


@pytest.mark.requirement("AC-083")
async def test_a_network_changes_a_local_rule_for_its_own_people_and_a_mandatory_one_is_refused(area: Area) -> None:
    for practice in ("northern", "southern"):
        await area.register(practice, birthDate="1950-01-01")
    local, mandatory = f"local-rule-{area.number}", f"mandatory-rule-{area.number}"
    given = {"parameters": "{years: 65}", "source": "Paragraph 4.5"}
    for identity, status in ((local, "local"), (mandatory, "mandatory")):
        text = definition(identity, "{age: {from: $years}}", status=status, **given)
        await post(area, "operator", "define", definition=text)
    read = await area.client("north").call("GET", "Group/$definitions")
    statuses = {values(each, "id")[0]: values(each, "status")[0] for each in values(read, "definition")}
    assert (statuses[local], statuses[mandatory]) == ("local", "mandatory")
    assert statuses["anticipatory-care"] == "mandatory"

    with pytest.raises(Refused) as refused:
        await post(area, "north", "choose", cohort=mandatory, parameter="years=75")
    assert refused.value.status == 422
    assert refused.value.text == (
        f"{mandatory} (People of a test) is mandatory, by Paragraph 4.5: a network cannot change it or switch it off"
    )
    await post(area, "north", "choose", cohort=local, parameter="years=75")
    found = await run(area, local, mandatory)
    assert (found[local][1], found[mandatory][1]) == (0, 1)
    await area.client("operator").caught_up()
    answer = await post(area, "south", "identify", cohort=[local])
    assert counts(answer)[local][1] == 1, "the other network keeps the standard"

    [choice] = values(await area.client("northern").call("GET", "Group/$choices"), "choice")
    assert (values(choice, "organisation"), values(choice, "cohort")) == ([area.codes["north"]], [local])
    assert values(await area.client("southern").call("GET", "Group/$choices"), "choice") == []


@pytest.mark.parametrize(
    ("who", "given", "status", "expected"),
    [
        ("northern", {}, 403, "Only a primary care network decides"),
        ("north", {"organisation": "U60001"}, 403, "A network itself decides"),
        ("north", {"parameter": "months=3"}, 422, "has no parameter months; it has: years"),
        ("north", {"parameter": "years=-1"}, 400, "whole number"),
        ("north", {"from": "2020-06-30"}, 422, "from today or a later day on"),
        ("north", {"from": "1 July"}, 400, "a day such as"),
        ("north", {"switchedOn": False}, 422, "not switch it off"),
        ("north", {"cohort": "no-such-cohort"}, 404, "open to a network's choice are:"),
        ("north", {"switchedOn": "perhaps"}, 400, "true or false"),
        ("north", {"cohort": "null\x00"}, 400, "null character"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_and_nothing_is_kept(
    area: Area, who: str, given: dict[str, Any], status: int, expected: str
) -> None:
    cohort = f"choosable-{area.number}"
    text = definition(cohort, "{age: {from: $years}}", parameters="{years: 65}")
    await post(area, "operator", "define", definition=text)
    with pytest.raises(Refused) as refused:
        await post(area, who, "choose", **{"cohort": cohort, **given})
    assert refused.value.status == status
    assert expected in refused.value.text
    assert values(await area.client("north").call("GET", "Group/$choices"), "choice") == []


@pytest.mark.requirement("PC-040")
async def test_a_network_switches_an_optional_cohort_on_and_its_people_join_outside_the_required_ones(
    area: Area
) -> None:
    cohort = "personalised-care-multimorbidity"
    person = await area.register("northern")
    await diagnose(area, "northern", person, "38341003", "73211009")  # hypertension, diabetes
    assert (await run(area, cohort))[cohort][1] == 0, "off until the network switches it on"
    assert await listed(area, "northern", cohort) == {}

    required = await run(area, "personalised-care-required")
    await post(area, "north", "choose", cohort=cohort)
    assert (await run(area, cohort))[cohort][1] == 1
    assert set(await listed(area, "northern", cohort)) == {f"Patient/{person}"}
    assert await run(area, "personalised-care-required") == required, "the denominator is as it was"
    assert cohort in (await worklist(area, "personalised-care-required", cohort))[f"Patient/{person}"]
    [shown] = values(await area.client("northern").call("GET", f"Group/$definitions?id={cohort}"), "definition")
    assert values(shown, "status") == ["optional"]

    await post(area, "north", "choose", cohort=cohort, switchedOn=False)
    assert (await run(area, cohort))[cohort][1] == 0
    assert await listed(area, "northern", cohort) == {}


@pytest.mark.requirement("PC-041", "ECD-073")
async def test_the_cancer_cohort_is_turned_on_for_personalised_care_and_counts_each_person_once(area: Area) -> None:
    person, other = [await area.register("northern") for _ in range(2)]
    await diagnose(area, "northern", person, "363358000")  # lung cancer
    await post(area, "north", "choose", cohort="personalised-care-cancer")
    found = await run(area, "personalised-care-cancer", "cancer-diagnosis")
    assert [count for _, count in found.values()] == [1, 1]
    assert await worklist(area, "cancer-diagnosis", "personalised-care-cancer") == {
        f"Patient/{person}": {"cancer-diagnosis", "personalised-care-cancer"}
    }
    assert f"Patient/{other}" not in await listed(area, "northern", "personalised-care-cancer")
    read = await area.client("northern").call("GET", "Group/$definitions")
    of = {values(each, "id")[0]: (values(each, "service")[0], values(each, "status")[0]) for each in
          values(read, "definition")}  # fmt: skip
    assert (of["cancer-diagnosis"][0], of["personalised-care-cancer"]) == ("ECD", ("PC", "optional"))


@pytest.mark.requirement("PCPC-006")
async def test_the_eight_conditions_are_read_and_another_list_is_another_version(area: Area) -> None:
    [shown] = values(
        await area.client("northern").call("GET", "Group/$definitions?id=complex-condition-combinations"), "definition"
    )
    [text] = values(shown, "text")
    conditions = [line for line in text.splitlines() if line.strip().startswith("- recorded:")]
    assert len(conditions) == 8
    person = await area.register("northern")
    await diagnose(area, "northern", person, "38341003", "84114007", "13645005")  # hypertension, failure, COPD
    found = await run(area, "complex-condition-combinations")
    [version] = values(shown, "version")
    assert found["complex-condition-combinations"] == (f"complex-condition-combinations@{version}", 1)

    own = f"combinations-of-{area.number}"
    first = text.replace("id: complex-condition-combinations", f"id: {own}")
    await post(area, "operator", "define", definition=first)
    shorter = first.replace(conditions[-1] + "\n", "")
    with pytest.raises(Refused) as refused:
        await post(area, "operator", "define", definition=shorter)
    assert refused.value.status == 409
    assert "a version never changes" in refused.value.text
    await post(area, "operator", "define", definition=shorter.replace('version: "1"', 'version: "2"'))
    versions = values(await area.client("northern").call("GET", f"Group/$definitions?id={own}"), "definition")
    assert [values(each, "version") for each in versions] == [["1"], ["2"]]
    assert values(versions[0], "text") == [first]
    assert [values(each, "inForce") for each in versions] == [[False], [True]]


@pytest.mark.requirement("AC-015")
async def test_segments_of_2023_are_inactive_in_runs_before_and_label_people_in_later_ones(
    new_system: NewSystem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, await asyncio.to_thread(new_system, "--clock", "2023-04-01T09:00+01:00"))
    person = await area.register("northern")
    await diagnose(area, "northern", person, "925861000000102")  # severe frailty
    segment = "ac-segment-frailty"
    assert (await run(area, segment, asOf="2023-03-31", dryRun=True))[segment][1] == 0
    assert (await run(area, segment))[segment][1] == 1
    assert set(await listed(area, "northern", segment)) == {f"Patient/{person}"}
    asked = await area.client("northern").call("GET", f"Patient/{person}/$cohorts")
    assert segment in str(asked), "the person carries the segment's label"
    [shown] = values(await area.client("northern").call("GET", f"Group/$definitions?id={segment}"), "definition")
    assert values(shown, "appliesFrom") == ["2023-04-01"]


async def test_a_definition_is_read_in_the_words_that_explain_why_somebody_is_on_the_list(area: Area) -> None:
    person = await area.register("northern")
    await area.client("northern").caught_up()
    for cohort, title in (
        ("pincer-gi-a", "Non-steroidal anti-inflammatory"), ("smr-care-home-residents", '"Care home residents"'),
        ("personalised-care-required", '"Care home residents"'), ("efi-severe", "Electronic frailty index"),
    ):  # fmt: skip
        read = await area.client("northern").call("GET", f"Group/$definitions?id={cohort}")
        [members] = values(values(read, "definition")[0], "members")
        assert title in members
        [group] = await area.client("northern").search(f"Group?code={cohort}")
        why = await area.client("northern").call("GET", f"Group/{group['id']}/$explain?patient=Patient/{person}")
        told = _texts(why)
        for line in members.splitlines():
            # What was found of the person may follow the rule.
            assert any(each.startswith(line.strip()) for each in told), line


def _texts(said: Any) -> list[str]:
    """Every `text` of an answer, however deep."""
    inner = said if isinstance(said, list) else list(said.values()) if isinstance(said, dict) else []
    own = [said["valueString"]] if isinstance(said, dict) and said.get("name") == "text" else []
    return own + [text for each in inner for text in _texts(each)]


async def test_a_definition_with_faults_is_refused_with_file_line_and_what_is_allowed(area: Area) -> None:
    cohort = f"faulty-{area.number}"
    await post(area, "operator", "define", definition=definition(cohort, "{age: {from: 65}}"))
    faulty = definition(cohort, "{recorded: {any_of: [no-such-set]}}", version='"2"')
    with pytest.raises(Refused) as refused:
        await post(area, "operator", "define", definition=faulty)
    assert refused.value.status == 422
    assert refused.value.text.startswith(f"{cohort}.yaml:8: unknown value set: no-such-set; allowed: ")
    with pytest.raises(Refused) as refused:
        await post(area, "operator", "define", definition=faulty.replace("service: AC", "service: XX\ncolour: red"))
    assert [issue["details"]["text"].split(":")[1] for issue in refused.value.outcome["issue"]] == ["5", "6"]

    versions = values(await area.client("north").call("GET", f"Group/$definitions?id={cohort}"), "definition")
    assert [(values(each, "version"), values(each, "inForce")) for each in versions] == [(["1"], [True])]
    for older in ('"1"', '"0.9"'):
        with pytest.raises(Refused) as refused:
            text = definition(cohort, "{age: {from: 60}}", version=older)
            await post(area, "operator", "define", definition=text)
        assert refused.value.status == 409


async def test_who_may_install_what(area: Area) -> None:
    cohort = f"own-{area.number}"
    local = definition(cohort, "{age: {from: 65}}")
    for who in ("northern", "north", "commissioner"):
        with pytest.raises(Refused) as refused:
            await post(area, who, "define", definition=local)
        assert refused.value.status == 403
    for who in ("northern", "commissioner"):
        # what is wrong with it is told to those who may install one
        with pytest.raises(Refused) as refused:
            await post(area, who, "define", definition="id: nothing", dry_run=True)
        assert refused.value.status == 403
    dry = await post(area, "north", "define", definition=local, dry_run=True)
    assert (values(dry, "installed"), values(dry, "affects")) == ([False], [cohort])
    optional = definition(cohort, "{age: {from: 65}}", status="optional")
    assert values(await post(area, "north", "define", definition=optional), "installed") == [True]
    assert values(await post(area, "north", "define", definition=optional), "installed") == [False]
    with pytest.raises(Refused) as refused:
        await post(area, "south", "define", definition=optional.replace('"1"', '"2"'))
    assert refused.value.status == 403


async def test_a_version_that_was_withdrawn_gives_way_to_the_one_before_it(area: Area) -> None:
    cohort, other = f"withdrawn-{area.number}", f"on-top-{area.number}"
    for version in ("1", "2"):
        text = definition(cohort, f"{{age: {{from: 6{version}}}}}", version=f'"{version}"')
        await post(area, "operator", "define", definition=text)
    await post(area, "operator", "define", definition=definition(other, f"{{cohort: {cohort}}}"))
    with pytest.raises(Refused) as refused:
        await post(area, "north", "withdraw-definition", id=cohort, version="2")
    assert refused.value.status == 403
    answer = await post(area, "operator", "withdraw-definition", id=cohort, version="2")
    assert values(answer, "inForce") == [f"{cohort}@1"]
    with pytest.raises(Refused) as refused:
        await post(area, "operator", "withdraw-definition", id=cohort, version="1")
    assert refused.value.status == 409, "another definition needs it"
    with pytest.raises(Refused) as refused:
        await post(area, "operator", "withdraw-definition", id=cohort, version="2")
    assert refused.value.status == 404


@pytest.mark.requirement("SMR-059")
async def test_a_medicines_use_review_keeps_nobody_off_until_the_policy_is_switched(area: Area) -> None:
    person = await area.register("northern")
    await diagnose(area, "northern", person, "38341003", "73211009")  # hypertension, diabetes
    await area.client("northern").create({
        "resourceType": "Procedure", "status": "completed", "subject": {"reference": f"Patient/{person}"},
        "code": {"coding": [{"system": SNOMED_CT, "code": "279681000000105"}]}, "performedDateTime": "2020-01-15",
    })  # fmt: skip
    [shown] = values(await area.client("north").call("GET", "Group/$definitions?id=smr-multimorbidity"), "definition")
    [text], [version] = values(shown, "text"), values(shown, "version")
    assert "medicines use review" not in str(values(shown, "keptOut")), "the policy as it is shipped"
    cohort = f"smr-policy-{area.number}"
    text = text.replace("id: smr-multimorbidity", f"id: {cohort}")
    await post(area, "operator", "define", definition=text)
    assert (await run(area, cohort))[cohort] == (f"{cohort}@{version}", 1)

    await post(
        area, "operator", "load-value-set", id=f"reviews-{area.number}", version="1", title="Medicines use reviews",
        source="Codes of the test", file="code,display\n279681000000105,Dispensing review of use of medicines\n",
    )  # fmt: skip
    policy = (
        "exclude:\n  - because: Had a medicines use review already\n"
        f"    when:\n      recorded: {{any_of: [reviews-{area.number}], ever: true}}\n"
    )
    switched = text.replace(f'version: "{version}"', 'version: "900"') + policy
    await post(area, "operator", "define", definition=switched)
    assert (await run(area, cohort))[cohort] == (f"{cohort}@900", 0)
    assert await listed(area, "northern", cohort) == {}
    [group] = await area.client("northern").search(f"Group?code={cohort}")
    why = await area.client("northern").call("GET", f"Group/{group['id']}/$explain?patient=Patient/{person}")
    assert (values(why, "member"), values(why, "exclusion")) == ([False], ["Had a medicines use review already"])
