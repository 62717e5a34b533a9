"""The pages of care homes within a network: their figures, their place among the others, and who sees what of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

import httpx
import pytest

from tandem.canonical import CARE_HOME_BEDS, ORGANISATION_TYPE
from tandem_tests.dashboard_pages import DashboardPages
from tandem_tests.network_area import Area, new_area, parameters, part
from tandem_tests.running import EmbeddedTandem

JOURNEYS = "resident-ambulance-journeys"
ADMISSIONS = "resident-emergency-admissions"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SIZES = {"elms": 12, "oaks": 10, "pines": 3, "beeches": 2, "limes": 2, "firs": 2, "ashes": 2}
"""Residents of each home that is aligned to the network."""


@dataclass(slots=True)
class Homes:
    """Seven homes of the network `north`, with people by home who are registered with `northern`."""

    area: Area
    pages: DashboardPages
    people: dict[str, list[str]]

    def path(self, home: str, more: str = "") -> str:
        """The page of a home."""
        return f"/homes/{self.area.codes[home]}{more}"

    def row(self, rows: list[dict[str, str]]) -> dict[str, str]:
        """The journeys of the network's people in the year so far."""
        [found] = [
            row for row in rows
            if (row["measure"], row["organisation"], row["by"]) == (JOURNEYS, self.area.codes["north"], "")
        ]  # fmt: skip
        return found

    async def journeys(self, home: str, number: int, day: str = "2020-06-10") -> None:
        """An ambulance came to so many of its residents."""
        await asyncio.gather(*(self._journey(each, day) for each in self.people[home][:number]))
        await self.area.client("operator").caught_up()

    async def _journey(self, patient: str, day: str) -> None:
        await self.area.client("northern").create({
            "resourceType": "Encounter", "status": "finished", "class": {"system": _ACT_CODE, "code": "FLD"},
            "subject": {"reference": f"Patient/{patient}"},
            "period": {"start": f"{day}T10:00:00+01:00", "end": f"{day}T10:30:00+01:00"},
        })  # fmt: skip


