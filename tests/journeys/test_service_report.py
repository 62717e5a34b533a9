"""The service report of a network as FHIR, a page and a PDF; and the commissioner's, network by network."""

from __future__ import annotations

import httpx

from tandem_tests.network_area import new_area
from tandem_tests.reviewed_people import MEASURE, review
from tandem_tests.running import EmbeddedTandem

PERIOD = "periodStart=2020-04-01&periodEnd=2020-07-31"


async def test_a_report_in_three_forms(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    area = await new_area(http, embedded)
    for _ in range(3):
        await review(area, await area.register("northern"), "2020-06-10")
    network = area.client("north")
    await network.caught_up()
    bundle = await network.call("GET", f"Measure/$service-report?{PERIOD}&service=SMR")
    reports = {each["resource"]["measure"].rpartition("/")[2]: each["resource"] for each in bundle["entry"]}
    assert reports[f"{MEASURE}|1"]["group"][0]["population"][0]["count"] == 3
    assert not any(name.startswith("residents") for name in reports), "of one service alone"

    page = await network.request("GET", f"Measure/$service-report?{PERIOD}&_format=html")
    assert page.status_code == 200
    assert "People who had a structured medication review" in page.text
    printed = await network.request("GET", f"Measure/$service-report?{PERIOD}", Accept="application/pdf")
    assert printed.content.startswith(b"%PDF-")


async def test_the_commissioner_gets_each_network_without_small_numbers(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    for _ in range(3):
        await review(area, await area.register("northern"), "2020-06-10")
    commissioner = area.client("commissioner")
    await commissioner.caught_up()
    bundle = await commissioner.call("GET", f"Measure/$service-report?{PERIOD}&service=SMR")
    found = {
        each["resource"]["reporter"]["identifier"]["value"]: each["resource"]["group"][0]["population"][0]
        for each in bundle["entry"] if each["resource"]["measure"].endswith(f"{MEASURE}|1")
    }  # fmt: skip
    assert set(found) == {area.codes[name] for name in ("commissioner", "north", "south")}
    assert "count" not in found[area.codes["north"]]
    assert found[area.codes["south"]]["count"] == 0
    refused = await area.client("northern").request(
        "GET", f"Measure/$service-report?{PERIOD}&organisation={area.codes['south']}"
    )
    assert refused.status_code == 403


async def test_another_target_and_what_it_would_have_meant(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    area = await new_area(http, embedded)
    for _ in range(3):
        await review(area, await area.register("northern"), "2020-06-10")
    practice = area.client("northern")
    await practice.caught_up()
    path = f"Measure/{MEASURE}/$evaluate-measure?{PERIOD}"
    for least, position in ((2, "within"), (4, "below")):
        report = await practice.call("GET", f"{path}&targetMinimum={least}")
        said = {each["url"].rpartition("/")[2]: each.get("extension") for each in report["extension"]}
        against = {each["url"]: each for each in said["figure-against-target"]}
        assert against["position"]["valueCode"] == position
        assert said["what-if"] == [
            {"url": "parameter", "valueString": "targetMinimum"}, {"url": "value", "valueDecimal": least},
        ]  # fmt: skip
