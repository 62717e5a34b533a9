"""The dashboard through its pages: the own figures, over time, against the target, among peers; and who sees what."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from metrics_service.measures.shipped import definitions
from tandem.identity.passwords import hashed
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem_tests.dashboard_pages import DashboardPages, words
from tandem_tests.loopback import http_client
from tandem_tests.network_area import Area, parameters, part
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import SafetyNets, new_nets

SERVICES = ("SMR", "EHCH", "AC", "PC", "ECD")
MEASURE = "early-stage-diagnosis"


@dataclass(slots=True)
class Cancers:
    """A network `north` and five others of the same area, with cancers at known stages in each."""

    nets: SafetyNets
    http: httpx.AsyncClient

    @property
    def area(self) -> Area:
        return self.nets.referrals.area

    @property
    def pages(self) -> DashboardPages:
        return DashboardPages(self.area, self.http)

    async def get(self, name: str, path: str = "", *, fresh: bool = True) -> httpx.Response:
        """A page, as an organisation's program gets it."""
        return await self.pages.get(name, path, fresh=fresh)

    async def page(self, name: str, path: str = "") -> str:
        """The text of a page that is there."""
        return await self.pages.text(name, path)

    async def network(self, name: str, number: int) -> None:
        """Another network of the area with one practice `name-practice`."""
        area = self.area
        await area.enter(name, "network", f"U{80_000 + area.number * 10 + number}")
        await area.enter(f"{name}-practice", "practice", f"W{7_000 + area.number * 10 + number:05}")
        await area.affiliate("commissioner", name, period={"start": "2019-07-01"})
        await area.affiliate(name, f"{name}-practice", period={"start": "2019-07-01"})

    async def diagnosed(self, practice: str, stages: str, when: str = "2020-06-20") -> None:
        """A person of that practice for each of these stages."""
        people = [await self.area.register(practice) for _ in stages]
        await self.area.client("operator").caught_up()
        client = self.area.client(practice)

        async def one(patient: str, stage: str) -> None:
            said = {
                "patient": f"Patient/{patient}", "by": self.nets.gp, "type": "lung", "route": "urgent-referral",
                "stage": stage, "when": when,
            }  # fmt: skip
            listed = [part(name, valueString=value) for name, value in said.items()]
            await client.call("POST", "ServiceRequest/$record-diagnosis", parameters(*listed))

        await asyncio.gather(*(one(*each) for each in zip(people, stages, strict=True)))


