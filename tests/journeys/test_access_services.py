"""Who is responsible for extended hours and for the access services of a CCG, from which day on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.network_area import Area, new_area, values
from tandem_tests.running import EmbeddedTandem

HOURS, COMMISSIONED = "extended-hours", "commissioned-access"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def responsible(area: Area, name: str, day: str) -> dict[str, list[dict[str, Any]]]:
    """Each access service of north on a day, by its code."""
    path = f"Measure/$access-responsibility?network={area.codes['north']}&date={day}"
    services = values(await area.client(name).call("GET", path), "service")
    return {values(each, "code")[0]: each for each in services}


def answers(service: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """The kind that is responsible, and the codes of the organisations."""
    return values(service, "responsible")[0], [each["identifier"]["value"] for each in values(service, "organization")]


@pytest.mark.requirement("PCN-100")
async def test_extended_hours_sit_with_the_network_from_july_2019_and_access_services_of_the_ccg_follow_by_2021(
    area: Area,
) -> None:
    practice, network = ("practice", [area.codes["northern"]]), ("network", [area.codes["north"]])
    commissioner = ("commissioner", [area.codes["commissioner"]])
    for day, hours, commissioned in (
        ("2019-06-30", practice, commissioner), ("2019-07-01", network, commissioner),
        ("2020-12-31", network, commissioner), ("2021-01-01", network, network), ("2024-04-01", network, network),
    ):  # fmt: skip
        found = await responsible(area, "north", day)
        assert (answers(found[HOURS]), answers(found[COMMISSIONED])) == (hours, commissioned), day
    [before] = [await responsible(area, "commissioner", "2019-06-30")]
    assert values(before[HOURS], "until") == ["2019-06-30"]
    [following] = values(before[HOURS], "next")
    assert (answers(following), values(following, "from")) == (network, ["2019-07-01"])
    [later] = values(before[COMMISSIONED], "next")
    assert (values(later, "from"), values(later, "intention")) == (["2021-01-01"], [True])
    assert values((await responsible(area, "northern", "2021-01-01"))[COMMISSIONED], "next") == []


@pytest.mark.parametrize(("name", "query", "status"), [
    ("south", "", 404), ("southern", "", 404), ("elms", "", 404), ("north", "&date=2019-13-01", 400),
    ("north", "&year=2019", 400),
])  # fmt: skip
async def test_who_may_not_read_it_and_what_cannot_be_asked(area: Area, name: str, query: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        await area.client(name).call("GET", f"Measure/$access-responsibility?network={area.codes['north']}{query}")
    assert refused.value.status == status
