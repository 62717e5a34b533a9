"""Agreements between organisations: drafted from a template, signed by each party, and what they then open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, ODS_CODE, ORGANISATION_TYPE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import admit, nhs_reference, organisation_reference, plan_of, register
from tandem_tests.running import EmbeddedTandem

PARTNERS = ("community-provider", "mental-health", "acute-trust", "voluntary", "social-care")
_NUMBERS = count(10)


@dataclass(slots=True)
class Area:
    """A network of two practices and one partner of each kind: codes and Organization ids by name."""

    http: httpx.AsyncClient
    system: EmbeddedTandem
    codes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, name: str, **claims: str) -> FhirClient:
        if name == "operator":
            return FhirClient(self.http, self.system.url, self.system.token("T0001", operator=True))
        return FhirClient(self.http, self.system.url, self.system.token(self.codes[name], **claims))

    def signatory(self, name: str) -> FhirClient:
        return self.client(name, user=f"Practitioner/of-{self.codes[name]}")

    async def draft(self, **parameters: Any) -> list[Resource]:
        """What the network drafts: its OrganizationAffiliations."""
        bundle = await self.client("network").call(
            "POST", "OrganizationAffiliation/$draft-agreement", body(**parameters)
        )
        return [entry["resource"] for entry in bundle["entry"]]

    async def state(self, affiliation: str, day: str | None = None) -> dict[str, Any]:
        """How `$agreements` says that one stands: its state, and by party the day it signed on and who for it."""
        query = f"network={self.codes['network']}" + (f"&date={day}" if day else "")
        answer = await self.client("network").read(f"OrganizationAffiliation/$agreements?{query}")
        for found in parts(answer, "agreement"):
            named = {part["name"]: part for part in found}
            if named["affiliation"]["valueReference"]["reference"].endswith(affiliation):
                signed = {}
                for each in (part["part"] for part in found if part["name"] == "party"):
                    inner = {part["name"]: part for part in each}
                    signed[inner["organisation"]["valueReference"]["reference"]] = (
                        inner.get("signed", {}).get("valueDateTime"),
                        inner.get("user", {}).get("valueReference", {}).get("reference"),
                    )
                return {"state": named["state"]["valueCode"], "signed": signed}
        raise AssertionError("the agreement is not among those of the network")


def body(**parameters: Any) -> Resource:
    """Parameters of texts; a list gives several."""
    listed = {name: given if isinstance(given, list) else [given] for name, given in parameters.items()}
    pairs = [(name, one) for name, several in listed.items() for one in several]
    return {"resourceType": "Parameters", "parameter": [{"name": name, "valueString": one} for name, one in pairs]}


def parts(parameters: Resource, name: str) -> list[list[dict[str, Any]]]:
    return [each["part"] for each in parameters["parameter"] if each["name"] == name]


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    here, number = Area(http, embedded), next(_NUMBERS)
    kinds = {"network": "network", "north": "practice", "south": "practice", **{kind: kind for kind in PARTNERS}}
    here.codes = {"network": f"U{40_000 + number}", "north": f"Y{40_000 + number}", "south": f"Y{41_000 + number}",
                  **{kind: f"R{place}{number:03}" for place, kind in enumerate(PARTNERS)}}  # fmt: skip
    operator = here.client("operator")
    for name, kind in kinds.items():
        made = await operator.create({
            "resourceType": "Organization", "active": True, "name": f"{name} {number}",
            "identifier": [{"system": ODS_CODE, "value": here.codes[name]}],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
        })  # fmt: skip
        here.ids[name] = made["id"]
    for practice in ("north", "south"):
        await operator.create({
            "resourceType": "OrganizationAffiliation", "active": True,
            "organization": {"reference": f"Organization/{here.ids['network']}"},
            "participatingOrganization": {"reference": f"Organization/{here.ids[practice]}"},
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
        })  # fmt: skip
    return here


@pytest.mark.requirement("AC-084")
async def test_an_agreement_is_drafted_from_a_template_with_its_parties_filled_in(area: Area) -> None:
    answer = await area.client("network").read("OrganizationAffiliation/$agreement-templates")
    found = {}
    for template in parts(answer, "template"):
        named = {part["name"]: part for part in template}
        found[named["id"]["valueId"]] = named
    assert set(found) == {"data-sharing", "mdt", "governance", "support-coordination"}
    assert all("{{parties}}" in each["text"]["valueMarkdown"] for each in found.values())
    for name in found:
        drafted = await area.draft(template=name, party=[area.codes["community-provider"]], start="2020-07-01")
        [affiliation] = drafted
        assert await area.client("south").read(f"OrganizationAffiliation/{affiliation['id']}") == affiliation
        document = next(each for each in affiliation["extension"] if each["url"].endswith("agreement-document"))
        said = {part["url"]: part for part in document["extension"]}
        assert said["template"]["valueString"] == f"{name}@1"
        text = said["text"]["valueMarkdown"]
        assert "{{" not in text
        number = area.codes["network"][-2:]
        for party in ("network", "north", "south", "community-provider"):
            assert f"{party} {number}" in text, party
        assert (await area.state(affiliation["id"]))["state"] == ("overdue" if name == "data-sharing" else "draft")


@pytest.mark.requirement("AC-031")
async def test_an_agreement_is_active_only_when_every_party_has_signed_and_overdue_after_june(area: Area) -> None:
    drafted = await area.draft(
        template="data-sharing", party=[area.codes[kind] for kind in PARTNERS], start="2020-06-01", purpose="TREAT"
    )
    assert len(drafted) == len(PARTNERS)
    one = drafted[0]["id"]
    unsigned = await area.state(one, "2020-06-30")
    assert unsigned["state"] == "draft"
    assert set(unsigned["signed"]) == {f"Organization/{each}" for each in area.ids.values()}
    assert set(unsigned["signed"].values()) == {(None, None)}
    assert (await area.state(one, "2020-07-01"))["state"] == "overdue"
    for name in area.codes:
        assert (await area.state(one))["state"] == "overdue", f"before {name} has signed"
        await area.signatory(name).call("POST", f"OrganizationAffiliation/{one}/$sign")
    for affiliation in drafted:
        assert (await area.state(affiliation["id"]))["state"] == "active"
    assert (await area.state(one, "2020-06-30"))["state"] == "draft", "signed on 1 July"


@pytest.mark.requirement("AC-033")
async def test_a_community_provider_signs_through_its_own_user_and_the_agreement_shows_it(area: Area) -> None:
    [drafted] = await area.draft(template="data-sharing", party=[area.codes["community-provider"]])
    path = f"OrganizationAffiliation/{drafted['id']}/$sign"
    with pytest.raises(Refused) as nobody:
        await area.client("community-provider").call("POST", path)
    assert nobody.value.status == 403, "a person signs"
    with pytest.raises(Refused) as stranger:
        await area.signatory("acute-trust").call("POST", path)
    assert stranger.value.status == 403
    with pytest.raises(Refused) as reader:
        await area.client("community-provider", user="Practitioner/7", scope="user/*.rs").call("POST", path)
    assert reader.value.status == 403, "a user who may only read is not authorised to sign"
    for other in ("north", "community-provider"):
        with pytest.raises(Refused) as for_another:
            await area.signatory(other).call("POST", path, body(party=area.codes["south"]))
        assert for_another.value.status == 400
    assert set((await area.state(drafted["id"]))["signed"].values()) == {(None, None)}, "nothing was signed"

    await area.signatory("community-provider").call("POST", path)
    signed = (await area.state(drafted["id"]))["signed"]
    own = signed.pop(f"Organization/{area.ids['community-provider']}")
    assert own[0].startswith("2020-07-01T")
    assert own[1] == f"Practitioner/of-{area.codes['community-provider']}"
    assert set(signed.values()) == {(None, None)}
    with pytest.raises(Refused) as again:
        await area.signatory("community-provider").call("POST", path)
    assert again.value.status == 409


async def enter(area: Area, name: str) -> None:
    """A practice is entered, and joins the network."""
    operator, number = area.client("operator"), next(_NUMBERS)
    area.codes[name] = f"Y{42_000 + number}"
    made = await operator.create({
        "resourceType": "Organization", "active": True, "name": f"{name} {number}",
        "identifier": [{"system": ODS_CODE, "value": area.codes[name]}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "practice"}]}],
    })  # fmt: skip
    area.ids[name] = made["id"]
    await operator.create({
        "resourceType": "OrganizationAffiliation", "active": True,
        "organization": {"reference": f"Organization/{area.ids['network']}"},
        "participatingOrganization": {"reference": f"Organization/{area.ids[name]}"},
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
    })  # fmt: skip


async def test_a_practice_that_joins_later_is_asked_to_sign_what_the_network_holds(area: Area) -> None:
    provider = area.codes["community-provider"]
    _, observation = await person_of(area)
    [running] = await area.draft(template="data-sharing", party=[provider], purpose="TREAT", start="2020-06-01")
    [waiting] = await area.draft(template="mdt", party=[provider])
    [ended] = await area.draft(template="governance", party=[provider])
    operator = area.client("operator")
    await operator.call("PUT", f"OrganizationAffiliation/{ended['id']}", {**ended, "active": False})
    for name in ("network", "north", "south", "community-provider"):
        await area.signatory(name).call("POST", f"OrganizationAffiliation/{running['id']}/$sign")
    await enter(area, "east")
    east = f"Organization/{area.ids['east']}"
    states = {each["id"]: await area.state(each["id"]) for each in (running, waiting, ended)}
    assert [states[each["id"]]["state"] for each in (running, waiting, ended)] == ["active", "draft", "ended"]
    assert states[running["id"]]["signed"][east] == states[waiting["id"]]["signed"][east] == (None, None)
    assert east not in states[ended["id"]]["signed"]

    treating = area.client("community-provider", purpose="TREAT")
    assert (await treating.request("GET", f"Observation/{observation}")).status_code == 200, "what was open stays open"
    newcomer, number = await register(area.client("east"), area.ids["east"])
    await area.client("east").create({
        "resourceType": "CareTeam", "status": "active", "subject": nhs_reference(number),
        "participant": [{"member": organisation_reference(provider)}],
    })  # fmt: skip
    await area.client("east").caught_up()
    assert (await treating.request("GET", f"Patient/{newcomer}")).status_code == 404, "its practice has not signed"
    signed = await area.signatory("east").call("POST", f"OrganizationAffiliation/{running['id']}/$sign")
    assert (await treating.request("GET", f"Patient/{newcomer}")).status_code == 200
    assert (await area.state(running["id"]))["signed"][east][1] == f"Practitioner/of-{area.codes['east']}"

    [membership] = await operator.search(f"OrganizationAffiliation?participating-organization={east}")
    await operator.call("PUT", f"OrganizationAffiliation/{membership['id']}", {**membership, "active": True})
    assert await operator.read(f"OrganizationAffiliation/{running['id']}") == signed, "it is asked once"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_nobody_writes_the_signature_of_another_party(area: Area, method: str) -> None:
    """Not the practice whose people it is about, nor the partner; what was refused leaves the version as it was."""
    asked = body(template="data-sharing", party=area.codes["community-provider"])
    drafted = await area.client("north").call("POST", "OrganizationAffiliation/$draft-agreement", asked)
    [affiliation] = [entry["resource"] for entry in drafted["entry"]]
    path = f"OrganizationAffiliation/{affiliation['id']}"
    places = [place for place, one in enumerate(affiliation["extension"]) if one["url"] == AGREEMENT_SIGNATURE]
    assert len(places) == 2, "the practice and its partner"
    for forger, place in (("north", places[1]), ("community-provider", places[0])):
        signed = {"url": "signed", "valueDateTime": "2020-07-01"}
        if method == "PUT":
            extensions = [dict(each) for each in affiliation["extension"]]
            extensions[place]["extension"] = [*extensions[place]["extension"], signed]
            answer = await area.client(forger).request("PUT", path, {**affiliation, "extension": extensions})
        else:
            patch = [{"op": "add", "path": f"/extension/{place}/extension/-", "value": signed}]
            answer = await area.client(forger).request("PATCH", path, patch)
        assert answer.status_code == 403, answer.text
        assert "signs for itself" in answer.text
    assert await area.client("north").read(path) == affiliation
    await area.signatory("north").call("POST", f"{path}/$sign")
    await area.signatory("community-provider").call("POST", f"{path}/$sign")
    both = await area.client("north").read(path)
    shorter = {**both, "period": {**both["period"], "end": "2030-12-31"}}
    answer = await area.client("north").request("PUT", path, {**both, "period": {"start": "2019-01-01"}})
    assert answer.status_code == 403, "an earlier beginning was not signed"
    await area.client("north").call("PUT", path, shorter)
    ended = await area.client("north").call("PUT", path, {**shorter, "active": False})
    assert ended["active"] is False


async def person_of(area: Area) -> tuple[str, str]:
    """A person of the north practice with the community provider on the team: Patient.id, and an Observation's."""
    north = area.client("north")
    person, number = await register(north, area.ids["north"])
    await north.create({
        "resourceType": "CareTeam", "status": "active", "subject": nhs_reference(number),
        "participant": [{"member": organisation_reference(area.codes["community-provider"])}],
    })  # fmt: skip
    made = await north.create({
        "resourceType": "Observation", "status": "final", "code": {"text": "Gait"},
        "subject": {"reference": f"Patient/{person}"},
    })  # fmt: skip
    return person, str(made["id"])


