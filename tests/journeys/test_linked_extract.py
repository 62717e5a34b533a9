"""The linked, pseudonymised extract of people's records for population health (AC-032, AC-034)."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, NHS_NUMBER, SNOMED_CT
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, free_nhs_number, settle_in
from tandem_tests.running import EmbeddedTandem

TOOL = f"{BASE}/CodeSystem/identification-tool"
DIABETES = {"system": SNOMED_CT, "code": "73211009", "display": "Diabetes mellitus, says Quillfeather"}
LEG_ULCER = {"system": SNOMED_CT, "code": "95344007", "display": "Ulcer, says Quillfeather"}
HOMELESS = {"system": TOOL, "code": "housing-data/homeless", "display": "Homeless"}
LITERACY = {"system": TOOL, "code": "education-data/low-literacy", "display": "Low literacy"}
OPT_OUT = {"system": SNOMED_CT, "code": "827241000000103", "display": "Dissent from secondary use"}
COLUMNS = {
    "pseudonym", "ageBand", "sex", "practice", "network", "cohorts", "health", "housing", "education", "medicines",
}  # fmt: skip
ASKED = [("smallestGroup", "5")]


@dataclass(slots=True)
class People:
    """Six people of one practice; `put_in` is everything that must not come out."""

    here: Neighbourhood
    http: httpx.AsyncClient
    ids: list[str] = field(default_factory=list)
    put_in: set[str] = field(default_factory=set)

    def client(self, role: str) -> FhirClient:
        return self.here.client(self.http, role)


async def register(people: People, number: int) -> str:
    nhs, family, given = free_nhs_number(), f"Quillfeather{number}", f"Wilhelmina{number}"
    phone, street, postcode = f"0161 496 0{number:03}", f"{number} Larkspur Mews", f"M1 {number}ZZ"
    born = f"1952-03-{10 + number}"
    made = await people.client("practice").create({
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": nhs}], "gender": "female",
        "name": [{"family": family, "given": [given]}], "birthDate": born,
        "telecom": [{"system": "phone", "value": phone}],
        "address": [{"line": [street], "city": "Manchester", "postalCode": postcode}],
        "generalPractitioner": [{"reference": f"Organization/{people.here.organizations['practice']}"}],
    })  # fmt: skip
    people.put_in |= {nhs, family, given, phone, street, postcode, born, "Manchester", str(made["id"])}
    people.ids.append(str(made["id"]))
    return str(made["id"])


async def record(people: People, role: str, resource: Resource) -> None:
    made = await people.client(role).create(resource)
    people.put_in |= {str(made["id"]), "Quillfeather", "Gossip"}


async def know(people: People, number: int) -> None:
    """What the practice knows of one: with texts everywhere, and identifiers where codes belong."""
    person = await register(people, number)
    subject = {"reference": f"Patient/{person}", "display": f"Wilhelmina{number} Quillfeather{number}"}
    day = f"2019-05-{11 + number}"
    people.put_in.add(day)
    await record(people, "practice", {
        "resourceType": "Condition", "subject": subject, "onsetDateTime": day, "note": [{"text": "Gossip"}],
        "code": {"coding": [DIABETES], "text": "Diabetes of Quillfeather"},
    })  # fmt: skip
    for coding in (HOMELESS, LITERACY, {"system": TOOL, "code": "Gossip of Quillfeather"},
                   {"system": SNOMED_CT, "code": "Quillfeather"}, {"system": NHS_NUMBER, "code": "9990000018"}):
        await record(people, "practice", {
            "resourceType": "Observation", "status": "final", "subject": subject, "code": {"coding": [coding]},
            "effectiveDateTime": "2020-02-13", "valueString": "Gossip",
        })  # fmt: skip
    people.put_in |= {"2020-02-13", "9990000018"}
    team = {"participant": [{"member": people.here.reference(role)} for role in ("practice", "community")]}
    await record(people, "practice", {"resourceType": "CareTeam", "status": "active", "subject": subject, **team})


async def the_community_provider_adds_its_own(people: People) -> None:
    community = people.client("community")

    async def sees_everyone() -> bool:
        seen = [await community.request("GET", f"Patient/{person}") for person in people.ids]
        return all(answer.status_code == 200 for answer in seen)

    await eventually(sees_everyone, community.caught_up)
    for person in people.ids:
        await record(people, "community", {
            "resourceType": "Condition", "subject": {"reference": f"Patient/{person}"},
            "onsetDateTime": "2020-03-21", "code": {"coding": [LEG_ULCER], "text": "Gossip"},
        })  # fmt: skip
    people.put_in.add("2020-03-21")


@pytest.fixture
async def people(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> People:
    known = People(await settle_in(http, embedded), http)
    for number in range(6):
        await know(known, number)
    await known.client("practice").caught_up()
    return known


async def extract(client: FhirClient, *asked: tuple[str, str]) -> tuple[Resource, list[str]]:
    """The manifest, and the text of each part: asked for as a job, as its users would."""
    body = {"resourceType": "Parameters", "parameter": [
        {"name": name, "valueString": value} for name, value in asked
    ]}  # fmt: skip
    answer = await client.request("POST", "Group/$extract", body, Prefer="respond-async")
    assert answer.status_code == 202, answer.text
    place = answer.headers["Content-Location"].removeprefix(f"{client.base}/")
    while (answer := await client.request("GET", place)).status_code == 202:
        await asyncio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    manifest: Resource = answer.json()
    parts = []
    for each in (parameter["part"] for parameter in manifest["parameter"] if parameter["name"] == "part"):
        [url] = [one["valueUrl"] for one in each if one["name"] == "url"]
        part = await client.request("GET", url.removeprefix(f"{client.base}/"))
        assert part.status_code == 200
        parts.append(part.text)
    return manifest, parts


def rows_in(parts: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for part in parts for line in part.splitlines()]


def codes(row: dict[str, Any], theme: str) -> set[tuple[str, str | None]]:
    return {(each["code"], each.get("since")) for each in row[theme]}


@pytest.mark.requirement("AC-032")
async def test_a_network_extracts_rows_with_a_pseudonym_and_without_identifiers_or_free_text(people: People) -> None:
    network = people.client("network")
    _, parts = await extract(network, *ASKED)
    rows = rows_in(parts)
    # The neighbourhood has two people more; what so few share is not told.
    of_six = [row for row in rows if row["health"]]
    assert len(of_six) == 6
    for row in of_six:
        assert set(row) == COLUMNS
        assert re.fullmatch("[0-9a-f]{32}", row["pseudonym"])
        assert (row["ageBand"], row["sex"]) == ("65-69", "female")
        assert row["practice"] == people.here.codes["practice"]
        assert codes(row, "health") == {("73211009", "2019-05")}
        assert codes(row, "housing") == {("housing-data/homeless", "2020-02")}
        assert codes(row, "education") == {("education-data/low-literacy", "2020-02")}

    for role, status in (("commissioner", 403), ("community", 403), ("other", 403)):
        asked = {"resourceType": "Parameters", "parameter": [
            {"name": "network", "valueString": people.here.codes["network"]},
        ]}  # fmt: skip
        answer = await people.client(role).request("POST", "Group/$extract", asked)
        assert answer.status_code == status, role

    events = await network.search("AuditEvent?_count=50")
    operations = [each["subtype"][0].get("display", "") for each in events if each["outcome"] == "0"]
    assert sorted(each for each in operations if "extract" in each) == ["$extract", "$extract-part"]


async def test_nothing_that_was_put_in_as_name_identifier_date_or_text_comes_out(people: People) -> None:
    await the_community_provider_adds_its_own(people)
    await people.client("practice").caught_up()
    for asked in (ASKED, [*ASKED, ("format", "csv")]):
        manifest, parts = await extract(people.client("network"), *asked)
        text = "\n".join([json.dumps(manifest), *parts]).lower()
        assert len(people.put_in) > 60
        assert [each for each in people.put_in if each.lower() in text] == []
        assert not re.search(r"\b\d{4}-\d\d-\d\d\b", "\n".join(parts)), "months, never days"
    assert {len(line) for part in parts for line in list(csv.reader(part.splitlines()))} == {len(COLUMNS)}


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-034")
async def test_the_records_of_a_community_provider_are_in_the_same_extract(people: People) -> None:
    await the_community_provider_adds_its_own(people)
    await people.client("practice").caught_up()
    _, parts = await extract(people.client("network"), *ASKED)
    rows = [row for row in rows_in(parts) if row["health"]]
    assert [codes(row, "health") for row in rows] == [{("73211009", "2019-05"), ("95344007", "2020-03")}] * 6


async def test_who_opted_out_is_in_no_extract_until_it_is_taken_back(people: People) -> None:
    network, practice = people.client("network"), people.client("practice")
    before = {row["pseudonym"] for row in rows_in((await extract(network, *ASKED))[1])}
    person = {"reference": f"Patient/{people.ids[0]}"}
    out = await practice.create({
        "resourceType": "Observation", "status": "final", "subject": person, "code": {"coding": [OPT_OUT]},
        "effectiveDateTime": "2020-06-01",
    })  # fmt: skip
    flag = await practice.create({
        "resourceType": "Flag", "status": "active", "subject": {"reference": f"Patient/{people.ids[1]}"},
        "period": {"start": "2020-06-01"},
        "code": {"coding": [{"system": f"{BASE}/CodeSystem/data-opt-out", "code": "national-data-opt-out"}]},
    })  # fmt: skip
    await practice.caught_up()
    without = {row["pseudonym"] for row in rows_in((await extract(network, *ASKED))[1])}
    assert without < before
    assert len(before - without) == 2
    await practice.call("DELETE", f"Observation/{out['id']}")
    flag["period"]["end"] = "2020-06-30"
    await practice.call("PUT", f"Flag/{flag['id']}", flag)
    await practice.caught_up()
    assert {row["pseudonym"] for row in rows_in((await extract(network, *ASKED))[1])} == before


async def test_an_extract_is_made_with_the_scope_to_create_and_fetched_with_the_scope_to_read(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    reader = FhirClient(http, embedded.url, embedded.token(here.codes["practice"], scope="system/*.rs"))
    maker = FhirClient(http, embedded.url, embedded.token(here.codes["practice"], scope="system/Group.c"))
    await here.client(http, "practice").caught_up()
    asked = {"resourceType": "Parameters"}
    assert (await reader.request("POST", "Group/$extract", asked)).status_code == 403
    made = await maker.call("POST", "Group/$extract", asked)
    told = {each["name"]: each for each in made["parameter"]}
    assert told["keyNumber"]["valueInteger"] == 1
    [url] = [each["valueUrl"] for each in told["part"]["part"] if each["name"] == "url"]
    part = url.removeprefix(f"{reader.base}/")
    assert (await maker.request("GET", part)).status_code == 403
    assert (await reader.request("GET", part)).status_code == 200
