"""Residents of a care home and the network it is aligned to: the offer to re-register, and who is responsible."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE, BASE
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

SERVICE = f"{BASE}/CodeSystem/network-service"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A home, `elms`, that is aligned to the network `north`."""
    found = await new_area(http, embedded)
    await found.align("north", "elms", period={"start": "2020-06-01"})
    return found


async def offers(area: Area, practice: str, person: str) -> list[list[dict[str, Any]]]:
    return values(await area.client(practice).call("GET", f"Patient/{person}/$registration-offer"), "offer")


async def close(area: Area, practice: str, person: str, **given: str) -> Resource:
    body = parameters(*({"name": name.replace("_", "-"), "valueString": value} for name, value in given.items()))
    return await area.client(practice).call("POST", f"Patient/{person}/$registration-offer", body)


async def responsible(area: Area, practice: str, person: str) -> tuple[Resource, dict[int, tuple[str, str]]]:
    """The answer, and by requirement who is accountable and who delivers."""
    answer = await area.client(practice).call("GET", f"Patient/{person}/$responsible")
    found = {}
    for each in values(answer, "responsibility"):
        [number] = values(each, "requirement")
        [accountable], [delivers] = values(each, "accountable"), values(each, "delivers")
        found[number] = (accountable["reference"], delivers["reference"])
    return answer, found


@pytest.mark.requirement("EHCH-020")
async def test_a_resident_registered_elsewhere_is_offered_to_re_register(area: Area) -> None:
    person = await area.register("southern")
    await area.move_in("southern", person, "elms", "2020-06-28")
    [offer] = await offers(area, "southern", person)
    assert values(offer, "status") == ["open"]
    assert values(offer, "aligned-network") == [area.reference("north")]

    incomplete = ({"choice": "stay-with-own-practice"}, {"benefits_explained": "2020-06-30"},
                  {"choice": "yes", "benefits_explained": "2020-06-30"},
                  {"choice": "stay-with-own-practice", "benefits_explained": "2020-07-02"})  # fmt: skip
    for given in incomplete:
        with pytest.raises(Refused) as refused:
            await close(area, "southern", person, **given)
        assert refused.value.status == 422, given
    [offer] = await offers(area, "southern", person)
    assert values(offer, "status") == ["open"]

    await close(area, "southern", person, choice="stay-with-own-practice", benefits_explained="2020-06-30")
    [offer] = await offers(area, "southern", person)
    assert values(offer, "status") == ["closed"]
    assert values(offer, "choice") == ["stay-with-own-practice"]
    assert values(offer, "benefits-explained") == ["2020-06-30"]
    assert values(offer, "closed-by") == [area.reference("southern")]


async def test_nobody_is_offered_what_they_have_and_what_is_no_longer_due_lapses(area: Area) -> None:
    inside = await area.register("northern")
    await area.move_in("northern", inside, "elms", "2020-06-28")
    assert await offers(area, "northern", inside) == []

    person = await area.register("southern")
    stay = await area.move_in("southern", person, "elms", "2020-06-28")
    handover = [{"op": "replace", "path": "/generalPractitioner", "value": [area.reference("northern")]}]
    await area.client("southern").patch(f"Patient/{person}", handover)
    [offer] = await offers(area, "northern", person)
    assert values(offer, "status") == ["lapsed"]
    with pytest.raises(Refused) as refused:
        await close(area, "northern", person, choice="stay-with-own-practice", benefits_explained="2020-06-30")
    assert refused.value.status == 404
    with pytest.raises(Refused) as unseen:
        await offers(area, "southern", person)
    assert unseen.value.status == 404, "the practice that was left sees no more of the person"

    await area.client("northern").patch(f"EpisodeOfCare/{stay}", [
        {"op": "replace", "path": "/status", "value": "entered-in-error"},
    ])  # fmt: skip
    answer, _ = await responsible(area, "northern", person)
    assert values(answer, "care-home") == []