@pytest.fixture
async def homes(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Homes:
    """The homes with their residents since 1 May, and somebody who lives with nobody."""
    area = await new_area(http, embedded)
    for place, home in enumerate(SIZES):
        if home not in area.codes:
            await area.enter(home, "care-home", f"VH{area.number:03}{place}")
        await area.align("north", home)

    async def one(home: str) -> str:
        patient = await area.register("northern")
        await area.move_in("northern", patient, home, "2020-05-01")
        return patient

    await area.register("northern")
    people = {home: await asyncio.gather(*(one(home) for _ in range(size))) for home, size in SIZES.items()}
    beds = [{"op": "add", "path": "/extension", "value": [{"url": CARE_HOME_BEDS, "valuePositiveInt": 40}]}]
    await area.client("operator").patch(f"Organization/{area.ids['elms']}", beds)
    client = area.client("northern")
    await client.caught_up()
    await client.call("POST", "Group/$identify", parameters(part("cohort", valueString="care-home-residents")))
    await client.caught_up()
    return Homes(area, DashboardPages(area, http), people)


@pytest.mark.requirement("EHCH-007")
async def test_a_home_shows_its_own_figures_per_resident_its_course_and_its_place(homes: Homes) -> None:
    await homes.journeys("elms", 6)
    await homes.journeys("elms", 1, "2020-05-20")
    await homes.journeys("oaks", 1)
    overview = (await homes.pages.get("north")).text
    assert all(f'href="/dashboard/homes/{homes.area.codes[home]}"' in overview for home in SIZES)
    said = await homes.pages.text("north", homes.path("elms"))
    assert "Beds 40 People registered here who live there 12 Aligned to the network yes" in said
    journeys = "Ambulance journeys of people who live in care homes"
    assert f"{journeys} 58.33 per 100 (7 of 12)" in said or f"{journeys} 58.3 per 100 (7 of 12)" in said
    measure = await homes.pages.text("north", f"/measures/{JOURNEYS}?home={homes.area.codes['elms']}")
    assert "in the highest quarter of 6 other care homes" in measure
    assert "May 2020 8.33 per 100 (1 of 12)" in measure
    assert "Jun 2020 50 per 100 (6 of 12)" in measure
    number = homes.area.number
    assert f"All of north {number}: 24.2 per 100 (8 of 33)" in measure
    table = await homes.pages.text("north", f"/measures/{JOURNEYS}")
    assert table.index(f"elms {number} 58.3 per 100") < table.index(f"oaks {number} 10 per 100"), "by name"
    assert f"pines {number} 0 per 100 (0 of 3) within the limits of chance" in table


async def test_who_lived_there_before_counts_over_the_period(homes: Homes) -> None:
    """Somebody who moved out in May was there in the period, as were the things that happened to them there."""
    await homes.journeys("firs", 1, "2020-05-10")
    area, patient = homes.area, homes.people["firs"][0]
    client = area.client("northern")
    [stay] = await client.search(f"EpisodeOfCare?patient=Patient/{patient}")
    ended = [{"op": "add", "path": "/period/end", "value": "2020-06-01"},
             {"op": "replace", "path": "/status", "value": "finished"}]  # fmt: skip
    await client.patch(f"EpisodeOfCare/{stay['id']}", ended)
    await client.caught_up()
    rows = await homes.pages.rows("north", homes.path("firs", "/figures.csv"))
    row = homes.row(rows)
    assert (row["numerator"], row["denominator"]) == ("1.0", "2.0")


async def test_a_practice_is_linked_only_while_its_people_live_in_the_home(homes: Homes) -> None:
    """Two practices of the network have had people in a home; those of one have left since."""
    area = homes.area
    await area.enter("eastern", "practice", f"W{70_000 + area.number}")
    await area.affiliate("north", "eastern", period={"start": "2019-07-01"})
    left = await area.register("eastern")
    stay = await area.move_in("eastern", left, "firs", "2020-05-01")
    client = area.client("eastern")
    await client.caught_up()
    await client.call("POST", "Group/$identify", parameters(part("cohort", valueString="care-home-residents")))
    ended = [{"op": "add", "path": "/period/end", "value": "2020-06-01"},
             {"op": "replace", "path": "/status", "value": "finished"}]  # fmt: skip
    path = f"/measures/{JOURNEYS}?home={area.codes['firs']}"
    await client.caught_up()
    assert _linked(homes, await homes.pages.get("north", path)) == {"northern", "eastern"}
    await client.patch(f"EpisodeOfCare/{stay}", ended)
    await client.caught_up()
    page = await homes.pages.get("north", path)
    assert f"eastern {area.number}" in page.text, "they lived there in the period"
    assert _linked(homes, page) == {"northern"}
    for link in re.findall(r'href="/dashboard(/[^"]+)"', page.text):
        answer = await homes.pages.get("north", unescape(link))
        assert answer.status_code == 200, link


def _linked(homes: Homes, page: httpx.Response) -> set[str]:
    codes = homes.area.codes
    return {name for name, code in codes.items() if f"/measures/{JOURNEYS}?organisation={code}&amp;home=" in page.text}


async def test_tables_and_programs_get_every_figure_of_a_home_with_its_definition(homes: Homes) -> None:
    await homes.journeys("elms", 3)
    code = homes.area.codes["elms"]
    rows = await homes.pages.rows("north", homes.path("elms", "/figures.csv"))
    assert {row["home"] for row in rows} == {code}
    row = homes.row(rows)
    assert (row["numerator"], row["denominator"], row["value"]) == ("3.0", "12.0", "25.0")
    assert "per hundred people who lived in one" in row["definition"]
    assert sum(each["measure"] == ADMISSIONS for each in rows) > 12, "the year so far and each of twelve months"
    told = await homes.pages.told("north", homes.path("elms", "/figures.json"))
    assert (told["home"], told["organisation"]) == (code, homes.area.codes["north"])
    assert told["definitions"][JOURNEYS]["Source"]
    assert len(told["figures"]) == len(rows)
    of_network = await homes.pages.rows("north", f"/measures/{JOURNEYS}/figures.csv")
    by_home = {each["home"]: each["numerator"] for each in of_network if each["by"].startswith("home: ")}
    assert by_home == {homes.area.codes[home]: "3.0" if home == "elms" else "0.0" for home in SIZES} | {"": "0.0"}


async def test_a_home_without_an_ods_code_has_its_page_too(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    made = await area.client("operator").create({
        "resourceType": "Organization", "active": True, "name": f"Rowans {area.number}",
        "identifier": [{"system": "https://homes.example/register", "value": f"17-{area.number}"}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "care-home"}]}],
    })  # fmt: skip
    code = f"https://homes.example/register|17-{area.number}"
    area.codes["rowans"], area.ids["rowans"] = code, str(made["id"])
    await area.align("north", "rowans")
    await area.client("operator").caught_up()
    pages, path = DashboardPages(area, http), f"/homes/{quote(code, safe='')}"
    assert f'href="/dashboard{path}"' in (await pages.get("north")).text
    assert f"Rowans {area.number}" in await pages.text("north", path)
    assert {row["home"] for row in await pages.rows("north", f"{path}/figures.csv")} == {code}
    assert (await pages.told("north", f"{path}/figures.json"))["home"] == code


