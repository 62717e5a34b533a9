"""Which services networks deliver when, and how their requirements come into force year by year."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

FIVE = {"SMR", "EHCH", "AC", "PC", "ECD"}
TWO_MORE = {"CVD", "TNI"}


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def services(client: FhirClient, day: str) -> list[str]:
    """The codes of the services that networks deliver on a day."""
    answer = await client.read(f"PlanDefinition/$services?date={day}")
    return [values(each, "code")[0] for each in values(answer, "service")]


async def in_force(area: Area, service: str, day: str) -> dict[str, Resource]:
    """The requirements of a service that bind `north` on a day, by id."""
    query = f"network={area.codes['north']}&date={day}&service={service}"
    bundle = await area.client("north").read(f"PlanDefinition/$catalogue?{query}")
    return {entry["resource"]["identifier"][0]["value"]: entry["resource"] for entry in bundle.get("entry", [])}


@pytest.mark.requirement("PCN-002")
async def test_exactly_five_services_begin_in_april_2020(area: Area) -> None:
    client = area.client("north")
    assert await services(client, "2020-03-31") == []
    found = await services(client, "2020-04-01")
    assert (set(found), len(found)) == (FIVE, 5)


@pytest.mark.requirement("PCN-003")
async def test_two_further_services_join_in_april_2021(area: Area) -> None:
    client = area.client("north")
    assert set(await services(client, "2021-03-31")) == FIVE
    assert set(await services(client, "2021-04-01")) == FIVE | TWO_MORE


@pytest.mark.requirement("PCN-099")
async def test_five_specifications_in_the_first_year_and_seven_in_the_second(area: Area) -> None:
    answer = await area.client("northern").read("PlanDefinition/$services?date=2021-07-01")
    found = values(answer, "service")
    assert len(found) == 7
    assert {values(each, "from")[0] for each in found if values(each, "code")[0] in TWO_MORE} == {"2021-04-01"}
    assert len(await services(area.client("northern"), "2020-07-01")) == 5
    for each in found:
        held = values(each, "requirements")[0]
        assert bool(values(each, "definition")) == (held > 0)
        if held:
            definition = await area.client("northern").read(f"PlanDefinition/service-{values(each, 'code')[0]}")
            assert len(definition["action"]) == held


@pytest.mark.requirement("PCN-030")
@pytest.mark.parametrize("service", ["SMR", "EHCH"])
async def test_reviews_and_care_homes_apply_in_full_within_the_first_year(area: Area, service: str) -> None:
    """What may come later is said to the national body alone, and binds no network."""
    definition = await area.client("north").read(f"PlanDefinition/service-{service}")
    by_the_end = await in_force(area, service, "2021-03-31")
    later = {each["prefix"] for each in definition["action"]} - set(by_the_end)
    [*deferred] = [await area.client("north").read(f"PlanDefinition/{each}-1") for each in sorted(later)]
    assert [each["action"][0]["title"] for each in deferred if each["action"][0]["title"] != "NHSE"] == []
    assert len(by_the_end) > 50
    assert set(await in_force(area, service, "2024-03-31")) == set(by_the_end), "nothing more comes later"
    for plan in by_the_end.values():
        assert plan.get("effectivePeriod", {}).get("start", "2020") < "2021-04-01"


@pytest.mark.requirement("PCN-031")
@pytest.mark.parametrize(("service", "steps"), [("AC", 2), ("PC", 4), ("ECD", 4)])
async def test_three_services_phase_in_over_four_years(area: Area, service: str, steps: int) -> None:
    years = [set(await in_force(area, service, f"{year}-03-31")) for year in (2021, 2022, 2023, 2024)]
    assert all(earlier <= later for earlier, later in pairwise(years)), "nothing falls away"
    assert len({frozenset(each) for each in years}) == steps


@pytest.mark.requirement("PCN-055")
async def test_an_out_of_hours_responsibility_has_no_effect_before_its_day(area: Area) -> None:
    added = await area.client("commissioner").call("POST", "PlanDefinition/$add-local", parameters(
        part("service", valueString="EHCH"), part("title", valueString="Out of hours support of care homes"),
        part("text", valueString="Answer calls of care homes out of hours, with integrated urgent care."),
        part("from", valueDate="2021-10-01"), part("benefit", valueMarkdown="Fewer admissions at night."),
    ))  # fmt: skip
    name = added["identifier"][0]["value"]
    for day, applies in (("2020-07-01", False), ("2021-09-30", False), ("2021-10-01", True), ("2022-04-01", True)):
        assert (name in await in_force(area, "EHCH", day)) is applies, day
    assert (await in_force(area, "EHCH", "2021-10-01"))[name]["effectivePeriod"] == {"start": "2021-10-01"}