@pytest.fixture
async def cancers(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Cancers:
    """North with 12 of 20 early, five peers with 10 to 18 of 20."""
    made = Cancers(await new_nets(http, embedded), http)
    await made.diagnosed("northern", "1" * 12 + "3" * 4)
    await made.diagnosed("eastern", "4" * 4)
    for number, early in enumerate((10, 12, 12, 12, 12)):
        await made.network(f"peer{number}", number)
        await made.diagnosed(f"peer{number}-practice", "2" * early + "3" * 10)
    await made.area.client("operator").caught_up()
    return made


@pytest.mark.requirement("ECD-018")
async def test_cancer_diagnosis_by_quarter_with_peers_and_the_area(cancers: Cancers) -> None:
    said = await cancers.page("north", f"/measures/{MEASURE}")
    assert "60% 12 of 20" in said
    assert "Apr to Jun 2020 60% (12 of 20)" in said
    assert "Jan to Mar 2020 no figure (0 of 0)" in said
    assert "This figure is in the highest quarter of 5 other networks of the area" in said
    assert "A quarter of 5 other networks of the area lie below 50%" in said
    # 12, 10 and four times 12, of 20, 20 and four times 22, rounded as for somebody who does not care for the people.
    assert f"All of commissioner {cancers.area.number}: 53.8% (70 of 130)" in said


async def test_practices_stand_by_name_with_the_limits_of_chance(cancers: Cancers) -> None:
    answer = await cancers.get("north", f"/measures/{MEASURE}")
    said = words(answer.text)
    number = cancers.area.number
    assert said.index(f"eastern {number}") < said.index(f"northern {number}"), "by name, not by figure"
    assert f"eastern {number} 0% (0 of 4) below the 95% limit" in said
    assert f"northern {number} 75% (12 of 16) within the limits of chance" in said
    assert 'role="img"' in answer.text


async def test_no_chart_is_drawn_around_a_figure_that_is_hidden_beside_a_small_one(cancers: Cancers) -> None:
    """Its middle line would tell it."""
    path = f"/measures/{MEASURE}?organisation={cancers.area.codes['north']}"
    assert "chart-centre" in (await cancers.get("commissioner", path)).text
    await cancers.diagnosed("southern", "1")
    await cancers.area.client("operator").caught_up()
    page = (await cancers.get("commissioner", path)).text
    assert "fewer than 8 people, or the only other figure beside such a one" in words(page)
    assert "chart-centre" not in page


@pytest.mark.requirement("PCN-050")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_has_one_headline_which_the_summary_shows(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, service: str
) -> None:
    [headline] = [each for each in definitions().values() if each.service == service and each.headline]
    headers = {"Authorization": f"Bearer {embedded.token('U99999', operator=True)}", "Accept": "text/html"}
    answer = await http.get(f"{embedded.url}/dashboard", headers=headers, params={"organisation": "U99999"})
    assert answer.status_code == 404, "an organisation that nobody has heard of"
    nets = await new_nets(http, embedded)
    page = await Cancers(nets, http).get("north")
    [section] = re.findall(rf'<section aria-labelledby="service-{service}">.*?</section>', page.text, re.DOTALL)
    shown = re.findall(r'Headline: </span><a href="/dashboard/measures/([^"?]+)', section)
    assert shown == [headline.id]


@pytest.mark.requirement("PCN-005")
async def test_every_measure_that_is_due_shows_its_figure_its_peers_and_its_course(cancers: Cancers) -> None:
    overview = (await cancers.get("north")).text
    links = set(re.findall(r'href="(/dashboard/measures/[^"/?]+)"', overview))
    assert links == {f"/dashboard/measures/{name}" for name in definitions()}
    for link in sorted(links):
        page = await cancers.page("north", link.removeprefix("/dashboard"))
        assert "Over time" in page
        assert "Among peers" in page
        assert re.search(r"other networks of the area|cannot be put together for peers", page), link
        assert "Definition" in page


@pytest.mark.on_six_processes
async def test_a_commissioner_sees_no_small_number_and_nothing_it_could_be_had_from(cancers: Cancers) -> None:
    said = await cancers.page("commissioner", f"/measures/{MEASURE}")
    assert "People behind this figure" not in said
    assert "hidden" in said
    rows = await cancers.pages.rows("commissioner", f"/measures/{MEASURE}/figures.csv")
    numbers = [float(row[name]) for row in rows for name in ("numerator", "denominator") if row[name]]
    assert numbers
    assert all(number % 5 == 0 for number in numbers)
    refused = await cancers.get("commissioner", f"/measures/{MEASURE}/people")
    assert refused.status_code == 403


async def test_people_behind_a_figure_are_for_the_network_and_left_in_the_trail(cancers: Cancers) -> None:
    said = await cancers.page("north", "/measures/personalised-care-plans-per-thousand/people?population=numerator")
    assert "Nobody." in said
    name = next(each.id for each in definitions().values() if each.is_share and each.service == "PCN")
    said = await cancers.page("north", f"/measures/{name}/people?population=denominator")
    assert "Hartley" in said or "Nobody." in said


@pytest.mark.parametrize(
    ("reader", "about", "status"),
    [("northern", "north", 403), ("north", "northern", 200), ("south", "north", 403), ("commissioner", "north", 200),
     ("trust", "north", 403), ("trust", "trust", 403)],
)  # fmt: skip
async def test_a_page_shows_what_the_api_would(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, reader: str, about: str, status: int
) -> None:
    nets = Cancers(await new_nets(http, embedded), http)
    answer = await nets.get(reader, f"?organisation={nets.area.codes[about]}")
    assert answer.status_code == status


async def test_a_patient_sees_no_figures_of_an_organisation(cancers: Cancers) -> None:
    token = cancers.area.system.token(cancers.area.codes["northern"], user="Patient/1")
    answer = await cancers.http.get(
        f"{cancers.area.system.url}/dashboard", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 403
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_token_without_the_scope_is_refused(cancers: Cancers) -> None:
    token = cancers.area.system.token(cancers.area.codes["north"], scope="system/Patient.rs")
    answer = await cancers.http.get(
        f"{cancers.area.system.url}/dashboard", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("day", ["2020-07-02", "1999-12-31", "yesterday"])
async def test_a_day_that_cannot_be_shown_is_refused(cancers: Cancers, day: str) -> None:
    answer = await cancers.get("north", f"?as-of={day}")
    assert answer.status_code == 400
    assert "as-of is a d" in answer.text


async def test_csv_is_harmless_and_has_the_definition(cancers: Cancers) -> None:
    area = cancers.area
    renamed = [{"op": "replace", "path": "/name", "value": '=HYPERLINK("https://elsewhere.example";"x")'}]
    await area.client("operator").patch(f"Organization/{area.ids['eastern']}", renamed)
    await area.client("operator").caught_up()
    rows = await cancers.pages.rows("north", f"/measures/{MEASURE}/figures.csv")
    [eastern] = [row for row in rows if row["organisation"] == area.codes["eastern"] and not row["by"]]
    assert eastern["organisation_name"].startswith("'=HYPERLINK")
    assert (eastern["numerator"], eastern["denominator"], eastern["value"]) == ("0.0", "4.0", "0.0")
    assert eastern["definition"] == definitions()[MEASURE].description
    as_json = (await cancers.get("north", f"/measures/{MEASURE}/figures.json")).json()
    assert as_json["definitions"][MEASURE]["Source"] == definitions()[MEASURE].source
    page = (await cancers.get("north", f"/measures/{MEASURE}")).text
    assert "=HYPERLINK(&#34;" in page, "and escaped on the page"


async def test_the_table_has_what_the_page_sets_the_figure_beside(cancers: Cancers) -> None:
    rows = await cancers.pages.rows("north", f"/measures/{MEASURE}/figures.csv")
    by = {row["by"]: row for row in rows if row["by"]}
    before = by["the same days of the year before"]
    assert (before["period_start"], before["period_end"], before["denominator"]) == ("2019-04-01", "2019-07-01", "0.0")
    assert float(by["lower quartile of 5 other networks of the area"]["value"]) == 50
    around = by["all together"]
    assert (around["organisation"], around["numerator"]) == (cancers.area.codes["commissioner"], "70.0")
    overview = await cancers.pages.rows("north", "/figures.csv")
    assert {row["by"] for row in overview} == {"", "the same days of the year before"}
    beds = await cancers.pages.rows("north", "/measures/care-home-residents-per-thousand/figures.csv")
    assert {"also counted: Care homes", "also counted: Beds in care homes"} <= {row["by"] for row in beds}


async def test_a_commissioner_takes_the_figures_of_its_networks_and_of_their_practices(cancers: Cancers) -> None:
    """The 4 of a practice are hidden with the 16 of the other, though the network's 20 are shown."""
    rows = await cancers.pages.rows("commissioner", f"/measures/{MEASURE}/figures.csv")
    codes = cancers.area.codes
    by_code = {row["organisation"]: row for row in rows if not row["by"] and row["period_start"] == "2020-04-01"}
    assert (by_code[codes["north"]]["numerator"], by_code[codes["north"]]["denominator"]) == ("10.0", "20.0")
    hidden = {name for name in ("northern", "eastern", "peer1-practice") if by_code[codes[name]]["hidden"] == "True"}
    assert hidden == {"northern", "eastern"}


@pytest.mark.on_six_processes
async def test_a_director_signs_in_and_reads_the_own_page(cancers: Cancers) -> None:
    area = cancers.area
    kept = hashed("a horse of the synthetic kind")
    person = SigningIn("director", "Dr Nadia Rahman", kept, area.codes["north"], "Practitioner/7")
    PeopleRegistry(area.system.data).put(person)
    async with http_client(base_url=area.system.url, timeout=60, follow_redirects=True) as browser:
        page = await browser.get("/dashboard")
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {name: unescape(value) for name, value in hidden}
        signed = await browser.post(
            "/oauth2/authorize", data={**form, "name": "director", "password": "a horse of the synthetic kind"}
        )
    assert signed.url.path == "/dashboard"
    assert f"north {area.number}" in words(signed.text)
