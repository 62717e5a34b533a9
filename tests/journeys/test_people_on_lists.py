"""The lists as clinicians use them: why somebody is there, and what a clinician's own judgement does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, CAUSED_BY_SERVICE
from tandem.demo.client import FhirClient
from tandem_tests.listed_people import (
    FALLS,
    HYPERTENSION,
    LIVES_ALONE,
    MODERATE_FRAILTY,
    OSTEOARTHRITIS,
    concept,
    group_of,
    has_condition,
    is_observed,
    is_resolved,
    judgement,
    membership,
    on_list,
    parameters,
    practitioner,
    takes,
)  # fmt: skip
from tandem_tests.neighbourhood import Neighbourhood, admit, plan_of, register, settle_in
from tandem_tests.running import EmbeddedTandem

SIX_MEDICINES = [(f"3{number}0000100000010{number}", f"Product {number}") for number in range(1, 7)]
POLYPHARMACY = {
    "system": "https://supplier.example/reasons", "code": "polypharmacy", "display": "Problematic polypharmacy",
}  # fmt: skip
PRIORITY_LIST = "anticipatory-care"
BUDGET = {"coding": [{"system": f"{BASE}/CodeSystem/care-activity", "code": "personal-health-budget"}]}
BAD: list[tuple[dict[str, Any], int]] = [
    ({"decision": "promote"}, 400),
    ({"expiry": "next year"}, 400),
    ({"expiry": "2020-07-01"}, 422),
    ({"reason": "  "}, 422),
    ({"reason": "a" * 2001}, 422),
    ({"reasonCode": {"display": "no code"}}, 400),
    ({"author": None}, 422),
    ({"author": "Practitioner/nobody"}, 422),
    ({"author": "Patient/1"}, 422),
    ({"cohort": "no-such-list"}, 422),
    ({"cohort": "ac-segment-frailty"}, 422),
]
"""What is added to a good judgement, and what it gets; the last list is in force from 2023 only."""


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    """A practice and everyone around it."""
    return await settle_in(http, embedded)


@pytest.fixture
def practice(here: Neighbourhood, http: httpx.AsyncClient) -> FhirClient:
    return here.client(http, "practice")


async def neighbour_with_two_conditions(here: Neighbourhood, practice: FhirClient) -> str:
    """A second person of the practice, on the priority list by two conditions."""
    patient, _ = await register(practice, here.organizations["practice"], "Second")
    for code in (HYPERTENSION, OSTEOARTHRITIS):
        await has_condition(practice, patient, code)
    return patient


@pytest.mark.requirement("SMR-002")
async def test_a_clinician_adds_somebody_on_six_medicines_with_a_coded_reason(
    here: Neighbourhood, practice: FhirClient
) -> None:
    for product in SIX_MEDICINES:
        await takes(practice, here.person, product)
    await practice.caught_up()
    group, author = await group_of(practice, "smr-polypharmacy"), await practitioner(practice, "Bell")
    assert await on_list(practice, group) == {}, "six medicines are no ten"

    reasonless = judgement(here.person, "add", author, reasonCode=POLYPHARMACY)
    refused = await practice.request("POST", f"{group}/$judge", reasonless)
    assert refused.status_code == 422
    assert "reason" in refused.json()["issue"][0]["details"]["text"]
    assert await on_list(practice, group) == {}

    reason = "Three of six medicines were started for side effects of the others"
    said = judgement(here.person, "add", author, reason=reason, reasonCode=POLYPHARMACY)
    answer = parameters(await practice.call("POST", f"{group}/$judge", said))
    assert answer["member"] == [True]
    [listed] = (await on_list(practice, group)).values()
    assert listed["origin"] == ["judgement"]
    [word] = listed["judgement"]
    assert (word["decision"], word["reason"], word["reasonCode"]) == (["add"], [reason], [POLYPHARMACY])


@pytest.mark.requirement("SMR-058")
async def test_of_a_listed_person_every_rule_is_shown_with_its_evidence(
    here: Neighbourhood, practice: FhirClient
) -> None:
    first = await has_condition(practice, here.person, HYPERTENSION)
    second = await has_condition(practice, here.person, OSTEOARTHRITIS)
    await practice.caught_up()
    group = await group_of(practice, "smr-multimorbidity")
    why = parameters(await practice.call("GET", f"{group}/$explain?patient=Patient/{here.person}"))
    assert why["member"] == [True]
    assert why["definition"][0].startswith("smr-multimorbidity@")
    assert "specifications" in why["source"][0]

    held: dict[str, set[str]] = {}

    def walk(rules: list[dict[str, list[object]]]) -> None:
        for rule in rules:
            for each in rule.get("evidence", []):
                assert rule["holds"] == [True]
                held.setdefault(str(rule["text"][0]), set()).add(each["reference"][0]["reference"])  # type: ignore[index]
            walk(rule.get("rule", []))  # type: ignore[arg-type]

    walk(why["rule"])
    assert {first} in held.values()
    assert {second} in held.values()
    shown = {each["reference"][0]["reference"] for each in why["evidence"]}
    assert shown == {first, second}


@pytest.mark.requirement("AC-002")
async def test_a_list_is_refined_by_needs_and_a_resolved_need_takes_people_off(
    here: Neighbourhood, practice: FhirClient
) -> None:
    other = await neighbour_with_two_conditions(here, practice)
    await has_condition(practice, here.person, MODERATE_FRAILTY)
    await has_condition(practice, here.person, LIVES_ALONE)
    fell = await has_condition(practice, here.person, FALLS)
    await has_condition(practice, other, LIVES_ALONE)
    await practice.caught_up()
    group = await group_of(practice, PRIORITY_LIST)
    assert set(await on_list(practice, group)) == {here.person, other}

    refined = await on_list(practice, group, "need=falls&need=isolated")
    assert set(refined) == {here.person}
    assert "falls assessment" in refined[here.person]["suggests"]
    await is_resolved(practice, fell, "2020-06-30")
    await practice.caught_up()
    assert await on_list(practice, group, "need=falls&need=isolated") == {}
    assert set(await on_list(practice, group, "need=isolated")) == {here.person, other}


@pytest.mark.requirement("AC-018")
async def test_a_new_fall_moves_the_person_up_without_a_run(here: Neighbourhood, practice: FhirClient) -> None:
    other = await neighbour_with_two_conditions(here, practice)
    await has_condition(practice, here.person, HYPERTENSION)
    await has_condition(practice, here.person, OSTEOARTHRITIS)
    await practice.caught_up()
    group = await group_of(practice, PRIORITY_LIST)
    before = await on_list(practice, group)
    assert before[here.person]["rank"] == before[other]["rank"]
    last = list(before)[-1]
    await is_observed(practice, last, FALLS, "2020-06-30")
    await practice.caught_up()
    after = await on_list(practice, group)
    assert next(iter(after)) == last
    assert after[last]["rank"][0] > before[last]["rank"][0]


@pytest.mark.requirement("AC-037")
async def test_who_is_amenable_comes_first_and_who_is_not_comes_last_with_the_reason_kept(
    here: Neighbourhood, practice: FhirClient
) -> None:
    other = await neighbour_with_two_conditions(here, practice)
    await has_condition(practice, here.person, HYPERTENSION)
    await has_condition(practice, here.person, OSTEOARTHRITIS)
    await practice.caught_up()
    group, author = await group_of(practice, PRIORITY_LIST), await practitioner(practice, "Bell")
    last = list(await on_list(practice, group))[-1]
    said = judgement(last, "amenable", author, reason="Keen to walk again; a therapist would help")
    await practice.call("POST", f"{group}/$judge", said)
    listed = await on_list(practice, group)
    assert next(iter(listed)) == last
    assert listed[last]["judgement"][0]["reason"] == ["Keen to walk again; a therapist would help"]

    said = judgement(last, "not-amenable", author, reason="Has had all that the team can offer")
    await practice.call("POST", f"{group}/$judge", said)
    listed = await on_list(practice, group)
    assert list(listed) == [({here.person, other} - {last}).pop(), last]
    [word] = listed[last]["judgement"]
    assert (word["decision"], word["reason"]) == (["not-amenable"], ["Has had all that the team can offer"])


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-039")
async def test_a_community_clinician_adds_and_demotes_with_author_reason_and_tool(
    here: Neighbourhood, practice: FhirClient, http: httpx.AsyncClient
) -> None:
    community = here.client(http, "community")
    author = await practitioner(community, "Okafor")
    said = judgement(here.person, "add", author, reason="Walks slowly, tires", tool="Clinical Frailty Scale 6",
                     cohort=PRIORITY_LIST)  # fmt: skip
    answer = parameters(await community.call("POST", "Group/$judge", said))
    group = answer["group"][0]["reference"]
    for client in (community, practice):
        [listed] = (await on_list(client, group)).values()
        [word] = listed["judgement"]
        assert word["author"] == [{"reference": author}]
        assert word["organisation"][0]["value"] == here.codes["community"]
        assert (word["reason"], word["tool"]) == (["Walks slowly, tires"], ["Clinical Frailty Scale 6"])

    down = judgement(here.person, "not-amenable", author, reason="PRISMA-7 shows no need", tool="PRISMA-7: 2")
    await community.call("POST", f"{group}/$judge", down)
    [listed] = (await on_list(practice, group)).values()
    assert [word["decision"] for word in listed["judgement"]] == [["add"], ["not-amenable"]]
    assert listed["judgement"][1]["tool"] == ["PRISMA-7: 2"]


@pytest.mark.requirement("PCN-032")
async def test_a_person_on_lists_of_two_services_is_on_both_and_counted_once(
    here: Neighbourhood, practice: FhirClient
) -> None:
    await admit(practice, here.person, "2020-06-20")
    await practice.caught_up()
    asked = ("care-home-residents", "smr-care-home-residents")
    for cohort in asked:
        assert set(await on_list(practice, await group_of(practice, cohort))) == {here.person}
    both = await practice.call("GET", f"Group/$members?cohort={asked[0]}&cohort={asked[1]}")
    assert both["quantity"] == 1
    [member] = both["member"]
    assert {membership(member, place)["cohort"][0] for place in range(2)} == set(asked)
    assert len(member["extension"]) == 2
    for answer in (both, await practice.call("GET", f"{await group_of(practice, asked[0])}/$members")):
        [issue] = (await practice.call("POST", "Group/$validate", answer))["issue"]
        assert issue["severity"] == "information", "what is answered is a valid Group"


@pytest.mark.requirement("PC-058")
async def test_all_services_of_a_person_come_together_and_every_entry_names_the_service_that_caused_it(
    here: Neighbourhood, practice: FhirClient
) -> None:
    observation = await admit(practice, here.person, "2020-06-20")
    await has_condition(practice, here.person, HYPERTENSION)
    await has_condition(practice, here.person, OSTEOARTHRITIS)
    await practice.caught_up()
    shown = parameters(await practice.call("GET", f"Patient/{here.person}/$cohorts"))
    by_service: dict[str, set[str]] = {}
    for each in shown["membership"]:
        by_service.setdefault(each["service"][0], set()).add(each["cohort"][0]["code"])
    assert {"EHCH", "SMR", "AC"} <= set(by_service)
    [home] = [each for each in shown["membership"] if each["cohort"][0]["code"] == "care-home-residents"]
    assert [each["reference"][0]["reference"] for each in home["evidence"]] == [f"Observation/{observation}"]
    assert home["group"][0]["reference"] == await group_of(practice, "care-home-residents")

    [opened] = shown["entry"]
    assert (opened["kind"], opened["service"]) == (["plan"], ["EHCH"])
    plan = await plan_of(practice, here.person)
    assert opened["record"] == [{"reference": f"CarePlan/{plan['id']}"}]

    score = await practice.create({
        "resourceType": "Observation", "status": "final", "subject": here.subject, "effectiveDateTime": "2020-07-01",
        "code": concept(("962851000000103", "Patient Activation Measure level")), "valueQuantity": {"value": 2},
    })  # fmt: skip
    budget = await practice.create({
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": here.subject,
        "created": "2020-07-01", "title": "Support at home",
        "activity": [
            {"extension": [caused_by("PC")], "detail": {"status": "in-progress", "code": BUDGET}},
            {"detail": {"status": "in-progress", "description": "A walk each day"}},
        ],
    })  # fmt: skip
    await practice.caught_up()
    shown = parameters(await practice.call("GET", f"Patient/{here.person}/$cohorts"))
    told = {(each["kind"][0], each["record"][0]["reference"]): each["service"] for each in shown["entry"]}
    assert told == {
        ("plan", f"CarePlan/{plan['id']}"): ["EHCH"],
        ("plan", f"CarePlan/{budget['id']}"): ["EHCH", "AC", "PC"],
        ("budget", f"CarePlan/{budget['id']}"): ["PC"],
        ("pam", f"Observation/{score['id']}"): ["AC", "PC"],
    }, "by the record's own word, else by the lists that the person was on that day"
    held = await practice.read(f"CarePlan/{budget['id']}")
    mistaken = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    await practice.patch(f"CarePlan/{budget['id']}", mistaken, held["meta"]["versionId"])
    await practice.caught_up()
    shown = parameters(await practice.call("GET", f"Patient/{here.person}/$cohorts"))
    assert len(shown["entry"]) == 2


def caused_by(service: str) -> dict[str, str]:
    """The extension by which an entry names the service that caused it."""
    return {"url": CAUSED_BY_SERVICE, "valueCode": service}


async def test_a_judgement_that_cannot_be_taken_leaves_nothing_behind(
    here: Neighbourhood, practice: FhirClient
) -> None:
    author = await practitioner(practice, "Bell")
    good = {"decision": "add", "author": author, "reason": "Frail", "cohort": PRIORITY_LIST, "expiry": "2020-08-01"}
    for more, status in BAD:
        sent = {**good, **more}
        answer = await practice.request("POST", "Group/$judge", judgement(here.person, **sent))
        assert answer.status_code == status, more
        assert answer.json()["resourceType"] == "OperationOutcome"
    assert (await practice.call("GET", f"Group/$members?cohort={PRIORITY_LIST}"))["quantity"] == 0
    await practice.call("POST", "Group/$judge", judgement(here.person, **good))
    group = await group_of(practice, PRIORITY_LIST)
    why = await practice.call("GET", f"{group}/$explain?patient=Patient/{here.person}")
    assert len(parameters(why)["judgement"]) == 1


async def test_the_user_of_the_token_is_the_author_and_nobody_else(
    here: Neighbourhood, practice: FhirClient, http: httpx.AsyncClient
) -> None:
    author = await practitioner(practice, "Bell")
    token = here.system.token(here.codes["practice"], user=author)
    signed_in = FhirClient(http, here.system.url, token)
    other = judgement(here.person, "add", "Practitioner/other", reason="Frail", cohort=PRIORITY_LIST)
    assert (await signed_in.request("POST", "Group/$judge", other)).status_code == 422
    own = judgement(here.person, "add", reason="Frail", cohort=PRIORITY_LIST)
    answer = parameters(await signed_in.call("POST", "Group/$judge", own))
    assert answer["membership"][0]["judgement"][0]["author"] == [{"reference": author}]


async def test_a_filter_that_means_nothing_is_refused(here: Neighbourhood, practice: FhirClient) -> None:
    await has_condition(practice, here.person, LIVES_ALONE)
    await practice.caught_up()
    group = await group_of(practice, PRIORITY_LIST)
    for query in (
        "need=nothing-of-this-name", "segment=falls", "risk=high", "history=perhaps", "_sort=name", "_count=many",
    ):  # fmt: skip
        for path in (f"{group}/$members?{query}", f"Group/$members?{query}"):
            assert (await practice.request("GET", path)).status_code == 400, path


@pytest.mark.on_six_processes
async def test_a_list_is_read_page_by_page(here: Neighbourhood, practice: FhirClient) -> None:
    people = {here.person, await neighbour_with_two_conditions(here, practice)}
    await has_condition(practice, here.person, MODERATE_FRAILTY)
    await practice.caught_up()
    group = await group_of(practice, PRIORITY_LIST)
    assert "member" not in await practice.read(group), "a Group of ten thousand is read as fast as one of two"
    path: str | None = f"{group}/$members?_count=1&_sort=_id"
    found = []
    while path is not None:
        answer = await practice.request("GET", path)
        assert answer.json()["quantity"] == 2
        found += [each["entity"]["reference"].removeprefix("Patient/") for each in answer.json()["member"]]
        link = answer.headers.get("link")
        path = link.partition("/fhir/")[2].partition(">")[0] if link else None
    assert found == sorted(people)


async def test_nobody_of_another_practice_is_judged_or_explained_by_way_of_an_own_list(
    here: Neighbourhood, practice: FhirClient, http: httpx.AsyncClient
) -> None:
    await has_condition(practice, here.person, LIVES_ALONE)
    await has_condition(here.client(http, "other"), here.neighbour, LIVES_ALONE)
    await practice.caught_up()
    group, author = await group_of(practice, PRIORITY_LIST), await practitioner(practice, "Bell")
    said = judgement(here.neighbour, "add", author, reason="Frail")
    operator = here.client(http, "operator")
    for client in (practice, here.client(http, "network"), operator):
        assert (await client.request("POST", f"{group}/$judge", said)).status_code == 404
        explained = await client.request("GET", f"{group}/$explain?patient=Patient/{here.neighbour}")
        assert explained.status_code == 404
    own = await here.client(http, "other").call("GET", f"Patient/{here.neighbour}/$cohorts?history=true")
    assert all(each["cohort"][0]["code"] != PRIORITY_LIST for each in parameters(own).get("membership", []))
