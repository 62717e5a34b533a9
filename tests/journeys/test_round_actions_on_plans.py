"""What a home round decides for a resident is based on their shared plan, and shows among its activities."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import eventually
from tandem_tests.home_rounds import RoundHome, new_home
from tandem_tests.neighbourhood import agree, plan_of
from tandem_tests.network_area import part
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def home(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> RoundHome:
    return await new_home(http, embedded)


async def decide(home: RoundHome, round_: str, patient: str, what: str) -> dict[str, object]:
    """An action of a round for somebody: its Task."""
    review = await home.take(
        round_, "record", part("patient", valueString=f"Patient/{patient}"), part("action", valueString=what),
        part("action-owner", valueReference={"reference": home.staff["nurse"]}),
        part("action-due", valueDate="2020-07-09"),
    )  # fmt: skip
    found = await home.network.search(f"Task?part-of=Task/{review['id']}")
    return next(each for each in found if each["description"] == what)


async def test_an_action_is_based_on_the_active_shared_plan(home: RoundHome) -> None:
    practice, patient = home.area.client("northern"), await home.resident()
    await home.begin_series("2020-06-24")
    round_ = await home.hold("2020-07-01", "gp", "nurse", at="07:00")
    assert "basedOn" not in await decide(home, round_, patient, "Ring her daughter"), "there is no plan yet"
    plan = await plan_of(practice, patient)
    address = f"CarePlan/{plan['id']}"
    assert "basedOn" not in await decide(home, round_, patient, "Ring her son"), "the plan is a draft"
    await agree(practice, plan["id"])
    task = await decide(home, round_, patient, "Dentist")
    assert task["basedOn"] == [{"reference": address}]
    assert "basedOn" not in await decide(home, round_, await home.resident(), "Optician"), "nobody else's plan"

    async def shown() -> bool:
        activities = (await practice.read(address)).get("activity", [])
        return f"Task/{task['id']}" in [each.get("reference", {}).get("reference") for each in activities]

    assert await eventually(shown, practice.caught_up)
