"""The timeline of a network over the five services: what is in force, what comes when, and the work of each year."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import httpx
import pytest

from tandem.canonical import BASE
from tandem.demo.client import Refused
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

FIVE = ["SMR", "EHCH", "AC", "PC", "ECD"]
YEARS = ["2020/21", "2021/22", "2022/23", "2023/24"]
DAY = "2020-03-15"
"""Before the services begin: something is to come in each."""
Parts = list[dict[str, Any]]


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """Networks of one practice each; north's list is known."""
    area = await new_area(http, embedded)
    await area.tell_list("northern", 1_100, 1_000)
    return area


async def timeline(
    area: Area, name: str, network: str = "north", more: str = "", day: str = DAY
) -> dict[str, Parts]:
    """The services of a network, by code."""
    client = area.client(name)
    await client.caught_up()
    path = f"Measure/$service-timeline?organisation={area.codes[network]}&date={day}{more}"
    return {values(each, "code")[0]: each for each in values(await client.call("GET", path), "service")}


def requirements(service: Parts, state: str) -> dict[str, Parts]:
    """The requirements of a service in one state, by id."""
    found = values(service, state)
    prefix = f"{BASE}/PlanDefinition/"
    return {values(each, "requirement")[0].removeprefix(prefix).partition("|")[0]: each for each in found}


def workload(service: Parts) -> dict[str, dict[str, Any]]:
    """The hours of each year, by name."""
    return {
        values(year, "year")[0]: {each["name"]: float(value) for each in values(year, "workload")[0]
                                  if (value := each.get("valueDecimal")) is not None}
        for year in values(service, "year")
    }  # fmt: skip


@pytest.mark.requirement("PCN-052")
async def test_all_five_services_show_what_is_in_force_what_comes_and_the_work_of_each_year(area: Area) -> None:
    for _ in range(2):
        await area.move_in("northern", await area.register("northern"), "elms", "2020-05-01")
    await area.ask("north", "north", "staff-in-post", part(
        "post", part("role", valueCode="social-prescribing-link-worker"), part("date", valueDate="2020-07-01"),
        part("wte", valueDecimal=0.01),
    ))  # fmt: skip
    found = await timeline(area, "north")
    assert list(found) == FIVE
    for code, service in found.items():
        now, later = requirements(service, "in-force"), requirements(service, "upcoming")
        assert now, code
        assert later, code
        assert all(values(each, "from") <= [DAY] for each in now.values())
        assert all(values(each, "from") > [DAY] for each in later.values())
        years = values(service, "year")
        assert [values(each, "year")[0] for each in years] == YEARS
        in_force = [values(each, "in-force")[0] for each in years]
        assert all(earlier <= after for earlier, after in pairwise(in_force))
        assert len(now) <= in_force[0] <= in_force[-1] <= len(now) + len(later)
        for year, hours in workload(service).items():
            assert "hours-needed" in hours, (code, year)
    personal = workload(found["PC"])
    assert [personal[year]["hours-needed"] for year in ("2020/21", "2023/24")] == [5 * 2 + 4 * 4, 20 * 2 + 16 * 4]
    assert (personal["2020/21"]["hours-available"], personal["2020/21"]["hours-short"]) == (15.8, 10.2)
    homes = workload(found["EHCH"])
    assert [homes[year] for year in YEARS] == [{"hours-needed": 2.2}] * 4, "two residents; no post of a GP is recorded"
    july = await timeline(area, "north", day="2020-07-15")
    assert (len(requirements(july["SMR"], "upcoming")), len(requirements(july["SMR"], "in-force"))) == (0, 62)
    assert {day for each in requirements(july["PC"], "upcoming").values() for day in values(each, "from")} == {
        "2021-04-01", "2022-04-01", "2023-04-01",
    }  # fmt: skip
    assert set(requirements((await timeline(area, "commissioner"))["PC"], "in-force")) == set(
        requirements(found["PC"], "in-force")
    )


@pytest.mark.requirement("PCN-052")
async def test_a_network_that_begins_earlier_or_later_shows_its_own_day(area: Area) -> None:
    before = (await timeline(area, "north"))["AC"]
    national = {name: values(each, "from")[0] for name, each in requirements(before, "upcoming").items()}
    earlier = next(name for name, day in national.items() if day == "2023-04-01")
    ended = next(iter(requirements(before, "in-force")))
    decisions = ((earlier, "2020-10-01", True), (ended, "2020-02-01", False), (ended, "2021-01-01", True))
    for requirement, day, on in decisions:
        await area.client("operator").call("POST", "PlanDefinition/$switch", parameters(
            part("requirement", valueString=requirement), part("network", valueReference=area.reference("north")),
            part("from", valueDate=day), part("on", valueBoolean=on),
        ))  # fmt: skip
    own = (await timeline(area, "north"))["AC"]
    upcoming = requirements(own, "upcoming")
    assert values(upcoming[earlier], "from") == ["2020-10-01"]
    assert values(upcoming[earlier], "national-from") == ["2023-04-01"]
    assert values(upcoming[earlier], "local") == [True]
    assert (values(upcoming[ended], "from"), values(upcoming[ended], "local")) == (["2021-01-01"], [True])
    assert ended not in requirements(own, "in-force")
    elsewhere = (await timeline(area, "south", "south"))["AC"]
    assert values(requirements(elsewhere, "upcoming")[earlier], "from") == ["2023-04-01"]
    assert values(requirements(elsewhere, "upcoming")[earlier], "local") == []
    assert ended in requirements(elsewhere, "in-force")


async def test_a_commissioner_does_not_learn_small_numbers_from_hours(area: Area) -> None:
    for _ in range(2):
        await area.move_in("northern", await area.register("northern"), "elms", "2020-05-01")
    hours = workload((await timeline(area, "commissioner"))["EHCH"])
    assert hours == {year: {} for year in YEARS}


@pytest.mark.parametrize(("name", "more", "status"), [
    ("south", "", 403), ("northern", "", 403), ("north", "&service=PCN", 400), ("north", "&year=2020/21", 400),
])  # fmt: skip
async def test_who_may_not_read_it_and_what_cannot_be_asked(area: Area, name: str, more: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        await timeline(area, name, more=more)
    assert refused.value.status == status