async def test_an_alignment_made_after_the_admission_opens_the_offer_too(area: Area) -> None:
    person = await area.register("southern")
    await area.move_in("southern", person, "oaks", "2020-06-28")
    assert await offers(area, "southern", person) == []
    await area.align("north", "oaks", period={"start": "2020-07-01"})
    [offer] = await offers(area, "southern", person)
    assert values(offer, "status") == ["open"]


async def test_an_offer_is_closed_once(area: Area) -> None:
    person = await area.register("southern")
    await area.move_in("southern", person, "elms", "2020-06-28")
    choices = ("stay-with-own-practice", "register-with-aligned-network") * 3
    closed = await asyncio.gather(
        *(close(area, "southern", person, choice=choice, benefits_explained="2020-06-30") for choice in choices),
        return_exceptions=True,
    )
    assert sum(isinstance(each, dict) for each in closed) == 1
    assert {each.status for each in closed if isinstance(each, Refused)} <= {404, 409}


@pytest.mark.requirement("EHCH-021", "EHCH-093")
async def test_a_resident_who_keeps_another_practice_is_looked_after_by_it_or_its_sub_contractor(area: Area) -> None:
    person = await area.register("southern")
    await area.move_in("southern", person, "elms", "2020-06-28")
    await close(area, "southern", person, choice="stay-with-own-practice", benefits_explained="2020-06-30")

    answer, found = await responsible(area, "southern", person)
    practice = area.reference("southern")["reference"]
    assert values(answer, "aligned-network") == [area.reference("north")], "the home stays with its one network"
    assert values(answer, "practice") == [area.reference("southern")]
    assert values(answer, "chose-another-practice") == [True]
    assert found == dict.fromkeys(range(4, 10), (practice, practice))

    await area.enter("community", "community-provider", f"RY{area.number:03}")
    contract = area.affiliation("southern", "community", (AFFILIATION_ROLE, "sub-contract"), (SERVICE, "EHCH"),
                                period={"start": "2020-07-01"})  # fmt: skip
    await area.client("southern").create(contract)
    _, found = await responsible(area, "southern", person)
    contractor = area.reference("community")["reference"]
    assert found == dict.fromkeys(range(4, 10), (practice, contractor))

    own = await area.register("northern")
    await area.move_in("northern", own, "elms", "2020-06-28")
    answer, found = await responsible(area, "northern", own)
    network = area.reference("north")["reference"]
    assert values(answer, "chose-another-practice") == [False]
    assert found == dict.fromkeys(range(4, 10), (network, network))

    for stranger in ("northern", "north", "commissioner"):
        with pytest.raises(Refused) as refused:
            await responsible(area, stranger, person)
        assert refused.value.status == 404, stranger


@pytest.mark.requirement("PCN-064")
async def test_who_lives_in_one_network_and_is_registered_in_another_is_counted_once(area: Area) -> None:
    await area.ask("commissioner", "commissioner", "areas", *(
        part("sector", part("sector", valueString=f"{area.outward_code} {digit}"),
             part("network", valueReference=area.reference(network)), part("from", valueDate="2020-04-01"))
        for digit, network in ((1, "north"), (2, "south"))
    ))  # fmt: skip

    def address(digit: int) -> list[dict[str, str]]:
        return [{"use": "home", "postalCode": f"{area.outward_code} {digit}AB"}]

    crossing = await area.register("southern", address=address(1))
    await area.register("southern", address=address(2))
    resident = await area.register("southern")
    await area.move_in("southern", resident, "elms", "2020-06-28")
    await area.register("northern", address=address(1))

    south = await area.ask("south", "south", "population")
    north = await area.ask("north", "north", "population")
    assert values(south, "registered") + values(north, "registered") == [3, 1], "each person once"
    assert values(south, "living-elsewhere") == [2]
    crossing_over = values(south, "cross-boundary")
    listed = {values(each, "patient")[0]["reference"]: values(each, "lives-in") for each in crossing_over}
    here = [area.reference("north")]
    assert listed == {f"Patient/{crossing}": here, f"Patient/{resident}": here}
    assert values(north, "cross-boundary") == []
    assert values(await area.ask("southern", "south", "population"), "registered") == [3]
    for stranger in ("northern", "commissioner"):
        with pytest.raises(Refused) as refused:
            await area.ask(stranger, "south", "population")
        assert refused.value.status == 404, stranger


