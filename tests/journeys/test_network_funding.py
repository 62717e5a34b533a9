"""What a network is entitled to, claims, earns and receives (000 §1.14, §1.15; 002; 004)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.coordinated_care import by_name, issues, named
from tandem_tests.network_area import Area, new_area, parameters, part
from tandem_tests.running import EmbeddedTandem

NewSystem = Callable[..., EmbeddedTandem]
STREAMS = ("participation", "core", "clinical-director", "additional-roles", "investment-and-impact")


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def read(area: Area, role: str, operation: str, query: str = "") -> dict[str, list[Any]]:
    return by_name(await area.client(role).call("GET", f"Measure/${operation}?network={area.codes['north']}{query}"))


async def post(client: FhirClient, area: Area, operation: str, *posted: dict[str, Any]) -> Resource:
    body = parameters(part("network", valueString=area.codes["north"]), *posted)
    return await client.call("POST", f"Measure/${operation}", body)


async def refusal(area: Area, role: str, operation: str, *posted: dict[str, Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        await post(area.client(role), area, operation, *posted)
    return refused.value


async def count_list(area: Area, registered: int) -> None:
    size = part("list-size", part("date", valueDate="2020-04-01"), part("registered", valueInteger=registered))
    await area.ask("commissioner", "northern", "list-size", size)
    await area.client("operator").caught_up()


def pounds(row: dict[str, list[Any]], name: str = "amount") -> float:
    [money] = row[name]
    assert money["currency"] == "GBP"
    return float(money["value"])


@pytest.mark.parametrize(("stream", "shown"), [
    pytest.param("participation", (14_000, True), marks=pytest.mark.requirement("PCN-021")),
    pytest.param("core", (75_000, False), marks=pytest.mark.requirement("PCN-022")),
])  # fmt: skip
async def test_what_a_network_of_fifty_thousand_people_is_entitled_to(
    area: Area, stream: str, shown: tuple[float, bool]
) -> None:
    await count_list(area, 50_000)
    row = named((await read(area, "north", "network-entitlements", "&year=2020/21"))["stream"], stream)
    assert (pounds(row), row["indicative"]) == (shown[0], [shown[1]])
    if stream == "core":
        assert pounds(row, "rate") == 1.5


@pytest.mark.requirement("PCN-023")
async def test_a_quarter_of_a_clinical_director_is_guaranteed(area: Area) -> None:
    row = named((await read(area, "north", "network-entitlements", "&year=2020/21"))["stream"], "clinical-director")
    assert [float(each) for each in row["fullTimeEquivalent"]] == [0.25]
    assert row["source"] == ["000 §1.14"]


@pytest.mark.requirement("PCN-024")
async def test_core_and_clinical_director_come_to_over_109000_pounds(area: Area) -> None:
    before = await read(area, "north", "network-entitlements", "&year=2020/21")
    assert before["state"] == ["list-size-missing"]
    assert "core-and-clinical-director" not in before, "nothing is made up while a list is not known"
    await count_list(area, 50_000)
    [combined] = (await read(area, "north", "network-entitlements", "&year=2020/21"))["core-and-clinical-director"]
    [amount] = by_name(combined)["amount"]
    assert (float(amount["value"]), amount["comparator"], amount["unit"]) == (109_000, ">", "GBP")


@pytest.mark.requirement("PCN-062")
async def test_each_stream_shows_amount_basis_conditions_and_how_its_claim_stands(area: Area) -> None:
    await count_list(area, 30_000)
    claim = part("claim", part("role", valueString="clinical-pharmacist"), part("month", valueString="2020-05"),
                 part("wte", valueDecimal=2))  # fmt: skip
    await post(area.client("north"), area, "role-claim", claim)
    await designate(area)
    await pay(area, ("core", 11_250.50))

    streams = [by_name(each) for each in (await read(area, "north", "network-entitlements", "&year=2020/21"))["stream"]]
    assert {each["name"][0]: each["claimStatus"][0] for each in streams} == {
        "participation": "due-without-a-claim", "core": "paid", "clinical-director": "due-without-a-claim",
        "additional-roles": "claimed", "investment-and-impact": "to-be-earned",
    }  # fmt: skip
    assert all(each["basis"][0] and each["conditions"][0] and each["source"][0] for each in streams)
    core = next(each for each in streams if each["name"] == ["core"])
    assert (pounds(core), pounds(core, "paid")) == (45_000, 11_250.5)


async def designate(area: Area, name: str = "The fund of the network") -> Resource:
    holder = part("holder", valueReference=area.reference("northern"))
    return await post(area.client("north"), area, "network-fund", part("fund", valueString=name), holder)


async def pay(area: Area, *payments: tuple[str, float]) -> Resource:
    rows = [
        part("payment", part("stream", valueString=stream), part("amount", valueMoney={"value": amount}),
             part("paid", valueDate="2020-06-30"))
        for stream, amount in payments
    ]  # fmt: skip
    return await post(area.client("commissioner"), area, "network-fund", *rows)


@pytest.mark.requirement("PCN-074")
async def test_all_streams_credit_the_one_designated_fund_and_a_second_is_refused(area: Area) -> None:
    early = await refusal(area, "commissioner", "network-fund", part(
        "payment", part("stream", valueString="core"), part("amount", valueMoney={"value": 1}),
        part("paid", valueDate="2020-06-30"),
    ))  # fmt: skip
    assert early.status == 409
    await designate(area)
    await pay(area, ("core", 6_250), ("participation", 1_166.66), ("core", 6_250))
    second = await refusal(
        area, "north", "network-fund", part("fund", valueString="Another fund"),
        part("holder", valueReference=area.reference("northern")),
    )  # fmt: skip
    assert second.status == 409
    assert "single designated fund" in second.text
    assert "004 §8" in second.text

    fund = await read(area, "northern", "network-fund")
    assert [by_name(each)["name"] for each in fund["fund"]] == [["The fund of the network"]]
    assert {by_name(each)["stream"][0]: pounds(by_name(each)) for each in fund["total"]} == {
        "core": 12_500, "participation": 1_166.66
    }
    assert pounds(fund, "credited") == 13_666.66
    stranger = await refusal(area, "south", "network-fund", part("fund", valueString="Mine"))
    assert stranger.status == 404
    half = await refusal(area, "commissioner", "network-fund", *(
        part("payment", part("stream", valueString=stream), part("amount", valueMoney={"value": 1.005}),
             part("paid", valueDate="2020-06-30"))
        for stream in ("core", "no-such-stream")
    ))  # fmt: skip
    assert half.status == 422
    assert pounds(await read(area, "north", "network-fund"), "credited") == 13_666.66, "nothing of it is kept"


ROLES = (
    ("PCN-096", "clinical-pharmacist", "2019-06", "2019-07"),
    ("PCN-096", "social-prescribing-link-worker", "2019-06", "2019-07"),
    ("PCN-097", "physiotherapist", "2020-03", "2020-04"), ("PCN-097", "physician-associate", "2020-03", "2020-04"),
)  # fmt: skip


def claim_of(role: str, month: str) -> dict[str, Any]:
    wte = part("wte", valueDecimal=0.5)
    return part("claim", part("role", valueString=role), part("month", valueString=month), wte)


async def shows_the_month(area: Area, role: str, before: str, first: str) -> None:
    refused = await refusal(area, "north", "role-claim", claim_of(role, before))
    assert refused.status == 422
    assert "reimbursable from" in refused.text
    assert "004 §26" in refused.text
    year = f"{first[:4]}/{int(first[2:4]) + 1}"
    assert "claim" not in await read(area, "north", "role-claim", f"&year={year}")
    await post(area.client("north"), area, "role-claim", claim_of(role, first))
    [kept] = (await read(area, "north", "role-claim", f"&year={year}"))["claim"]
    assert (by_name(kept)["role"], by_name(kept)["month"]) == ([role], [first])


@pytest.mark.parametrize(("role", "before", "first"), [
    pytest.param(*row, marks=pytest.mark.requirement(requirement)) for requirement, *row in ROLES
])  # fmt: skip
async def test_a_role_is_reimbursed_from_its_month_on(area: Area, role: str, before: str, first: str) -> None:
    await shows_the_month(area, role, before, first)


@pytest.mark.requirement("PCN-098")
async def test_a_community_paramedic_is_reimbursed_from_april_2021(
    http: httpx.AsyncClient, new_system: NewSystem
) -> None:
    area = await new_area(http, new_system("--clock", "2021-04-30T09:00+01:00"))
    await shows_the_month(area, "paramedic", "2021-03", "2021-04")


@pytest.mark.parametrize(("year", "average"), [
    pytest.param("2020/21", 60_000, marks=pytest.mark.requirement("PCN-027")),
    pytest.param("2023/24", 240_000, marks=pytest.mark.requirement("PCN-028")),
])  # fmt: skip
async def test_the_average_share_of_the_impact_fund_stands_beside_what_was_earned(
    area: Area, year: str, average: float
) -> None:
    await publish_rules(area, year)
    await achieve(area, year, ("avoidable-admissions", 95))
    fund = await read(area, "north", "impact-fund", f"&year={year}")
    assert pounds(by_name(fund["average-network"][0])) == average
    assert pounds(fund, "earned") == 5_000


async def publish_rules(area: Area, year: str) -> None:
    """Each element earns nothing at 100 and all its hundred points at 90; a point is worth 100 pounds."""
    rows = [
        part("element", part("element", valueString=each), part("points", valueDecimal=100),
             part("nothing", valueDecimal=100), part("full", valueDecimal=90))
        for each in ELEMENTS
    ]  # fmt: skip
    body = parameters(part("year", valueString=year), part("pointValue", valueMoney={"value": 100}),
                      part("source", valueString="National rules for the test"), *rows)  # fmt: skip
    await area.client("operator").call("POST", "Measure/$impact-fund-rules", body)


async def achieve(area: Area, year: str, *achieved: tuple[str, float]) -> Resource:
    rows = [part("achievement", part("element", valueString=name), part("value", valueDecimal=value))
            for name, value in achieved]  # fmt: skip
    return await post(area.client("commissioner"), area, "impact-fund", part("year", valueString=year), *rows)


ELEMENTS = (
    "avoidable-attendances", "avoidable-admissions", "timely-discharge", "outpatient-redesign", "prescribing-costs",
)  # fmt: skip


@pytest.mark.requirement("PCN-071")
async def test_points_and_the_earned_amount_come_with_the_calculation(area: Area) -> None:
    unruled = await refusal(area, "commissioner", "impact-fund", part("year", valueString="2030/31"), part(
        "achievement", part("element", valueString=ELEMENTS[0]), part("value", valueDecimal=95)
    ))  # fmt: skip
    assert unruled.status == 422
    await publish_rules(area, "2021/22")
    own = await refusal(area, "north", "impact-fund", part("year", valueString="2021/22"), part(
        "achievement", part("element", valueString=ELEMENTS[0]), part("value", valueDecimal=95)
    ))  # fmt: skip
    assert own.status == 403, "a network does not record what it is paid for"
    await achieve(area, "2021/22", (ELEMENTS[0], 97.5), (ELEMENTS[1], 101))
    fund = await read(area, "north", "impact-fund", "&year=2021/22")
    quarter, nothing = (named(fund["element"], each, "element") for each in ELEMENTS[:2])
    assert ([float(each) for each in quarter["points"]], pounds(quarter)) == ([25], 2_500)
    assert quarter["calculation"] == ["(97.5 - 100) / (90 - 100) = 0.25 of 100 points = 25.00 points, £2500.00"]
    assert ([float(each) for each in nothing["points"]], pounds(nothing)) == ([0], 0)
    assert pounds(fund, "earned") == 2_500


@pytest.mark.requirement("PCN-108")
async def test_over_achievement_stops_at_the_cap_but_not_for_prescribing_costs(area: Area) -> None:
    await publish_rules(area, "2022/23")
    await achieve(area, "2022/23", *((each, 80) for each in ELEMENTS))
    fund = await read(area, "north", "impact-fund", "&year=2022/23")
    earned = {each: named(fund["element"], each, "element") for each in ELEMENTS}
    assert {name: (pounds(row), row["atCap"]) for name, row in earned.items()} == {
        **{each: (10_000, [True]) for each in ELEMENTS[:-1]}, "prescribing-costs": (20_000, [False])
    }
    assert pounds(fund, "earned") == 60_000


async def test_only_a_national_body_publishes_the_rules_of_the_impact_fund(area: Area) -> None:
    for role in ("north", "commissioner"):
        body = parameters(
            part("year", valueString="2020/21"), part("pointValue", valueMoney={"value": 1}),
            part("source", valueString="Mine"), part("element", part("element", valueString=ELEMENTS[0])),
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            await area.client(role).call("POST", "Measure/$impact-fund-rules", body)
        assert refused.value.status == 403
    faulty = parameters(part("year", valueString="2020/21"), part("pointValue", valueMoney={"value": 1}),
                        part("source", valueString="Rules"), part(
        "element", part("element", valueString="no-such-element"), part("points", valueDecimal=-1),
        part("nothing", valueDecimal=1), part("full", valueDecimal=1),
    ))  # fmt: skip
    with pytest.raises(Refused) as refused:
        await area.client("operator").call("POST", "Measure/$impact-fund-rules", faulty)
    assert refused.value.status == 422
    assert any("points" in each for each in issues(refused.value))
