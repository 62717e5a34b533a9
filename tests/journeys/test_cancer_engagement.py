"""People are engaged from the lists: a lung health check pilot, people at higher risk, and one screening process."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.listed_people import group_of, membership, parameters
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

LUNG, RISK, OVERDUE = "targeted-lung-health-check", "higher-cancer-risk", "cervical-screening-overdue"
SMOKER = ("77176002", "Smoker")
LETTER, TEXT, CALL = "MAILWRIT", "SMSWRIT", "PHONE"


@pytest.fixture
async def lists(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> PracticeLists:
    """A practice in a neighbourhood of its own."""
    return await practice_lists(http, embedded)


def asked(**given: Any) -> Resource:
    """Parameters: texts, booleans and references; a list repeats the parameter, of dicts as parts."""
    return {"resourceType": "Parameters", "parameter": [
        _parameter(name, one) for name, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    ]}  # fmt: skip


def _parameter(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"name": name, "part": [_parameter(part, each) for part, each in value.items()]}
    kinds = {bool: "valueBoolean", int: "valueInteger"}
    return {"name": name, kinds.get(type(value), "valueString"): value}


async def contact(client: FhirClient, person: str, group: str, mode: str, day: str) -> str:
    """A contact with a person about a list that took place: its reference."""
    system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
    made = await client.create({
        "resourceType": "Communication", "status": "completed", "subject": {"reference": f"Patient/{person}"},
        "about": [{"reference": group}], "medium": [{"coding": [{"system": system, "code": mode}]}],
        "sent": f"{day}T09:30:00+01:00", "payload": [{"contentString": "Come and have a check"}],
    })  # fmt: skip
    return f"Communication/{made['id']}"


async def engaged(client: FhirClient, group: str) -> tuple[dict[str, list[Any]], dict[str, dict[str, list[Any]]]]:
    """What `$engagement` counts, and by Patient id what it says of each person."""
    await client.caught_up()
    found = parameters(await client.call("GET", f"{group}/$engagement"))
    people = {each["patient"][0]["reference"].removeprefix("Patient/"): each for each in found.get("member", [])}
    return found, people


@pytest.mark.requirement("ECD-043")
async def test_a_lung_health_check_pilot_lists_eligible_people_who_are_invited_and_take_part(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    practice, network = lists.client, lists.here.client(http, "network")
    smokes, second, young = [await lists.register(born) for born in ("1955-01-01", "1956-01-01", "1980-01-01")]
    for person in (smokes, second, young):
        await lists.observe(person, SMOKER)
    assert (await lists.identify(LUNG)) == {LUNG: 0}
    assert await practice.search(f"Group?code={LUNG}") == [], "disabled, no list is made"

    await network.call("POST", "Group/$choose", asked(cohort=LUNG))
    assert (await lists.identify(LUNG)) == {LUNG: 2}
    group = await group_of(practice, LUNG)
    shown = await practice.call("GET", f"{group}/$members")
    assert {each["entity"]["reference"] for each in shown["member"]} == {f"Patient/{smokes}", f"Patient/{second}"}
    assert all(membership(each)["optional"] == [True] for each in shown["member"])

    letter = await contact(practice, smokes, group, LETTER, "2020-06-29")
    took_part = {"patient": f"Patient/{smokes}", "outcome": "attended", "date": "2020-07-01"}
    await practice.call("POST", f"{group}/$record-participation", asked(**took_part))
    counts, people = await engaged(practice, group)
    assert (counts["members"], counts["contacted"], counts["attended"]) == ([2], [1], [1])
    assert [each["communication"] for each in people[smokes]["contact"]] == [[{"reference": letter}]]
    assert [(each["outcome"], each["date"]) for each in people[smokes]["outcome"]] == [(["attended"], ["2020-07-01"])]
    assert "contact" not in people[second]
    for wrong, status in (
        ({"patient": f"Patient/{young}"}, 422), ({"outcome": "perhaps"}, 400), ({"date": "2020-07-02"}, 422),
        ({"patient": "Patient/nobody"}, 404),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await practice.call("POST", f"{group}/$record-participation", asked(**{**took_part, **wrong}))
        assert refused.value.status == status, wrong
    assert (await engaged(practice, group))[0]["attended"] == [1], "what was refused is not recorded"

    await network.call("POST", "Group/$choose", asked(cohort=LUNG, switchedOn=False))
    assert (await lists.identify(LUNG)) == {LUNG: 0}
    assert await lists.listed(LUNG) == []


@pytest.mark.requirement("ECD-044")
async def test_engagement_contacts_are_recorded_against_those_at_higher_risk_of_cancer(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    practice, person = lists.client, await lists.register("1965-01-01")
    await lists.observe(person, SMOKER)
    assert (await lists.identify(RISK)) == {RISK: 1}
    assert await lists.reasons(RISK) == {person: {SMOKER[0]}}
    group = await group_of(practice, RISK)
    letter = await contact(practice, person, group, LETTER, "2020-06-20")
    visit = await contact(practice, person, group, "FACE", "2020-06-28")
    _, people = await engaged(practice, group)
    assert [
        (each["communication"][0]["reference"], each["channel"], each["date"]) for each in people[person]["contact"]
    ] == [(letter, ["letter"], ["2020-06-20"]), (visit, ["face-to-face"], ["2020-06-28"])]

    mistaken = await practice.read(letter)
    await practice.patch(letter, [{"op": "replace", "path": "/status", "value": "entered-in-error"}],
                         mistaken["meta"]["versionId"])  # fmt: skip
    _, people = await engaged(practice, group)
    assert [each["communication"] for each in people[person]["contact"]] == [[{"reference": visit}]]
    for role in ("other", "commissioner"):
        with pytest.raises(Refused) as refused:
            await lists.here.client(http, role).call("GET", f"{group}/$engagement")
        assert refused.value.status == 404


@pytest.mark.requirement("ECD-054")
async def test_every_practice_follows_the_screening_process_of_the_network_and_exceptions_are_listed(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    here, practice = lists.here, lists.client
    network, operator = here.client(http, "network"), here.client(http, "operator")
    second = PracticeLists(here, here.client(http, "other"))
    steps = [{"channel": channel, "afterDays": days} for channel, days in (("letter", 0), ("text", 14), ("call", 7))]
    followed, otherwise, waiting = [await lists.register("1980-01-01") for _ in range(3)]
    elsewhere = await _register_with_other(second, "1985-01-01")
    await lists.identify(OVERDUE)

    with pytest.raises(Refused) as refused:
        await practice.call("POST", "Group/$publish-screening-process", asked(version="1", step=steps))
    assert refused.value.status == 403
    for wrong in ({"channel": "pigeon", "afterDays": 0}, {"channel": "letter", "afterDays": -1}):
        with pytest.raises(Refused) as refused:
            await network.call("POST", "Group/$publish-screening-process", asked(version="1", step=[wrong]))
        assert refused.value.status == 422
    await network.call("POST", "Group/$publish-screening-process", asked(version="1", step=steps))
    with pytest.raises(Refused) as refused:
        await network.call("POST", "Group/$publish-screening-process", asked(version="1", step=steps[:1]))
    assert refused.value.status == 409
    [version] = parameters(await practice.call("GET", "Group/$screening-process"))["process"]
    assert [(each["channel"][0], each["afterDays"][0]) for each in version["step"]] == [
        ("letter", 0), ("text", 14), ("call", 7),
    ]  # fmt: skip

    group = await group_of(practice, OVERDUE)
    await contact(practice, followed, group, LETTER, "2020-07-01")
    await contact(practice, otherwise, group, CALL, "2020-07-01")
    practices, people = await sequence(practice)
    [own] = practices.values()
    assert own["version"] == ["1"]
    assert [(each["channel"][0], each.get("due"), each.get("done")) for each in people[followed]["step"]] == [
        ("letter", ["2020-07-01"], ["2020-07-01"]), ("text", ["2020-07-15"], None), ("call", None, None),
    ]  # fmt: skip
    assert "exception" not in people[followed]
    assert people[otherwise]["exception"] == ["A call where a letter was next"]
    assert people[waiting]["step"][0]["due"] == ["2020-07-01"]
    assert elsewhere not in people

    practices, _ = await sequence(second.client)
    [other] = practices.values()
    assert other["exception"] == ["No network of this practice has published a process for this list"]
    await operator.create({
        "resourceType": "OrganizationAffiliation", "active": True, "organization": here.reference("network"),
        "participatingOrganization": here.reference("other"),
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
    })  # fmt: skip
    practices, people = await sequence(network)
    assert [each["version"] for each in practices.values()] == [["1"], ["1"]], "every practice follows the one process"
    assert {len(each["step"]) for each in people.values()} == {3}
    assert {followed, otherwise, waiting, elsewhere} <= set(people)


async def sequence(client: FhirClient) -> tuple[dict[str, dict[str, list[Any]]], dict[str, dict[str, list[Any]]]]:
    """What `$invitation-sequence` says of each practice, and of each person by Patient id."""
    await client.caught_up()
    found = parameters(await client.call("GET", f"Group/$invitation-sequence?cohort={OVERDUE}"))
    return (
        {each["practice"][0]: each for each in found.get("practice", [])},
        {each["patient"][0]["reference"].removeprefix("Patient/"): each for each in found.get("person", [])},
    )


async def _register_with_other(lists: PracticeLists, born: str) -> str:
    """A new person of the other practice: the Patient's id."""
    person = await lists.client.create({
        "resourceType": "Patient", "birthDate": born, "gender": "female", "name": [{"family": "Elsewhere"}],
        "generalPractitioner": [{"reference": f"Organization/{lists.here.organizations['other']}"}],
    })  # fmt: skip
    return str(person["id"])