@pytest.mark.on_six_processes
async def test_a_commissioner_sees_no_small_number_of_a_home_nor_one_to_take_it_from(homes: Homes) -> None:
    """Of homes with figures of 10, 9 and 1 journeys, the smallest other is hidden on its own page, too."""
    await homes.journeys("elms", 12)
    await homes.journeys("oaks", 10)
    await homes.journeys("pines", 1)
    north = homes.area.codes["north"]
    query = f"organisation={north}"
    said = await homes.pages.text("commissioner", f"/measures/{JOURNEYS}?{query}")
    number = homes.area.number
    assert f"pines {number} hidden" in said
    for path in (f"/measures/{JOURNEYS}/figures.csv?{query}", homes.path("elms", f"/figures.csv?{query}"),
                 homes.path("oaks", f"/figures.csv?{query}")):  # fmt: skip
        rows = await homes.pages.rows("commissioner", path)
        numbers = [float(row[name]) for row in rows for name in ("numerator", "denominator") if row[name]]
        assert all(each % 5 == 0 for each in numbers)
    table = await homes.pages.rows("commissioner", f"/measures/{JOURNEYS}/figures.csv?{query}")
    hidden = {row["home"] for row in table if row["by"].startswith("home: ") and row["hidden"] == "True"}
    assert hidden >= {homes.area.codes[home] for home in ("pines", "beeches", "limes", "firs", "ashes")}
    for home in SIZES:
        mine = await homes.pages.rows("commissioner", homes.path(home, f"/figures.csv?{query}"))
        assert (homes.row(mine)["hidden"] == "True") == (homes.area.codes[home] in hidden), home
    refused = await homes.pages.get(
        "commissioner", f"/measures/{JOURNEYS}/people?{query}&home={homes.area.codes['elms']}"
    )
    assert refused.status_code == 403