@pytest.mark.requirement("PCN-068")
async def test_activity_under_a_sub_contract_names_who_delivers_and_the_network_still_accountable(area: Area) -> None:
    await area.enter("community", "community-provider", f"RY{area.number:03}")
    await area.ask(
        "north", "north", "sub-contracts",
        part("sub-contract", part("service", valueCode="EHCH"),
             part("delivers", valueReference=area.reference("community")), part("start", valueDate="2020-06-01")),
    )  # fmt: skip
    [held] = values(await area.ask("north", "north", "sub-contracts"), "sub-contract")
    assert values(held, "delivers") == [area.reference("community")]
    assert values(held, "accountable") == [area.reference("north")]

    person = await area.register("northern")

    async def round_on(day: str) -> str:
        made = await area.client("northern").create({
            "resourceType": "Encounter", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "FLD"},
            "subject": {"reference": f"Patient/{person}"}, "period": {"start": day, "end": day},
            "serviceType": {"coding": [{"system": SERVICE, "code": "EHCH"}]},
            "serviceProvider": area.reference("community"),
        })  # fmt: skip
        return str(made["id"])

    answer = await area.client("north").call("GET", f"Encounter/{await round_on('2020-06-30')}/$accountable")
    assert values(answer, "delivers") == [area.reference("community")]
    assert values(answer, "accountable") == [area.reference("north")]
    assert values(answer, "sub-contract") == values(held, "affiliation")
    with pytest.raises(Refused) as before:
        await area.client("north").call("GET", f"Encounter/{await round_on('2020-05-31')}/$accountable")
    assert before.value.status == 422, "there was no sub-contract yet"
    row = part("sub-contract", part("service", valueCode="NONE"),
               part("delivers", valueReference=area.reference("north")),
               part("start", valueDate="2020-06-02"), part("end", valueDate="2020-06-01"))  # fmt: skip
    with pytest.raises(Refused) as faults:
        await area.ask("north", "north", "sub-contracts", row)
    assert (faults.value.status, len(faults.value.outcome["issue"])) == (422, 3)
    with pytest.raises(Refused) as stranger:
        await area.ask("southern", "north", "sub-contracts", row)
    assert stranger.value.status == 403


async def test_areas_are_the_commissioners_and_a_faulty_list_is_refused_whole(area: Area) -> None:
    def sector(text: str, network: str = "north") -> dict[str, Any]:
        return part("sector", part("sector", valueString=text),
                    part("network", valueReference=area.reference(network)),
                    part("from", valueDate="2020-04-01"))  # fmt: skip

    good = f"{area.outward_code} 7"
    with pytest.raises(Refused) as stranger:
        await area.ask("north", "commissioner", "areas", sector(good))
    assert stranger.value.status == 403
    with pytest.raises(Refused) as faults:
        await area.ask("commissioner", "commissioner", "areas", sector(good), sector("A01"), sector(good, "elms"))
    assert (faults.value.status, len(faults.value.outcome["issue"])) == (422, 2)
    assert values(await area.ask("commissioner", "commissioner", "areas"), "sector") == []

    await area.ask("commissioner", "commissioner", "areas", sector(good))
    other = await new_area(area.http, area.system)
    theirs = part("sector", part("sector", valueString=good), part("network", valueReference=other.reference("north")),
                  part("from", valueDate="2020-05-01"))  # fmt: skip
    with pytest.raises(Refused) as held:
        await other.ask("commissioner", "commissioner", "areas", theirs)
    assert held.value.status == 409
