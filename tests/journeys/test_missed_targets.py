"""What a measure says of its target, its data and how often it is due, and what follows when the target is missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import eventually
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import agreed_plan

MEASURE = "personalised-care-plans-per-thousand"


async def missed(area: Area, name: str) -> list[Resource]:
    """The duties of a network that a missed target opened."""
    client = area.client(name)
    await client.caught_up()
    answer = await client.read(f"Task/$duties?_count=1000&organisation={area.codes[name]}")
    found = [
        {each["name"]: next(value for key, value in each.items() if key != "name") for each in duty}
        for duty in values(answer, "duty")
    ]  # fmt: skip
    return [each for each in found if "The target of 2020/21 was missed" in each["text"]]


@pytest.mark.requirement("PCN-070")
async def test_a_missed_threshold_opens_what_the_measure_says_and_one_that_was_reached_does_not(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2021-03-30T09:00+01:00")
    area = await new_area(http, system)
    held = await area.client("north").read(f"Measure/{MEASURE}")
    [details] = [each for each in held["extension"] if each["url"].endswith("/measure-details")]
    said = {each["url"]: each.get("valueString") for each in details["extension"]}
    assert said["data"].startswith("CarePlan of careplan-service")
    assert said["frequency"] == "monthly"
    targets = [each["extension"] for each in held["extension"] if each["url"].endswith("/measure-target")]
    assert {"url": "minimum", "valueDecimal": 5} in targets[0]
    for practice in ("northern", "southern"):
        await area.tell_list(practice, 220, 200)
    await agreed_plan(area.client("southern"), await area.register("southern"))
    await area.client("operator").caught_up()
    assert await missed(area, "north") == []

    moved = await asyncio.to_thread(tandem, "clock", "set", "2021-05-01T09:00", "--data", system.data)
    assert moved.returncode == 0, moved.stderr
    opened = await eventually(lambda: missed(area, "north"), area.client("north").caught_up)
    of_plans = [each for each in opened if held["title"] in each["text"]]
    [duty] = of_plans
    assert said["consequence"] in duty["text"]
    assert duty["due"] == "2021-05-29"
    south = [each["text"] for each in await missed(area, "south")]
    assert not [text for text in south if held["title"] in text], "one plan of 200 patients is five of 1,000"