async def test_one_small_home_hides_the_next_on_its_own_page_too(homes: Homes) -> None:
    """Residents of each home: one home of the network small, and all others large or empty."""
    area = homes.area
    for home in ("beeches", "limes", "firs", "ashes"):
        for patient in homes.people[home]:
            [stay] = await area.client("northern").search(f"EpisodeOfCare?patient=Patient/{patient}")
            await area.client("northern").request("DELETE", f"EpisodeOfCare/{stay['id']}")
    client = area.client("northern")
    await client.caught_up()
    await client.call("POST", "Group/$identify", parameters(part("cohort", valueString="care-home-residents")))
    await client.caught_up()
    query = f"organisation={area.codes['north']}"
    elms = await homes.pages.text("commissioner", homes.path("elms", f"?{query}"))
    oaks = await homes.pages.text("commissioner", homes.path("oaks", f"?{query}"))
    pines = await homes.pages.text("commissioner", homes.path("pines", f"?{query}"))
    assert "People registered here who live there 10 Aligned" in elms, "12, rounded"
    assert "People registered here who live there hidden" in pines, "3"
    assert "People registered here who live there hidden" in oaks, "10, from which 3 could be had"
    # One resident of another network hides the network beside it, and so the table of its homes.
    await area.move_in("southern", await area.register("southern"), "oaks", "2020-05-01")
    south = area.client("southern")
    await south.caught_up()
    await south.call("POST", "Group/$identify", parameters(part("cohort", valueString="care-home-residents")))
    await south.caught_up()
    said = await homes.pages.text("commissioner", f"/measures/care-home-residents?{query}")
    assert f"elms {area.number} hidden" in said
    table = await homes.pages.rows("commissioner", f"/measures/care-home-residents/figures.csv?{query}")
    assert {row["hidden"] for row in table if row["by"].startswith("home: ")} == {"True"}
    assert "People registered here who live there hidden" in await homes.pages.text(
        "commissioner", homes.path("elms", f"?{query}")
    ), "as that table has it"
    path = f"/measures/care-home-residents{{}}?{query}&home={area.codes['elms']}"
    assert f"All of north {area.number}: hidden" in await homes.pages.text("commissioner", path.format(""))
    of_home = await homes.pages.rows("commissioner", path.format("/figures.csv"))
    assert {row["hidden"] for row in of_home if row["by"] in ("", "all together")} == {"True"}
    assert {row["numerator"] for row in of_home if row["by"] in ("", "all together")} == {""}


async def test_people_of_a_home_are_those_who_live_there_and_are_left_in_the_trail(homes: Homes) -> None:
    await homes.journeys("pines", 2)
    await homes.journeys("elms", 2)
    path = f"/measures/{JOURNEYS}/people?population=numerator&home={homes.area.codes['pines']}"
    page = (await homes.pages.get("north", path)).text
    assert set(re.findall(r"<code>Encounter/", page)) == {"<code>Encounter/"}
    assert page.count("<code>Encounter/") == 2
    operator = homes.area.client("operator")
    trail = await operator.search(f"AuditEvent?entity=Patient/{homes.people['pines'][0]}")
    assert any("$dashboard" in str(each) for each in trail)


READERS = (
    ("north", None, 200), ("northern", None, 200), ("north", "northern", 200), ("commissioner", "north", 200),
    ("commissioner", None, 400), ("southern", None, 404), ("south", "north", 403), ("elms", None, 403),
    ("elms", "north", 403),
)  # fmt: skip
"""Who reads, whose figures, and the answer."""
NOBODYS = (
    "NOBODY", "' OR 1=1 --", "%00", "x" * 5_000, "https://x|$1", "https://x|a'b", "Organization/nobody", "a/../b", "£",
    "<script>alert(1)</script>", "|", "%",
)  # fmt: skip


async def test_a_page_of_a_home_shows_what_the_api_would(homes: Homes) -> None:
    for reader, organisation, status in READERS:
        query = f"?organisation={homes.area.codes[organisation]}" if organisation else ""
        for path in (homes.path("elms", query), homes.path("elms", f"/figures.csv{query}")):
            assert (await homes.pages.get(reader, path)).status_code == status, (reader, path)


async def test_a_home_that_cannot_be_is_refused_with_a_page_that_says_so(homes: Homes) -> None:
    for name in NOBODYS:
        coded = quote(name, safe="")
        for path in (f"/homes/{coded}", f"/homes/{coded}/figures.json", f"/measures/{JOURNEYS}?home={coded}",
                     f"/measures/{JOURNEYS}/people?home={coded}"):  # fmt: skip
            answer = await homes.pages.get("north", path)
            assert answer.status_code in (400, 404), (path[:80], answer.status_code)
            assert "<script>alert" not in answer.text


async def test_what_is_not_told_of_one_home_is_not_there(homes: Homes) -> None:
    home = homes.area.codes["elms"]
    assert (await homes.pages.get("north", f"/measures/smr-people-reviewed?home={home}")).status_code == 404
    assert (await homes.pages.get("north", f"/timeline?home={home}")).status_code == 400
    assert (await homes.pages.get("north", f"/homes/{home}?as-of=2020-13-01")).status_code == 400
    assert (await homes.pages.get("north", homes.path("elms", "?as-of=2020-06-30"))).status_code == 200
