"""A measure of each network of a commissioner's area, ranked, beside what the networks have to do."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, CARE_HOME_BEDS
from tandem.demo.client import Refused
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.practice_lists import coded
from tandem_tests.running import EmbeddedTandem

PERIOD = "periodStart=2020-06-01&periodEnd=2020-07-31"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A commissioner with two networks of one practice each; a home is aligned to each."""
    found = await new_area(http, embedded)
    await found.align("north", "elms")
    await found.align("south", "oaks")
    for practice, registered in (("northern", 2000), ("southern", 1000)):
        await found.ask(practice, practice, "list-size", part(
            "list-size", part("date", valueDate="2020-04-01"), part("registered", valueInteger=registered),
        ))  # fmt: skip
    return found


async def residents(area: Area, practice: str, home: str, number: int) -> list[str]:
    """So many residents of a home, on the lists of residents."""

    async def one() -> str:
        patient = await area.register(practice)
        await area.move_in(practice, patient, home, "2020-06-01")
        return patient

    found = list(await asyncio.gather(*(one() for _ in range(number))))
    client = area.client(practice)
    await client.caught_up()
    for cohort in ("care-home-residents", "smr-care-home-residents"):
        await client.call("POST", "Group/$identify", parameters(part("cohort", valueString=cohort)))
    return found


async def reviewed(area: Area, practice: str, patient: str) -> None:
    """A structured medication review that the practice recorded."""
    await area.client(practice).create({
        "resourceType": "Procedure", "status": "completed", "performedDateTime": "2020-06-20",
        "code": coded("1239511000000100", "Structured medication review"),
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip


async def compared(area: Area, measure: str, client: str = "commissioner") -> list[dict[str, Any]]:
    """The networks by `$compare-networks`, first one first; what may stand several times as a list."""
    asking = area.client(client)
    await asking.caught_up()
    path = f"Measure/{measure}/$compare-networks?{PERIOD}"
    if client == "operator":
        path += f"&organisation={area.codes['commissioner']}"
    answer = await asking.call("GET", path)
    found = []
    for each in values(answer, "network"):
        shown = {name: values(each, name)[0] for name in ("value", "numerator", "rank") if values(each, name)}
        shown["code"] = values(each, "network")[0]["reference"].removeprefix("Organization/")
        shown["alike"] = [other["reference"].removeprefix("Organization/") for other in values(each, "alike")]
        shown["characteristics"] = {
            values(one, "name")[0]: values(one, "value")[0] for one in values(each, "characteristic")
        }  # fmt: skip
        found.append(shown)
    spread = values(answer, "variation")
    found.append({each["name"]: each["valueDecimal"] for each in spread[0]} if spread else {})
    return found


@pytest.mark.requirement("SMR-037")
async def test_a_commissioner_reads_reviews_of_its_networks_ranked_and_no_others(
    area: Area, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    for practice, home, number in (("northern", "elms", 10), ("southern", "oaks", 20)):
        people = await residents(area, practice, home, number)
        await asyncio.gather(*(reviewed(area, practice, each) for each in people[:10]))
    north, south, spread = await compared(area, "smr-reviews-per-thousand-identified")
    assert (north["code"], north["rank"], north["numerator"], north["value"]) == (area.ids["north"], 1, 10, 1000)
    assert (south["code"], south["rank"], south["numerator"], south["value"]) == (area.ids["south"], 2, 10, 500)
    assert (spread["lowest"], spread["highest"], spread["ratio"]) == (500, 1000, 2)
    other = await new_area(http, embedded)
    assert {each["code"] for each in (await compared(other, "smr-people-reviewed"))[:-1]} == {
        other.ids["north"], other.ids["south"],
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await other.client("commissioner").call(
            "GET", f"Measure/smr-people-reviewed/$compare-networks?{PERIOD}&organisation={area.codes['commissioner']}"
        )
    assert refusal.value.status == 403


@pytest.mark.requirement("EHCH-087")
async def test_homes_beds_and_residents_of_networks_show_how_unlike_they_are(area: Area) -> None:
    for home, number in (("elms", 40), ("oaks", 10)):
        beds = [{"url": CARE_HOME_BEDS, "valuePositiveInt": number}]
        changed = [{"op": "add", "path": "/extension", "value": beds}]
        await area.client("operator").patch(f"Organization/{area.ids[home]}", changed)
    await residents(area, "northern", "elms", 10)
    await residents(area, "southern", "oaks", 10)
    south, north, spread = await compared(area, "care-home-residents-per-thousand")
    assert (south["code"], south["value"], north["value"]) == (area.ids["south"], 10, 5)
    assert (north["characteristics"]["beds"], south["characteristics"]["beds"]) == (40, 10)
    assert spread["ratio"] == 2
    report = await area.client("north").call(
        "GET", f"Measure/care-home-residents-per-thousand/$evaluate-measure?{PERIOD}"
    )
    counted = {each["code"]["coding"][0]["code"]: each["count"] for each in report["group"][0]["population"]}
    assert (counted["numerator"], counted["homes"], counted["beds"]) == (10, 1, 40)


@pytest.mark.requirement("PCN-058")
async def test_beds_rurality_and_age_stand_beside_a_measure_and_match_the_networks(area: Area) -> None:
    commissioner, operator = area.client("commissioner"), area.client("operator")
    await area.enter("west", "network", f"U{20_000 + area.number}")
    await area.enter("western", "practice", f"W{20_000 + area.number}")
    for holder, member in (("commissioner", "west"), ("west", "western")):
        await area.affiliate(holder, member, period={"start": "2019-07-01"})
    await operator.caught_up()
    rural = {"system": f"{BASE}/CodeSystem/practice-characteristic", "code": "rural"}
    for practice, percent in (("northern", 80), ("southern", 5), ("western", 70)):
        await commissioner.call("POST", f"Organization/{area.ids[practice]}/$practice-profile", parameters(part(
            "characteristic", part("name", valueString="People in the country"), part("code", valueCoding=rural),
            part("percent", valueDecimal=percent),
        )))  # fmt: skip
    for practice, born in (("northern", "1934-04-12"), ("southern", "1990-04-12"), ("western", "1940-04-12")):
        await area.register(practice, birthDate=born)
    *networks, _ = await compared(area, "smr-people-reviewed", "operator")
    by_code = {each["code"]: each for each in networks}
    north = by_code[area.ids["north"]]
    assert north["characteristics"]["rural-population"] == 80
    assert north["characteristics"]["people-aged-75-and-over"] == 100
    assert "beds" in north["characteristics"]
    assert north["alike"][0] == area.ids["west"]
    assert by_code[area.ids["south"]]["characteristics"]["people-aged-75-and-over"] == 0


async def test_where_one_network_is_hidden_the_smallest_other_is_too(area: Area) -> None:
    """The figure of the area is told elsewhere: less the other, it would give the small one away."""
    await residents(area, "northern", "elms", 3)
    await residents(area, "southern", "oaks", 20)
    for client, shown in (("commissioner", []), ("operator", [3, 20])):
        *networks, _ = await compared(area, "care-home-residents", client)
        assert sorted(each["numerator"] for each in networks if "numerator" in each) == shown, client
