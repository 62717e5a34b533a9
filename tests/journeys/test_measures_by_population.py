"""Measures broken down by who the people are; who is counted, for those who may see them; and what may not be asked."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.measure_figures import measured
from tandem_tests.network_area import Area, new_area
from tandem_tests.reviewed_people import MEASURE, described, review
from tandem_tests.running import EmbeddedTandem

JUNE = ("2020-06-01", "2020-06-30")
STRATA = ("age", "sex", "ethnicity", "deprivation")


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A commissioner's area."""
    return await new_area(http, embedded)


async def report_of(client: FhirClient, **asked: str) -> dict[str, object]:
    return (await measured(client, MEASURE, JUNE, **asked)).report


@pytest.mark.requirement("PCN-007")
async def test_strata_add_up_and_small_numbers_are_kept_from_the_commissioner(area: Area) -> None:
    for number in range(12):
        patient = await area.register(
            "northern", birthDate=f"{1930 + 5 * number}-01-01", gender="male" if number < 3 else "female",
            extension=described("A" if number % 4 else "H", 1 + number % 10),
        )  # fmt: skip
        await review(area, patient, "2020-06-10")
    own = await measured(area.client("north"), MEASURE, JUNE)
    assert own.numerator == 12
    for name in STRATA:
        assert sum(own.strata[name].values()) == 12, name
    assert own.strata["sex"] == {"female": 9, "male": 3}
    assert own.strata["ethnicity"] == {"A": 9, "H": 3}

    path = f"Measure/{MEASURE}/$evaluate-measure?periodStart={JUNE[0]}&periodEnd={JUNE[1]}"
    seen = await area.client("commissioner").call("GET", f"{path}&organisation={area.codes['north']}")
    [group] = seen["group"]
    assert group["population"][0]["count"] == 10, "rounded to the nearest five"
    [sex] = [each for each in group["stratifier"] if each["code"][0]["coding"][0]["code"] == "sex"]
    for stratum in sex["stratum"]:
        assert "count" not in stratum["population"][0], "of two, one too small hides the other"


async def test_people_are_named_with_what_counted_to_those_who_care_for_them_alone(area: Area) -> None:
    patient = await area.register("northern")
    held = await review(area, patient, "2020-06-10")
    report = await report_of(area.client("northern"), reportType="subject-list")
    [listed] = report["contained"]  # type: ignore[misc]
    [entry] = listed["entry"]  # type: ignore[index]
    assert entry["item"] == {"reference": f"Patient/{patient}"}
    assert entry["extension"][0]["valueString"] == f"Procedure/{held['id']}"
    [group] = report["group"]  # type: ignore[misc]
    assert group["population"][0]["subjectResults"] == {"reference": "#numerator"}  # type: ignore[index]

    alone = await measured(area.client("northern"), MEASURE, JUNE, subject=f"Patient/{patient}")
    assert alone.numerator == 1
    assert alone.report["subject"] == {"reference": f"Patient/{patient}"}

    path = f"Measure/{MEASURE}/$evaluate-measure?periodStart={JUNE[0]}&periodEnd={JUNE[1]}"
    for name, asked in (
        ("commissioner", f"&organisation={area.codes['north']}&reportType=subject-list"),
        ("commissioner", f"&organisation={area.codes['north']}&subject=Patient/{patient}"),
        ("southern", f"&organisation={area.codes['northern']}"),
    ):
        refused = await area.client(name).request("GET", path + asked)
        assert refused.status_code == 403, (name, asked)
    stranger = await area.client("southern").request("GET", f"{path}&subject=Patient/{patient}")
    assert stranger.status_code == 404
    assert patient not in stranger.text


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("periodStart=2020-06-30&periodEnd=2020-06-01", 400, "periodEnd"),
        ("periodStart=2030-06-01&periodEnd=2030-06-30", 422, "periodStart"),
        ("periodStart=2020-06-01", 400, "periodEnd"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&population=x", 400, "population"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&reportType=all", 400, "reportType"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&parameter=age", 400, "parameter"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&parameter=age=75", 400, "parameter"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&targetMinimum=many", 400, "targetMinimum"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&reportType=individual", 400, "subject"),
        ("periodStart=2020-06-01&periodEnd=2020-06-30&organisation=X99999", 404, "organisation"),
    ],
)
async def test_what_cannot_be_counted_is_refused_by_name(area: Area, query: str, status: int, named: str) -> None:
    answer = await area.client("northern").request("GET", f"Measure/{MEASURE}/$evaluate-measure?{query}")
    assert answer.status_code == status, answer.text
    [issue] = answer.json()["issue"]
    assert issue["expression"] == [named]


async def test_a_measure_says_what_data_it_needs(area: Area) -> None:
    library = await area.client("northern").call("GET", "Measure/dependency-forming-medicines/$data-requirements")
    asked = {each["extension"][0]["valueCode"] for each in library["dataRequirement"]}
    assert asked == {"prescription", "list-size", "list-stay"}
    unknown = await area.client("northern").request("GET", "Measure/no-such-measure/$data-requirements")
    assert unknown.status_code == 404
