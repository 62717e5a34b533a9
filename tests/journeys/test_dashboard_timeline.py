"""The timeline of the five services as a page, and for spreadsheets and programs."""

from __future__ import annotations

import re

import httpx
import pytest

from tandem_tests.dashboard_pages import DashboardPages, words
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

YEARS = ("2020/21", "2021/22", "2022/23", "2023/24")
FIVE = ("SMR", "EHCH", "AC", "PC", "ECD")
DAY = "as-of=2020-03-15"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """North, whose list is known, with two residents of a care home, and a requirement that begins earlier here."""
    area = await new_area(http, embedded)
    await area.tell_list("northern", 1_100, 1_000)
    for _ in range(2):
        await area.move_in("northern", await area.register("northern"), "elms", "2020-05-01")
    await area.ask("north", "north", "staff-in-post", part(
        "post", part("role", valueCode="social-prescribing-link-worker"), part("date", valueDate="2020-07-01"),
        part("wte", valueDecimal=0.01),
    ))  # fmt: skip
    await area.client("operator").caught_up()
    return area


async def switched(area: Area) -> tuple[str, str]:
    """A requirement of anticipatory care, announced for 2023, is to begin in October 2020: its id and text."""
    told = await area.client("north").call("GET", "Measure/$service-timeline?service=AC&date=2020-03-15")
    [service] = values(told, "service")
    later = next(each for each in values(service, "upcoming") if values(each, "from") == ["2023-04-01"])
    name = values(later, "requirement")[0].rpartition("/")[2].partition("|")[0]
    await area.client("operator").call("POST", "PlanDefinition/$switch", parameters(
        part("requirement", valueString=name), part("network", valueReference=area.reference("north")),
        part("from", valueDate="2020-10-01"), part("on", valueBoolean=True),
    ))  # fmt: skip
    await area.client("operator").caught_up()
    return name, values(later, "text")[0]


@pytest.mark.requirement("PCN-052")
@pytest.mark.on_six_processes
async def test_the_page_shows_what_comes_when_and_the_hours_of_each_year(
    area: Area, http: httpx.AsyncClient
) -> None:
    pages = DashboardPages(area, http)
    _, text = await switched(area)
    assert 'href="/dashboard/timeline"' in (await pages.get("north")).text
    page = (await pages.get("north", f"/timeline?{DAY}")).text
    sections = dict(re.findall(r'<section aria-labelledby="service-([A-Z]+)">(.*?)</section>', page, re.DOTALL))
    assert tuple(sections) == FIVE
    for code, section in sections.items():
        said = words(section)
        assert all(f" {year} " in said for year in YEARS), code
        assert re.search(r"In force: \d+ in ", said)
        assert re.search(r"Upcoming from \d+ \w+ 20\d\d: \d+ in ", said)
    own = words(sections["AC"])
    assert "Upcoming from 1 Oct 2020: 1 in anticipatory care" in own
    assert f"{text} set here 1 Oct 2020 no end 1 Apr 2023" in own, "the own day beside the national one"
    assert "26 15.8 10.2" in words(sections["PC"]), "hours needed, in post and short, in 2020/21"
    assert 'role="img"' in sections["PC"]
    assert "2020/21: 26, of 15.8." in words(sections["PC"]), "the chart says so, too"


async def test_a_spreadsheet_and_a_program_get_every_requirement_and_all_hours(
    area: Area, http: httpx.AsyncClient
) -> None:
    pages = DashboardPages(area, http)
    name, _ = await switched(area)
    rows = await pages.rows("north", f"/timeline/figures.csv?{DAY}")
    [own] = [row for row in rows if f"/{name}|" in row["requirement"]]
    assert (own["from"], own["national_from"], own["local"]) == ("2020-10-01", "2023-04-01", "True")
    years = [row for row in rows if row["row"] == "year"]
    assert [(row["service"], row["year"]) for row in years] == [(code, year) for code in FIVE for year in YEARS]
    [personal] = [row for row in years if (row["service"], row["year"]) == ("PC", "2020/21")]
    assert [personal[f"hours_{each}"] for each in ("needed", "available", "short")] == ["26.0", "15.8", "10.2"]
    work = [row for row in rows if row["row"] == "work"]
    assert work
    assert all(row["definition"] and row["minutes_source"] for row in work)
    told = await pages.told("north", f"/timeline/figures.json?{DAY}")
    assert told["date"] == "2020-03-15"
    assert len(told["timeline"]) == len(rows)


async def test_a_commissioner_does_not_learn_small_numbers_from_the_page(area: Area, http: httpx.AsyncClient) -> None:
    pages, query = DashboardPages(area, http), f"organisation={area.codes['north']}"
    rows = await pages.rows("commissioner", f"/timeline/figures.csv?{query}")
    hours = {row["hours_needed"] for row in rows if row["service"] == "EHCH" and row["row"] != "requirement"}
    assert hours == {""}
    page = (await pages.get("commissioner", f"/timeline?{query}")).text
    [homes] = re.findall(r'<section aria-labelledby="service-EHCH">(.*?)</section>', page, re.DOTALL)
    assert "not known" in words(homes)
    assert 'role="img"' not in homes, "there is nothing to draw"


@pytest.mark.parametrize(("reader", "query", "status"), [
    ("northern", "", 400), ("commissioner", "", 400), ("south", "organisation=north", 403), ("elms", "", 403),
    ("north", "as-of=2020-02-30", 400), ("north", "as-of=2021-01-01", 400), ("north", "organisation=%00", 400),
])  # fmt: skip
async def test_who_may_not_read_it_and_what_cannot_be_asked(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, reader: str, query: str, status: int
) -> None:
    area = await new_area(http, embedded)
    pages = DashboardPages(area, http)
    query = query.replace("=north", f"={area.codes['north']}")
    for path in ("/timeline", "/timeline/figures.csv", "/timeline/figures.json", "/peers"):
        assert (await pages.get(reader, f"{path}?{query}")).status_code == status, path
