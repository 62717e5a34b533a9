"""Peers of a network on the dashboard: those most like it in care homes, age and rurality, and how they were chosen."""

from __future__ import annotations

import httpx
import pytest

from metrics_service.measures.shipped import definitions
from tandem.canonical import CARE_HOME_BEDS
from tandem_tests.dashboard_pages import DashboardPages
from tandem_tests.network_area import Area, new_area, part
from tandem_tests.running import EmbeddedTandem

MEASURE = "people-aged-75-and-over"
BEDS = {"near0": 90, "near1": 95, "near2": 105, "near3": 110, "near4": 100, "far0": 900, "far1": 2_000}


async def network(area: Area, name: str, number: int, beds: int) -> None:
    """Another network of the area, with a practice and a home of so many beds, where one person of 86 is registered."""
    await area.enter(name, "network", f"U{80_000 + area.number * 10 + number}")
    await area.enter(f"{name}-practice", "practice", f"W{7_000 + area.number * 10 + number:05}")
    await area.affiliate("commissioner", name, period={"start": "2019-07-01"})
    await area.affiliate(name, f"{name}-practice", period={"start": "2019-07-01"})
    await home_of(area, name, number, beds)


async def home_of(area: Area, name: str, number: int, beds: int) -> None:
    """A home of so many beds, aligned to the network."""
    await area.enter(f"{name}-home", "care-home", f"VP{area.number:03}{number}")
    told = [{"op": "add", "path": "/extension", "value": [{"url": CARE_HOME_BEDS, "valuePositiveInt": beds}]}]
    await area.client("operator").patch(f"Organization/{area.ids[f'{name}-home']}", told)
    await area.align(name, f"{name}-home")


