"""Who is responsible for a person: named teams, one holder of a role at a time, hand-overs that are told."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.canonical import CARE_TEAM_CATEGORY, CARE_TEAM_HAND_OVER, CARE_TEAM_ROLE
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.case_register import CaseRegister
from tandem_tests.neighbourhood import Neighbourhood, agree, settle_in
from tandem_tests.network_area import new_area, parameters, part, values
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.questionnaire_responses import draft_plan
from tandem_tests.running import EmbeddedTandem

COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")


async def professional(client: FhirClient, family: str, organisation: dict[str, Any]) -> dict[str, str]:
    """Somebody who works for an organisation: a Reference to the role."""
    person = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": family}]})
    role = await client.create({
        "resourceType": "PractitionerRole", "active": True, "organization": organisation,
        "practitioner": {"reference": f"Practitioner/{person['id']}"},
    })  # fmt: skip
    return {"reference": f"PractitionerRole/{role['id']}"}


def member(reference: dict[str, Any], *roles: str, **more: Any) -> dict[str, Any]:
    """A participant with roles of ours."""
    concepts = [{"coding": [{"system": CARE_TEAM_ROLE, "code": role}]} for role in roles]
    return {"member": reference, **({"role": concepts} if concepts else {}), **more}


def team(patient: str, *participants: dict[str, Any], **more: Any) -> Resource:
    """An active team about a person."""
    return {
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": "plan-team"}]}],
        **({"participant": list(participants)} if participants else {}), **more,
    }  # fmt: skip


async def hand_over(
    client: FhirClient, held: Resource, role: str, to: dict[str, str], *more: dict[str, Any]
) -> Resource:
    posted = parameters(
        part("role", valueCode=role), part("to", valueReference=to), part("reason", valueString="Knows her best"), *more
    )
    return await client.call("POST", f"CareTeam/{held['id']}/$hand-over", posted)


def holders(held: Resource, role: str) -> list[dict[str, Any]]:
    """The participants with a role."""
    return [
        each for each in held["participant"]
        if role in [coding["code"] for concept in each.get("role", ()) for coding in concept["coding"]]
    ]  # fmt: skip


async def gaps(client: FhirClient, cohort: str, **asked: str) -> dict[str, list[str]]:
    """Who lacks what: Patient.id -> codes."""
    await client.caught_up()
    query = "".join(f"&{name.replace('_', '-')}={value}" for name, value in asked.items())
    found = await client.call("GET", f"CareTeam/$gaps?list={cohort}&_count=1000{query}")
    people = values(found, "person")
    assert values(found, "total") == [len(people)]
    return {
        values(each, "patient")[0]["reference"].removeprefix("Patient/"): [
            values(missing, "code")[0] for missing in values(each, "missing")
        ]
        for each in people
    }  # fmt: skip


def said(refused: pytest.ExceptionInfo[Refused]) -> str:
    assert refused.value.status == 422
    return " ".join(issue["details"]["text"] for issue in refused.value.outcome["issue"])


@pytest.mark.requirement("EHCH-016")
async def test_residents_without_a_named_team_are_listed_until_it_has_members_of_network_and_community(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    practice, code = area.client("northern"), area.codes["northern"]
    await area.enter("nurses", "community-provider", f"RN{area.number:03}")
    residents = [await area.register("northern") for _ in range(2)]
    for each in residents:
        await area.move_in("northern", each, "elms", "2020-06-01")

    lacking = ["network-member", "community-member"]
    assert await gaps(practice, "care-home-residents", practice=code) == dict.fromkeys(residents, lacking)
    found = await practice.call("GET", f"CareTeam/$gaps?practice={code}&as-of=2020-06-29")
    assert values(found, "owed") == [False], "owed from 30 June 2020"
    assert values(found, "owedFrom") == ["2020-06-30"]
    assert values(await practice.call("GET", f"CareTeam/$gaps?practice={code}"), "owed") == [True]

    gp = await professional(practice, "Quill", area.reference("northern"))
    own = await practice.create(team(residents[0], member(gp)))
    assert (await gaps(practice, "care-home-residents", practice=code))[residents[0]] == ["community-member"]
    nurse = await professional(area.client("nurses"), "Moss", area.reference("nurses"))
    await practice.call("PUT", f"CareTeam/{own['id']}", {
        **own, "participant": [member(gp), member(nurse, period={"start": "2020-07-01"})],
    }, If_Match='W/"1"')  # fmt: skip
    assert await gaps(practice, "care-home-residents", practice=code) == {residents[1]: lacking}
    before = await gaps(practice, "care-home-residents", practice=code, as_of="2020-06-30")
    assert before[residents[0]] == ["community-member"], "the nurse joined on the next day"
    assert await gaps(area.client("southern"), "care-home-residents") == {}


@pytest.mark.requirement("AC-026")
async def test_people_of_anticipatory_care_without_a_coordinator_of_the_network_are_listed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    practice, here = lists.client, lists.here
    person = await lists.register("1936-01-01")
    await lists.diagnose(person, COPD, DIABETES)
    assert await lists.listed("anticipatory-care") == [person]
    assert await gaps(practice, "anticipatory-care") == {person: ["care-coordinator"]}

    community = here.client(http, "community")
    outside = await professional(community, "Moss", here.reference("community"))
    own = await practice.create(team(person, member(outside, "care-coordinator")))
    assert await gaps(practice, "anticipatory-care") == {person: ["care-coordinator"]}, (
        "works for the community provider"
    )
    inside = await professional(here.client(http, "network"), "Vale", here.reference("network"))
    await hand_over(practice, own, "care-coordinator", inside)
    assert await gaps(practice, "anticipatory-care") == {}


@pytest.mark.requirement("AC-048")
async def test_a_plan_of_anticipatory_care_has_a_responsible_lead_who_changes_only_by_hand_over(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    practice, here = lists.client, lists.here
    person = await lists.register("1936-01-01")
    await lists.diagnose(person, COPD, DIABETES)
    assert await lists.listed("anticipatory-care") == [person]
    plan = await practice.create(draft_plan(person))
    with pytest.raises(Refused) as refused:
        await agree(practice, plan["id"])
    assert "responsible lead" in said(refused)
    assert "AC-048" in said(refused)

    first, second = [await professional(practice, name, here.reference("practice")) for name in ("Quill", "Reed")]
    own = await practice.create(team(person, member(first, "responsible-lead")))
    assert (await agree(practice, plan["id"]))["status"] == "active"

    # Work is delegated; the lead stays.
    await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": f"Patient/{person}"},
        "description": "Check blood pressure weekly", "owner": here.reference("community"),
        "requester": here.reference("practice"), "basedOn": [{"reference": f"CarePlan/{plan['id']}"}],
    })  # fmt: skip
    await practice.caught_up()
    held = await practice.read(f"CareTeam/{own['id']}")
    assert [each["member"] for each in holders(held, "responsible-lead")] == [first]
    assert held["meta"]["versionId"] == "1"

    silent = {**held, "participant": [member(second, "responsible-lead")]}
    removed = {**held, "participant": [member(second)]}
    for attempt in (silent, removed, {**held, "status": "inactive"}):
        with pytest.raises(Refused) as refused:
            await practice.call("PUT", f"CareTeam/{own['id']}", attempt, If_Match='W/"1"')
        assert "AC-048" in said(refused)
    with pytest.raises(Refused) as refused:
        await practice.call("DELETE", f"CareTeam/{own['id']}")
    assert "AC-048" in said(refused)

    passed = await hand_over(practice, own, "responsible-lead", second)
    old, new = holders(passed, "responsible-lead")
    assert (old["member"], old["period"]["end"]) == (first, "2020-06-30")
    assert (new["member"], new["period"]["start"]) == (second, "2020-07-01")
    bundle = await practice.call("GET", f"AuditEvent?patient=Patient/{person}&_count=1000")
    shown = {coding.get("display") for each in bundle["entry"] for coding in each["resource"]["subtype"]}
    assert "$hand-over" in shown
    [told] = [
        each for each in await practice.search(f"Provenance?target=CareTeam/{own['id']}")
        if each["target"][0]["reference"].endswith("/2")
    ]  # fmt: skip
    assert told["agent"][0]["who"]["identifier"]["value"] == here.codes["practice"]


async def _register(http: httpx.AsyncClient, system: EmbeddedTandem) -> tuple[CaseRegister, PracticeLists, str]:
    """A practice with one person on its case register, complex and frail."""
    lists = await practice_lists(http, system)
    register = CaseRegister(lists, http)
    person = await lists.register("1936-01-01")
    await lists.diagnose(person, COPD, DIABETES)
    await lists.observe(person, ("925861000000100", "Severe frailty"))
    await register.enter(person)
    await lists.client.caught_up()
    return register, lists, person


@pytest.mark.requirement("PCPC-034")
async def test_the_team_of_a_register_patient_has_a_named_gp_and_a_coordinator(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    _, lists, person = await _register(http, embedded)
    practice, here = lists.client, lists.here
    gp, nurse = [await professional(practice, name, here.reference("practice")) for name in ("Quill", "Reed")]
    proposed = await practice.create(team(person, status="proposed"))

    async def activated(*participants: dict[str, Any]) -> Resource:
        body = {**proposed, "status": "active", "participant": list(participants)}
        return await practice.call("PUT", f"CareTeam/{proposed['id']}", body, If_Match='W/"1"')

    with pytest.raises(Refused) as refused:
        await activated(member(gp, "named-gp"))
    assert "care co-ordinator" in said(refused)
    assert "named GP" not in said(refused)
    with pytest.raises(Refused) as refused:
        await activated(member(nurse, "care-coordinator"))
    assert "named GP" in said(refused)
    with pytest.raises(Refused) as refused:
        await practice.create(team(person))
    assert "named GP" in said(refused)
    assert "care co-ordinator" in said(refused)
    assert (await practice.read(f"CareTeam/{proposed['id']}"))["meta"]["versionId"] == "1"
    assert (await activated(member(gp, "named-gp"), member(nurse, "care-coordinator")))["status"] == "active"


@pytest.mark.requirement("PCPC-051")
async def test_a_register_patient_has_one_named_professional_and_is_found_by_them(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    _, lists, person = await _register(http, embedded)
    practice, here = lists.client, lists.here
    gp, nurse, other = [
        await professional(practice, name, here.reference("practice")) for name in ("Quill", "Reed", "Sand")
    ]
    assert await gaps(practice, "case-register") == {person: ["named-gp", "care-coordinator", "named-professional"]}
    basics = (member(gp, "named-gp"), member(nurse, "care-coordinator"))
    own = await practice.create(team(person, *basics, member(nurse, "named-professional")))
    assert await gaps(practice, "case-register") == {}
    found = await practice.search(f"CareTeam?participant={nurse['reference']}")
    assert [each["id"] for each in found] == [own["id"]]

    for second in (
        {**own, "participant": [*own["participant"], member(other, "named-professional")]},
        team(person, member(other, "named-professional"), *basics),
    ):
        with pytest.raises(Refused) as refused:
            if "id" in second:
                await practice.call("PUT", f"CareTeam/{own['id']}", second, If_Match='W/"1"')
            else:
                await practice.create(second)
        assert "another named professional" in said(refused)

    passed = await hand_over(practice, own, "named-professional", other, part("from", valueDate="2020-07-06"))
    old, new = holders(passed, "named-professional")
    assert (old["member"], old["period"]["end"]) == (nurse, "2020-07-05")
    assert (new["member"], new["period"]["start"]) == (other, "2020-07-06")
    for day in ("2020-07-05", "2020-07-06"):
        assert await gaps(practice, "case-register", as_of=day) == {}, "exactly one on every day"
    assert [each["id"] for each in await practice.search(f"CareTeam?participant={other['reference']}")] == [own["id"]]


@pytest.mark.requirement("PCPC-068")
async def test_a_coordinator_is_set_with_a_reason_and_a_change_keeps_history_and_is_told(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    nurse, worker = [await professional(practice, name, here.reference("practice")) for name in ("Reed", "Vale")]
    own = await practice.create(team(here.person, member(here.reference("community"))))
    await practice.patch(f"CarePlan/{plan['id']}", [
        {"op": "add", "path": "/careTeam", "value": [{"reference": f"CareTeam/{own['id']}"}]},
    ])  # fmt: skip
    with pytest.raises(Refused) as refused:
        posted = parameters(part("role", valueCode="care-coordinator"), part("to", valueReference=nurse))
        await practice.call("POST", f"CareTeam/{own['id']}/$hand-over", posted)
    assert refused.value.status == 400
    assert "reason" in refused.value.text

    await hand_over(practice, own, "care-coordinator", nurse)
    # Changed on the same day, so that the minute counts.
    with pytest.raises(Refused) as refused:
        await hand_over(practice, own, "care-coordinator", worker, part("from", valueDate="2020-06-30"))
    assert "PCPC-068" in said(refused)
    changed = await hand_over(practice, own, "care-coordinator", worker, part("from", valueDate="2020-07-02"))
    old, new = holders(changed, "care-coordinator")
    assert (old["member"], old["period"]) == (nurse, {"start": "2020-07-01", "end": "2020-07-01"})
    assert (new["member"], new["period"]) == (worker, {"start": "2020-07-02"})
    [extension] = [each for each in new["extension"] if each["url"] == CARE_TEAM_HAND_OVER]
    reasons = {each["url"]: each for each in extension["extension"]}
    assert reasons["reason"]["valueString"] == "Knows her best"
    assert reasons["from"]["valueReference"] == nurse
    history = await practice.call("GET", f"CareTeam/{own['id']}/_history")
    assert len(history["entry"]) == 3

    async def notices() -> list[Resource]:
        query = f"Communication?patient=Patient/{here.person}&category=notification&_sort=sent"
        found = await practice.search(query)
        return found if len(found) == 2 else []

    told = await eventually(notices, practice.caught_up)
    [last] = [each for each in told if "in place of Reed" in each["payload"][0]["contentString"]]
    assert "Vale is the care co-ordinator" in last["payload"][0]["contentString"]
    assert "Knows her best" in last["payload"][0]["contentString"]
    assert {each.get("reference") for each in last["recipient"]} >= {nurse["reference"], worker["reference"]}
    assert here.reference("community") in last["recipient"]
    seen = await here.client(http, "community").search(f"Communication?patient=Patient/{here.person}")
    assert last["id"] in {each["id"] for each in seen}, "the team reads what it was told"


@pytest.mark.on_six_processes
async def test_two_teams_that_name_a_lead_at_once_leave_one(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here: Neighbourhood = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    leads = [await professional(practice, f"Lead {number}", here.reference("practice")) for number in range(4)]
    answers = await asyncio.gather(
        *(practice.request("POST", "CareTeam", team(here.person, member(each, "responsible-lead"))) for each in leads)
    )
    assert sorted(each.status_code for each in answers) == [201, 422, 422, 422]


async def test_what_cannot_be_handed_over_is_refused(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    nurse = await professional(practice, "Reed", here.reference("practice"))
    own = await practice.create(team(here.person, member(nurse, "named-professional", "care-coordinator")))
    for to, fault in ((here.reference("community"), "Practitioner"), (nurse, "already")):
        with pytest.raises(Refused) as refused:
            await hand_over(practice, own, "named-professional", to)
        assert fault in said(refused)
    with pytest.raises(Refused) as refused:
        await hand_over(practice, own, "carer", nurse)
    assert refused.value.status == 400
    other = await professional(practice, "Vale", here.reference("practice"))
    with pytest.raises(Refused) as refused:
        await hand_over(here.client(http, "other"), own, "care-coordinator", other)
    assert refused.value.status == 404
    passed = await hand_over(practice, own, "named-professional", other)
    assert [each["member"] for each in holders(passed, "care-coordinator")] == [nurse], "the other role stays"
    assert "end" not in holders(passed, "care-coordinator")[0].get("period", {})