async def trail(client: FhirClient, person: str, entity: str) -> list[tuple[str, str, str]]:
    """Who read what of a person, newest first: organisation, outcome, purpose."""
    events = await client.search(f"AuditEvent?patient=Patient/{person}&entity={entity}&subtype=read")
    return [
        (
            event["agent"][-1]["who"]["identifier"]["value"], event["outcome"],
            event.get("purposeOfEvent", [{"coding": [{"code": ""}]}])[0]["coding"][0]["code"],
        )
        for event in events
    ]  # fmt: skip


@pytest.mark.requirement("AC-021", "PCN-065")
@pytest.mark.parametrize("requirement", ["AC-021", "PCN-065"])
async def test_a_partner_reads_only_under_an_agreement_for_the_purpose_and_the_data(
    area: Area, requirement: str
) -> None:
    person, observation = await person_of(area)
    path, provider = f"Observation/{observation}", area.codes["community-provider"]
    treating = area.client("community-provider", purpose="TREAT")

    async def status(client: FhirClient, reference: str = path) -> int:
        return (await client.request("GET", reference)).status_code

    assert await status(treating) == 404, "no agreement"
    [drafted] = await area.draft(
        template="data-sharing", party=[provider], purpose="TREAT", data=["Observation", "CarePlan"], start="2020-07-01"
    )
    assert await status(treating) == 404, "nobody has signed"
    for name in ("network", "north", "south", "community-provider"):
        await area.signatory(name).call("POST", f"OrganizationAffiliation/{drafted['id']}/$sign")
    assert await status(treating) == 200
    assert await status(area.client("community-provider", purpose="HRESCH")) == 404, "another purpose"
    assert await status(area.client("community-provider")) == 404, "no purpose"
    assert await status(treating, f"Patient/{person}") == 404, "data that is not shared"
    found = await treating.search(f"Observation?patient=Patient/{person}")
    assert [each["id"] for each in found] == [observation]
    researching = area.client("community-provider", purpose="HRESCH")
    assert await researching.search(f"Observation?patient=Patient/{person}") == []

    seen = await trail(area.client("north"), person, path)
    assert seen == [
        (provider, "4", ""), (provider, "4", "HRESCH"), (provider, "0", "TREAT"), (provider, "4", "TREAT"),
        (provider, "4", "TREAT"),
    ]  # fmt: skip
    own = await area.client("community-provider").search(f"AuditEvent?entity={path}&subtype=read")
    assert [event["outcome"] for event in own] == ["4", "4", "0", "4", "4"], "it finds its own, refused ones too"
    refused = [event for event in own if event["outcome"] == "4"]
    assert person not in str(refused), "and does not learn from them whom the record is about"
    assert len(await area.client("community-provider").search(f"AuditEvent?patient=Patient/{person}&subtype=read")) == 1

    ended = await area.client("operator").read(f"OrganizationAffiliation/{drafted['id']}")
    await area.client("operator").call(
        "PUT", f"OrganizationAffiliation/{drafted['id']}", {**ended, "active": False}
    )
    assert await status(treating) == 404, "the agreement has ended"
    assert (await area.state(drafted["id"]))["state"] == "ended"