async def eight_networks(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """An area with nine networks, of which five are much like `north`."""
    area = await new_area(http, embedded)
    await home_of(area, "north", 9, 100)
    for number, (name, beds) in enumerate(BEDS.items()):
        await network(area, name, number, beds)
        # Nobody old in the networks that are near, everybody in those that are far: by age and beds they differ.
        born = "1934-04-12" if name.startswith("far") else "1980-04-12"
        await area.register(f"{name}-practice", birthDate=born)
    await area.client("operator").caught_up()
    return area


@pytest.mark.requirement("PCN-058")
async def test_a_network_is_set_beside_those_most_like_it_and_the_page_says_how_they_were_matched(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await eight_networks(embedded, http)
    pages = DashboardPages(area, http)
    said = await pages.text("north", "/peers")
    assert "Of 8 other networks of the area, the 5 most like this one are its matched peers" in said
    assert "Beds in care homes 100 90 to 110 0 to 2,000" in said
    assert "People who live in rural places no figure no figure no figure" in said
    assert "near" not in said.replace("nearest", ""), "peers have no names"
    page = (await pages.get("north", "/peers")).text
    for link in ("/dashboard/peers/figures.csv", "/dashboard/peers/figures.json"):
        assert f'href="{link}"' in page
    measure = (await pages.get("north", f"/measures/{MEASURE}")).text
    assert 'href="/dashboard/peers"' in measure
    assert "Fewer than 5 other networks most like it have a figure large enough to be shown" in measure
    assert 'href="/dashboard/peers"' in (await pages.get("north")).text


async def test_tables_and_programs_get_how_peers_were_matched_with_the_definitions(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await eight_networks(embedded, http)
    renamed = [{"op": "replace", "path": "/name", "value": "=1+1"}]
    await area.client("operator").patch(f"Organization/{area.ids['north']}", renamed)
    await area.client("operator").caught_up()
    pages = DashboardPages(area, http)
    answer = await pages.get("north", "/peers/figures.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="peers.csv"'
    assert not [code for name, code in area.codes.items() if name != "north" and code in answer.text], "no names"
    rows = {row["characteristic"]: row for row in await pages.rows("north", "/peers/figures.csv")}
    beds = rows["beds"]
    ends = [float(beds[f"{of}_{end}"]) for of in ("matched", "others") for end in ("lowest", "highest")]
    assert (float(beds["value"]), ends) == (100, [90, 110, 0, 2_000])
    assert beds["definition"] == definitions()["care-home-residents-per-thousand"].description
    assert {row["organisation_name"] for row in rows.values()} == {"'=1+1"}
    assert rows["rural-population"]["value"] == "", "nobody told it"
    told = await pages.told("north", "/peers/figures.json")
    assert (told["organisation"], told["others"], told["matched"]) == (area.codes["north"], 8, 5)
    assert told["definitions"]["people-aged-75-and-over"]["Source"]
    assert [each["characteristic"] for each in told["figures"]] == list(rows)


async def test_the_figures_of_peers_are_for_those_who_may_see_the_page(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    pages = DashboardPages(area, http)
    for reader, organisation, status in (
        ("north", None, 200), ("commissioner", "north", 200), ("commissioner", None, 400), ("northern", None, 400),
        ("south", "north", 403), ("elms", "north", 403),
    ):  # fmt: skip
        query = f"?organisation={area.codes[organisation]}" if organisation else ""
        for path in ("/peers", "/peers/figures.csv", "/peers/figures.json"):
            assert (await pages.get(reader, f"{path}{query}")).status_code == status, (reader, path)
    assert await pages.rows("north", "/peers/figures.csv") == [], "too few to match, and so no figure"
    assert (await pages.told("north", "/peers/figures.json"))["matched"] == 0


async def test_few_networks_are_all_peers(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    area = await new_area(http, embedded)
    said = await DashboardPages(area, http).text("north", "/peers")
    assert "There are 1 other networks of the area. With 5 or fewer all are compared with" in said


async def test_a_network_of_which_a_list_was_not_told_has_no_figure_in_its_area_either(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    """What its people had is not divided by the list of some of them."""
    area = await new_area(http, embedded)
    await area.enter("eastern", "practice", f"W{70_000 + area.number}")
    await area.affiliate("north", "eastern", period={"start": "2019-07-01"})
    for practice in ("northern", "southern"):
        await area.tell_list(practice, 1_000, 1_000)
    await area.client("operator").caught_up()
    pages = DashboardPages(area, http)
    for reader, path in (("commissioner", "/measures/antimicrobials"), ("north", "/measures/antimicrobials")):
        rows = await pages.rows(reader, f"{path}/figures.csv")
        values = {row["organisation"]: row["value"] for row in rows if not row["by"] and row["home"] == ""}
        assert values[area.codes["north"]] == "", reader
        assert values[area.codes["northern"]] == "0.0", reader
    of_area = {row["organisation"]: row["value"] for row in await pages.rows("commissioner", "/figures.csv")
               if (row["measure"], row["by"]) == ("antimicrobials", "")}  # fmt: skip
    assert (of_area[area.codes["north"]], of_area[area.codes["south"]]) == ("", "0.0")
    said = await pages.text("commissioner", "/measures/antimicrobials")
    assert f"north {area.number} no figure" in said
    assert f"south {area.number} 0 per" in said


async def test_what_a_network_does_itself_counts_in_its_figure_in_its_area(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    await area.tell_list("northern", 50_000, 50_000)
    await area.ask("north", "north", "staff-in-post", part(
        "post", part("role", valueCode="clinical-pharmacist"), part("date", valueDate="2020-04-01"),
        part("wte", valueDecimal=2), part("cost", valueDecimal=110_000),
    ))  # fmt: skip
    await area.client("operator").caught_up()
    pages = DashboardPages(area, http)
    of_area = await pages.rows("commissioner", "/measures/additional-staff/figures.csv")
    assert ("2.0", "2.0", "") in _figures(area, of_area, "north")
    assert f"north {area.number} 2 per 50,000" in await pages.text("commissioner", "/measures/additional-staff")
    of_network = [row for row in await pages.rows("north", "/figures.csv") if row["measure"] == "additional-staff"]
    itself = "by itself, without its practices"
    year_before = "the same days of the year before"
    assert _figures(area, of_network, "north") == [("2.0", "2.0", ""), ("0.0", "", year_before), ("2.0", "", itself)]
    assert _figures(area, of_network, "northern") == [("0.0", "0.0", "")]


def _figures(area: Area, rows: list[dict[str, str]], name: str) -> list[tuple[str, str, str]]:
    code = area.codes[name]
    return [(row["numerator"], row["value"], row["by"]) for row in rows if row["organisation"] == code]
