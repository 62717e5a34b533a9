"""The requirements as a catalogue: versions with their evidence, switches of networks, local ones, and what they check.

Publishing a version changes the catalogue of everyone, so each test here publishes other requirements than the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, ODS_CODE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

START = "2020-07-01T09:00+01:00"
STAFF_ROLE = f"{BASE}/CodeSystem/staff-role"
TRAINING = f"{BASE}/CodeSystem/training-duty"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def publish(client: FhirClient, requirement: str, starts: str, *more: dict[str, Any]) -> Resource:
    asked = parameters(part("requirement", valueString=requirement), part("from", valueDate=starts), *more)
    return await client.call("POST", "PlanDefinition/$publish", asked)


def staff(code: str) -> dict[str, Any]:
    return part("staff", valueCoding={"system": STAFF_ROLE, "code": code})


async def employ(area: Area, practice: str, code: str) -> str:
    """A practice enters someone who works there: `Practitioner/id`."""
    client = area.client(practice)
    person = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": "Okafor"}]})
    await client.create({
        "resourceType": "PractitionerRole", "active": True, "organization": area.reference(practice),
        "practitioner": {"reference": f"Practitioner/{person['id']}"},
        "code": [{"coding": [{"system": STAFF_ROLE, "code": code}]}],
    })  # fmt: skip
    return f"Practitioner/{person['id']}"


async def chased(area: Area, network: str, day: str) -> dict[str, str]:
    """Whom `$training-due` lists for a network on a day: practitioner -> the version of the duty."""
    answer = await area.client(network).read(
        f"PlanDefinition/$training-due?network={area.codes[network]}&date={day}"
    )
    found = {}
    for due in values(answer, "due"):
        [practitioner], [requirement] = values(due, "practitioner"), values(due, "requirement")
        found[practitioner["reference"]] = requirement.removeprefix(f"{BASE}/PlanDefinition/")
    return found


async def draft(area: Area, network: str, partner: str) -> str:
    """A network drafts a data sharing agreement: what it cites as the requirement."""
    asked = parameters(part("template", valueString="data-sharing"), part("party", valueString=area.codes[partner]))
    bundle = await area.client(network).call("POST", "OrganizationAffiliation/$draft-agreement", asked)
    return f"OrganizationAffiliation/{bundle['entry'][0]['resource']['id']}"


async def cited(area: Area, agreement: str) -> str:
    affiliation = await area.client("north").read(agreement)
    [document] = [each for each in affiliation["extension"] if each["url"].endswith("agreement-document")]
    [canonical] = [part["valueCanonical"] for part in document["extension"] if part["url"] == "requirement"]
    return str(canonical)


@pytest.mark.requirement("PCN-006")
async def test_earlier_records_cite_version_one_after_version_two_is_published(area: Area) -> None:
    earlier = await draft(area, "north", "elms")
    operator = area.client("operator")
    await publish(operator, "AC-031", "2020-07-01", part("text", valueString="Sign them, and renew them each year."))
    later = await draft(area, "north", "oaks")
    url = f"{BASE}/PlanDefinition/AC-031"
    assert (await cited(area, earlier), await cited(area, later)) == (f"{url}|1", f"{url}|2")
    client = area.client("northern")
    found = await client.search(f"PlanDefinition?identifier={BASE}/Id/requirement|AC-031")
    texts = {plan["version"]: plan["description"] for plan in found}
    assert set(texts) == {"1", "2"}
    assert texts["1"].startswith("From 30 June 2020 develop and sign")
    assert texts["2"] == "Sign them, and renew them each year."
    for version in ("1", "2"):
        bundle = await client.read(f"PlanDefinition/$requirement?requirement=AC-031&version={version}")
        assert [entry["resource"]["description"] for entry in bundle["entry"]] == [texts[version]]


@pytest.mark.requirement("PC-059", "PCN-063")
@pytest.mark.parametrize("requirement", ["PC-059", "PCN-063"])
async def test_every_requirement_lists_its_evidence_and_the_version_it_supports(
    area: Area, requirement: str
) -> None:
    client = area.client("northern")
    plans = (
        await client.search("PlanDefinition?title=personalised%20care&_count=10") if requirement == "PC-059"
        else await client.search(f"PlanDefinition?topic={BASE}/CodeSystem/requirement-kind|target&_count=100")
    )  # fmt: skip
    if requirement == "PC-059":
        [definition] = plans
        assert len(definition["action"]) > 50
        for action in definition["action"]:
            assert action["documentation"], action["prefix"]
            _, _, version = action["definitionCanonical"].rpartition("|")
            for each in action["documentation"]:
                assert each["citation"]
                assert each["label"] == f"{action['prefix']} version {version}"
        return
    assert len(plans) > 50
    for plan in plans:
        [identifier] = plan["identifier"]
        assert plan["relatedArtifact"], identifier["value"]
        for each in plan["relatedArtifact"]:
            assert each["citation"]
            assert each["label"] == f"{identifier['value']} version {plan['version']}"


async def test_a_new_version_brings_its_own_evidence(area: Area) -> None:
    await publish(area.client("operator"), "PC-060", "2020-07-01", part("evidence", valueString="A later review"))
    found = await area.client("northern").search(f"PlanDefinition?identifier={BASE}/Id/requirement|PC-060")
    labelled = {each["label"]: each["citation"] for plan in found for each in plan["relatedArtifact"]}
    assert labelled["PC-060 version 2"] == "A later review"
    assert "paragraph" in labelled["PC-060 version 1"] or "summary report" in labelled["PC-060 version 1"]
    [service] = await area.client("northern").search("PlanDefinition?title=personalised%20care")
    [action] = [each for each in service["action"] if each["prefix"] == "PC-060"]
    assert action["definitionCanonical"] == f"{BASE}/PlanDefinition/PC-060|2"


@pytest.mark.requirement("PCN-004")
async def test_a_requirement_applies_to_one_network_from_its_day_and_nowhere_else(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    area = await new_area(http, new_system("--clock", START))
    operator = area.client("operator")
    first, other = await employ(area, "northern", "dietitian"), await employ(area, "southern", "dietitian")
    await publish(operator, "PC-034", "2020-07-01", staff("dietitian"))
    for network in ("north", "south"):
        assert await chased(area, network, "2021-03-01") == {}, "the phase begins in April 2023"
    asked = parameters(
        part("requirement", valueString="PC-034"), part("network", valueReference=area.reference("north")),
        part("from", valueDate="2020-09-01"),
    )  # fmt: skip
    with pytest.raises(Refused) as itself:
        await area.client("north").call("POST", "PlanDefinition/$switch", asked)
    assert itself.value.status == 403
    await operator.call("POST", "PlanDefinition/$switch", asked)
    assert await chased(area, "north", "2020-08-31") == {}
    assert await chased(area, "north", "2020-09-01") == {first: "PC-034|2"}
    assert await chased(area, "south", "2020-09-01") == {}
    assert other in await chased(area, "south", "2023-04-01")


@pytest.mark.requirement("PC-022", "PC-028", "PC-034")
@pytest.mark.parametrize(
    ("requirement", "starts", "before"),
    [("PC-022", "2021-04-01", "2021-03-31"), ("PC-028", "2022-04-01", "2022-03-31"),
     ("PC-034", "2023-04-01", "2023-03-31")],
    ids=["PC-022", "PC-028", "PC-034"],
)  # fmt: skip
async def test_a_staff_cohort_added_by_a_new_version_is_chased_from_its_day(
    area: Area, requirement: str, starts: str, before: str
) -> None:
    code = f"coach-{requirement.lower()}"
    coach = await employ(area, "northern", code)
    published = await publish(area.client("operator"), requirement, starts, staff(code))
    assert await chased(area, "north", before) == {}
    assert (await chased(area, "north", starts))[coach] == f"{requirement}|{published['version']}"
    bundle = await area.client("northern").read(f"PlanDefinition/$requirement?requirement={requirement}&version=1")
    [earlier] = [entry["resource"] for entry in bundle["entry"]]
    assert not [each for each in earlier["extension"] if each["url"].endswith("staff-cohort")]
    assert earlier["id"] == f"{requirement}-1"
    assert await area.client("northern").read(f"PlanDefinition/{requirement}-1")

    trained = await area.client("northern").read(coach)
    trained["qualification"] = [{
        "code": {"coding": [{"system": TRAINING, "code": requirement}]}, "period": {"start": starts},
    }]  # fmt: skip
    await area.client("northern").call("PUT", coach, trained)
    assert coach not in await chased(area, "north", starts)


@pytest.mark.requirement("PCN-045")
async def test_a_local_requirement_is_in_the_catalogue_of_its_area_alone(
    area: Area, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    elsewhere = await new_area(http, embedded)
    asked = parameters(
        part("service", valueString="PC"), part("title", valueString="Singing for lung health"),
        part("text", valueString="Offer a singing group to people with COPD."), part("from", valueDate="2020-07-01"),
        part("benefit", valueMarkdown="A fifth fewer exacerbations in the year after."),
    )  # fmt: skip
    with pytest.raises(Refused) as network:
        await area.client("north").call("POST", "PlanDefinition/$add-local", asked)
    assert network.value.status == 403
    added = await area.client("commissioner").call("POST", "PlanDefinition/$add-local", asked)
    local = added["identifier"][0]["value"]

    async def catalogue(client: FhirClient, of: str) -> dict[str, Resource]:
        bundle = await client.read(f"PlanDefinition/$catalogue?network={of}&service=PC")
        return {entry["resource"]["identifier"][0]["value"]: entry["resource"] for entry in bundle["entry"]}

    for name in ("north", "south"):
        mine = await catalogue(area.client(name), area.codes[name])
        marks = {each["url"].rpartition("/")[2]: each for each in mine[local]["extension"]}
        said = {each["url"]: each for each in marks["local-requirement"]["extension"]}
        assert said["benefit"]["valueMarkdown"] == "A fifth fewer exacerbations in the year after."
        holder = {"system": ODS_CODE, "value": area.codes["commissioner"]}
        assert said["holder"]["valueReference"]["identifier"] == holder
        national = [plan for name, plan in mine.items() if name != local]
        assert national
        assert not any("local-requirement" in str(plan) for plan in national)
    assert local in await catalogue(area.client("northern"), area.codes["north"])
    stranger = elsewhere.client("north")
    assert local not in await catalogue(stranger, elsewhere.codes["north"])
    assert local not in await catalogue(stranger, area.codes["north"])
    assert await stranger.search(f"PlanDefinition?identifier={local}") == []
    for path in (f"PlanDefinition/$requirement?requirement={local}", f"PlanDefinition/{local}-1"):
        with pytest.raises(Refused) as refused:
            await stranger.read(path)
        assert refused.value.status == 404
    with pytest.raises(Refused) as theirs:
        await publish(elsewhere.client("commissioner"), local, "2020-08-01", part("text", valueString="Stop it"))
    assert theirs.value.status == 404


@pytest.mark.requirement("PCN-069")
async def test_a_video_contact_counts_where_digital_delivery_is_allowed(area: Area) -> None:
    await publish(area.client("operator"), "SMR-010", "2020-07-01", part("digital", valueBoolean=True))
    practice, patient = area.client("northern"), await area.register("northern")

    async def contact(code: str, day: str = "2020-07-01", status: str = "finished") -> str:
        made = await practice.create({
            "resourceType": "Encounter", "status": status, "subject": {"reference": f"Patient/{patient}"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code},
            "period": {"start": day},
        })  # fmt: skip
        return f"Encounter/{made['id']}"

    async def counts(requirement: str, encounter: str) -> tuple[bool, str]:
        query = f"requirement={requirement}&contact={encounter}"
        answer = await practice.read(f"PlanDefinition/$counts?{query}")
        return values(answer, "counts")[0], values(answer, "version")[0].rpartition("|")[2]

    video, visit = await contact("VR"), await contact("HH")
    assert await counts("SMR-010", video) == (True, "2")
    assert await counts("SMR-011", video) == (False, "1")
    assert await counts("SMR-010", visit) == (True, "2")
    assert await counts("SMR-011", visit) == (True, "1")
    assert await counts("SMR-010", await contact("VR", "2020-06-30")) == (False, "1"), "before version two"
    assert await counts("SMR-010", await contact("VR", status="cancelled")) == (False, "2")
    with pytest.raises(Refused) as stranger:
        await area.client("southern").read(f"PlanDefinition/$counts?requirement=SMR-010&contact={video}")
    assert stranger.value.status == 404
    seen = await practice.search(f"AuditEvent?patient=Patient/{patient}&entity={video}")
    assert seen[0]["outcome"] == "4", "the refusal is the newest in the trail"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([], 422), ([part("digital", valueString="perhaps")], 400), ([part("staff", valueString="nurse")], 400),
        ([part("phase", valueString="2021")], 400), ([part("digital", valueBoolean=False)], 422),
    ],
)  # fmt: skip
async def test_a_version_that_is_refused_is_not_published(
    area: Area, more: list[dict[str, Any]], status: int
) -> None:
    with pytest.raises(Refused) as refused:
        await publish(area.client("operator"), "SMR-012", "2020-07-01", *more)
    assert refused.value.status == status
    with pytest.raises(Refused) as network:
        await publish(area.client("north"), "SMR-012", "2020-07-01", part("text", valueString="Less"))
    assert network.value.status == 403
    bundle = await area.client("north").read("PlanDefinition/$requirement?requirement=SMR-012")
    assert [entry["resource"]["version"] for entry in bundle["entry"]] == ["1"]