async def test_an_agreement_about_some_types_opens_the_operations_about_these_and_no_others(area: Area) -> None:
    person, _ = await person_of(area)
    practice, provider = area.client("north"), area.codes["community-provider"]
    await admit(practice, person, "2020-06-28")
    plan = await plan_of(practice, person)
    treating = area.client("community-provider", purpose="TREAT")

    async def opened() -> tuple[int, bool]:
        await practice.caught_up()
        medicines = await treating.request("GET", f"MedicationStatement/$current?patient=Patient/{person}")
        clocks = await treating.call("GET", "CarePlan/$clocks")
        return medicines.status_code, plan["id"] in str(clocks)

    async def agree_on(*types: str) -> None:
        [drafted] = await area.draft(
            template="data-sharing", party=[provider], purpose="TREAT", data=list(types), start="2020-07-01"
        )
        for name in ("network", "north", "south", "community-provider"):
            await area.signatory(name).call("POST", f"OrganizationAffiliation/{drafted['id']}/$sign")

    await agree_on("Observation", "Patient")
    assert await opened() == (404, False)
    await agree_on("MedicationStatement")
    assert await opened() == (200, False)
    await agree_on("CarePlan")
    assert await opened() == (200, True)


async def test_an_agreement_that_ends_on_the_last_day_of_the_calendar_has_no_end(area: Area) -> None:
    asked = {"template": "data-sharing", "party": [area.codes["voluntary"]]}
    [open_ended] = await area.draft(**asked, start="2020-07-01", end="9999-12-31")
    assert open_ended["period"] == {"start": "2020-07-01"}
    with pytest.raises(Refused) as refused:
        await area.draft(**asked, start="9999-12-31")
    assert refused.value.status == 400
    assert "9999-12-31 stands for no end" in str(refused.value.outcome)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"template": "handshake"}, 400), ({"template": "data-sharing", "party": []}, 400),
        ({"template": "data-sharing", "party": ["RZZ99"]}, 422), ({"template": "data-sharing", "start": "soon"}, 400),
        ({"template": "data-sharing", "start": "2020-07-02", "end": "2020-07-01"}, 400),
        ({"template": "data-sharing", "purpose": "any purpose"}, 400),
        ({"template": "data-sharing", "data": "Gossip"}, 400), ({"template": "mdt", "data": "CarePlan"}, 400),
        ({"template": "data-sharing", "signed": "2020-06-01"}, 400),
        ({"template": "data-sharing", "holder": "Y40001"}, 403),
    ],
)  # fmt: skip
async def test_a_draft_that_is_refused_leaves_nothing(area: Area, wrong: dict[str, Any], status: int) -> None:
    asked = {"party": [area.codes["voluntary"]], **wrong}
    with pytest.raises(Refused) as refused:
        await area.draft(**asked)
    assert refused.value.status == status
    answer = await area.client("network").read(f"OrganizationAffiliation/$agreements?network={area.codes['network']}")
    assert parts(answer, "agreement") == []


