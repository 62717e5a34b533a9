"""Who gets figures of whom, how the organisation and the period are named, and what is refused."""

from __future__ import annotations

import pytest

from tandem.fhir.body import decode

PERIOD = "periodStart=2020-07-01&periodEnd=2020-07-31"


@pytest.fixture
async def area(metrics):
    """Two practices, one of them in a network; a commissioner of the network and its practice; a community provider."""
    for code, kind in (
        ("A81001", "practice"), ("A81002", "practice"), ("U10001", "network"), ("16C", "commissioner"),
        ("RXX", "community-provider"),
    ):  # fmt: skip
        await metrics.organisation(code, kind)
    await metrics.member("U10001", "A81001")
    await metrics.member("U10001", "A81002", ends=1)
    await metrics.member("16C", "U10001")
    await metrics.member("16C", "A81001")
    # A practice may enter an affiliation that makes it the holder; that opens no figures to it.
    await metrics.member("A81002", "A81001")
    await metrics.member("RXX", "A81001")
    return metrics


def diagnosis(answer):
    """Status, FHIR code and expression of a refusal."""
    issue = decode(answer.body)["issue"][0]
    return answer.status, issue["code"], issue.get("expression", [None])[0]


@pytest.mark.parametrize(("caller", "about", "status"), [
    ("A81001", "A81001", 200), ("A81001", "A81002", 403), ("A81001", "U10001", 403), ("A81002", "A81001", 403),
    ("U10001", "U10001", 200), ("U10001", "A81001", 200), ("U10001", "A81002", 403),
    ("16C", "U10001", 200), ("16C", "A81001", 200), ("16C", "A81002", 403), ("16C", "16C", 400),
    ("RXX", "A81001", 403), ("RXX", "RXX", 403), ("RXX", "U10001", 403),
    ("A81001", "A89999", 404), ("ZZ9", "A81001", 403),
])  # fmt: skip
async def test_the_matrix(area, caller, about, status):
    assert (await area.call(caller, f"{PERIOD}&organisation={about}")).status == status


@pytest.mark.parametrize("about", ["A81001", "A81002", "U10001"])
async def test_an_operator_sees_all(area, about):
    assert (await area.call("T0001", f"{PERIOD}&organisation={about}", operator=True)).status == 200


@pytest.mark.parametrize("named", [
    "", "&organisation=a81001", "&organisation=https://fhir.nhs.uk/Id/ods-organization-code|A81001",
    "&subject=Organization/org-A81001", "&reporter=Organization/org-A81001",
    "&reportType=summary", "&reportType=population",
])  # fmt: skip
async def test_the_ways_to_name_the_practice(area, named):
    answer = await area.call("A81001", PERIOD + named)
    assert decode(answer.body)["reporter"]["identifier"]["value"] == "A81001"


async def test_by_post(area):
    parameters = [
        {"name": "periodStart", "valueDate": "2020-07-01"}, {"name": "periodEnd", "valueDate": "2020-07-31"},
        {"name": "subject", "valueReference": {"reference": "Organization/org-A81001"}},
    ]  # fmt: skip
    answer = await area.call("U10001", "", body={"resourceType": "Parameters", "parameter": parameters})
    assert (answer.status, decode(answer.body)["resourceType"]) == (200, "MeasureReport")


@pytest.mark.parametrize(("query", "expected"), [
    ("periodEnd=2020-07-31", (400, "required", "periodStart")),
    ("periodStart=2020-07-01", (400, "required", "periodEnd")),
    ("periodStart=yesterday&periodEnd=2020-07-31", (400, "value", "periodStart")),
    ("periodStart=2020-07-01T09:00:00Z&periodEnd=2020-07-31", (400, "value", "periodStart")),
    ("periodStart=2020-02-30&periodEnd=2020-07-31", (400, "value", "periodStart")),
    ("periodStart=1899-12-31&periodEnd=2020-07-31", (400, "value", "periodStart")),
    ("periodStart=0001&periodEnd=0001-01-01", (400, "value", "periodStart")),
    ("periodStart=%D9%A2%D9%A0%D9%A2%D9%A0&periodEnd=2020-07-31", (400, "value", "periodStart")),
    ("periodStart=2020-07-31&periodEnd=2020-07-01", (400, "invalid", "periodEnd")),
    (f"{PERIOD}&practitioner=Practitioner/1", (400, "not-supported", "practitioner")),
    (f"{PERIOD}&reportType=subject-list", (400, "not-supported", "reportType")),
    (f"{PERIOD}&organisation=", (400, "invalid", "organisation")),
    (f"{PERIOD}&subject=Patient/1", (400, "invalid", "subject")),
    (f"{PERIOD}&subject=Organization/unheard-of", (404, "not-found", "subject")),
    (f"{PERIOD}&organisation=A81001&subject=Organization/org-A81001", (400, "invalid", "organisation")),
])  # fmt: skip
async def test_refusals_name_the_parameter(area, query, expected):
    assert diagnosis(await area.call("A81001", query)) == expected


async def test_a_measure_that_is_not_there(area):
    assert (await area.call("A81001", PERIOD, measure="unheard-of")).status == 404


async def test_a_measure_that_is_only_a_record(area):
    record = {"resourceType": "Measure", "id": "another", "status": "draft"}
    async with area.database.transaction() as connection:
        await area.work(connection).put(record)
    assert (await area.call("A81001", PERIOD, measure="another")).status == 422


async def test_while_memberships_are_uncertain_only_a_practice_is_served(area):
    area.kernel.registered_only = lambda: True
    assert (await area.call("A81001", PERIOD)).status == 200
    refused = await area.call("U10001", PERIOD)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "30")


async def test_an_answer_leaves_an_audit_row_and_a_refusal_gives_no_figures(area):
    await area.call("U10001", f"{PERIOD}&organisation=A81001")
    await area.call("RXX", f"{PERIOD}&organisation=A81001")
    rows = await area.rows("SELECT organisation, action, type, patient FROM audit WHERE action = '$evaluate-measure'")
    assert rows == [{"organisation": "U10001", "action": "$evaluate-measure", "type": "Measure", "patient": None}]
