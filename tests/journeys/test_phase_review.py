"""The targets of each year beside what was achieved and the staff there is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.network_area import Area, new_area, part, values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import agreed_plan

PLANS, REFERRALS = "personalised-care-plans-per-thousand", "social-prescribing-referrals-per-thousand"
Found = dict[str, Any]


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """Networks of one practice each, with 1,000 weighted patients."""
    area = await new_area(http, embedded)
    for practice in ("northern", "southern"):
        await area.ask("commissioner", "commissioner", "list-size", part(
            "list-size", part("practice", valueReference=area.reference(practice)),
            part("date", valueDate="2020-04-01"), part("registered", valueInteger=1_100),
            part("weighted", valueInteger=1_000),
        ))  # fmt: skip
    return area


async def employ(area: Area, posts: float) -> None:
    """So many whole-time equivalents of link workers are in post in north."""
    await area.ask("north", "north", "staff-in-post", part(
        "post", part("role", valueCode="social-prescribing-link-worker"), part("date", valueDate="2020-07-01"),
        part("wte", valueDecimal=posts),
    ))  # fmt: skip


async def review(area: Area, name: str, **asked: str) -> dict[str, dict[tuple[str, str], Found]]:
    """By network (its reference), and by year and service: targets by measure, and `capacity`."""
    client = area.client(name)
    await client.caught_up()
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    answer = await client.call("GET", f"Measure/$phase-review?{query}")
    found: dict[str, dict[tuple[str, str], Found]] = {}
    for network in values(answer, "network"):
        shown: dict[tuple[str, str], Found] = {}
        for year in values(network, "year"):
            for service in values(year, "service"):
                shown[values(year, "year")[0], values(service, "service")[0]] = {
                    **{measure_of(each): plain(each) for each in values(service, "target")},
                    "capacity": plain(next(iter(values(service, "capacity")), [])),
                    "begun": values(year, "begun")[0],
                }  # fmt: skip
        [reference] = values(network, "network")
        found[str(reference["identifier"]["value"])] = shown
    return found


def measure_of(target: list[dict[str, Any]]) -> str:
    """The id of the measure that a target is of."""
    name: str = values(target, "measure")[0].rpartition("/")[2].partition("|")[0]
    return name


def plain(found: list[dict[str, Any]]) -> Found:
    """Parts by name, decimals as floats."""
    return {
        each["name"]: float(each["valueDecimal"]) if "valueDecimal" in each
        else next(value for key, value in each.items() if key != "name")
        for each in found
    }  # fmt: skip


@pytest.mark.requirement("PC-055")
async def test_each_target_shows_its_hours_beside_the_staff_and_flags_a_shortfall(area: Area) -> None:
    await employ(area, 0.005)
    asked = {"year": "2020/21", "service": "PC"}
    shown = (await review(area, "north", **asked))[area.codes["north"]]["2020/21", "PC"]
    plans, referrals = shown[PLANS], shown[REFERRALS]
    assert (plans["needed"], plans["hours-needed"], plans["hours-available"]) == (5, 10, 7.9)
    assert (plans["shortfall"], plans["hours-short"]) == (True, 2.1)
    assert (referrals["needed"], referrals["hours-needed"], referrals["shortfall"]) == (4, 16, True)
    assert (shown["capacity"]["hours-needed"], shown["capacity"]["hours-available"]) == (26, 7.9), "each post once"
    await employ(area, 0.01)
    shown = (await review(area, "north", **asked))[area.codes["north"]]["2020/21", "PC"]
    assert (shown[PLANS]["shortfall"], shown[REFERRALS]["shortfall"]) == (False, True)
    assert shown["capacity"]["shortfall"] is True


async def test_other_posts_are_tried_without_being_recorded(area: Area) -> None:
    await employ(area, 0.005)
    asked = {"year": "2020/21", "service": "PC"}
    tried = (await review(area, "north", **asked, staff="social-prescribing-link-worker=0.02"))[area.codes["north"]]
    assert tried["2020/21", "PC"]["capacity"]["shortfall"] is False
    held = (await review(area, "north", **asked))[area.codes["north"]]
    assert held["2020/21", "PC"]["capacity"]["shortfall"] is True


@pytest.mark.requirement("PCN-048")
async def test_a_review_of_phases_gives_targets_achievement_and_capacity_by_network_year_and_service(
    area: Area,
) -> None:
    await employ(area, 1)
    for _ in range(5):
        await agreed_plan(area.client("northern"), await area.register("northern"))
    own = (await review(area, "north"))[area.codes["north"]]
    assert {year for year, service in own if service == "PC"} == {"2020/21", "2021/22", "2022/23", "2023/24"}
    assert {service for _, service in own} >= {"PC", "PCN"}
    first, last = own["2020/21", "PC"], own["2023/24", "PC"]
    assert (first[PLANS]["achieved"], first[PLANS]["position"], first[PLANS]["minimum"]) == (5, "within", 5)
    assert (first[REFERRALS]["achieved"], first[REFERRALS]["position"]) == (0, "below")
    assert (last["begun"], "achieved" in last[PLANS], last[PLANS]["needed"]) == (False, False, 20)
    assert (first["capacity"]["shortfall"], last["capacity"]["hours-needed"]) == (False, 20 * 2 + 16 * 4)

    both = await review(area, "commissioner", service="PC")
    assert set(both) == {area.codes["north"], area.codes["south"]}
    assert "achieved" not in both[area.codes["north"]]["2020/21", "PC"][PLANS], "five people are too few to be shown"
    assert both[area.codes["south"]]["2020/21", "PC"][PLANS]["achieved"] == 0
    assert both[area.codes["south"]]["2020/21", "PC"]["capacity"]["hours-available"] == 0


@pytest.mark.parametrize(("name", "asked", "status"), [
    ("northern", {}, 400), ("south", {"organisation": "north"}, 403), ("north", {"year": "2035/36"}, 400),
    ("north", {"service": "PCX"}, 400), ("north", {"month": "4"}, 400), ("north", {"staff": "gp"}, 400),
    ("north", {"staff": "social-prescribing-link-worker=-1"}, 400), ("north", {"staff": "astronaut=1"}, 400),
])  # fmt: skip
async def test_who_may_not_have_it_and_what_cannot_be_asked(
    area: Area, name: str, asked: dict[str, str], status: int
) -> None:
    given = {key: area.codes.get(value, value) for key, value in asked.items()}
    with pytest.raises(Refused) as refused:
        await review(area, name, **given)
    assert refused.value.status == status