async def test_only_a_practice_or_a_network_drafts_for_its_people(area: Area) -> None:
    asked = body(template="data-sharing", party=area.codes["voluntary"])
    for name in ("community-provider", "voluntary"):
        with pytest.raises(Refused) as refused:
            await area.client(name).call("POST", "OrganizationAffiliation/$draft-agreement", asked)
        assert refused.value.status == 403
    drafted = await area.client("north").call("POST", "OrganizationAffiliation/$draft-agreement", asked)
    [affiliation] = [entry["resource"] for entry in drafted["entry"]]
    assert affiliation["organization"] == {"reference": f"Organization/{area.ids['north']}"}


@pytest.mark.on_six_processes
async def test_parties_that_sign_at_the_same_moment_all_have_signed(area: Area) -> None:
    drafted = await area.draft(template="data-sharing", party=[area.codes[kind] for kind in PARTNERS])
    paths = [f"OrganizationAffiliation/{each['id']}/$sign" for each in drafted]
    signing = [
        area.signatory(name).request("POST", paths[place % len(paths)]) for place, name in enumerate(area.codes)
    ]
    answers = [answer.status_code for answer in await asyncio.gather(*signing)]
    assert answers == [200] * len(area.codes)
    for each in drafted:
        assert (await area.state(each["id"]))["state"] == "active"


async def test_what_cannot_be_asked_is_said(area: Area) -> None:
    network = area.client("network")
    for path, status in (
        ("$agreements", 400), ("$agreements?network=Organization/nobody", 422), ("$agreements?network=a%20place", 400),
        (f"$agreements?network={area.codes['network']}&state=lost", 400),
        (f"$agreements?network={area.codes['network']}&date=soon", 400),
        (f"$agreements?network={area.codes['network']}&partner=x", 400), ("$agreement-templates?template=x", 400),
    ):  # fmt: skip
        assert (await network.request("GET", f"OrganizationAffiliation/{path}")).status_code == status, path
    held = f"OrganizationAffiliation?primary-organization=Organization/{area.ids['network']}"
    member = (await network.search(held))[0]
    for name in (member["id"], "nobody"):
        signed = await area.signatory("network").request("POST", f"OrganizationAffiliation/{name}/$sign")
        assert signed.status_code == 404, "only an agreement is signed"
