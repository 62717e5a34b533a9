"""What a practice is paid for proactive coordinated primary care, withheld and taken back (003 appendix 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem_tests.coordinated_care import (
    BEFORE_THE_SCHEME,
    OUTCOMES,
    CoordinatedCare,
    additional,
    benefits,
    by_name,
    coordinated_care,
    issues,
    statements,
)
from tandem_tests.network_area import part
from tandem_tests.running import EmbeddedTandem

NewSystem = Callable[..., EmbeddedTandem]
FIRST, SECOND = "2016-12-31", "2017-03-31"
SCHEDULE = "Measure/$payment-schedule"


@pytest.fixture
async def care(new_system: NewSystem, http: httpx.AsyncClient) -> CoordinatedCare:
    """A practice of 10,000 people before the scheme begins, on a system whose clock the test may move."""
    made = await coordinated_care(http, new_system("--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00"))
    await count_list(made, "2016-04-01", 10_000)
    return made


async def count_list(care: CoordinatedCare, day: str, registered: int, weighted: float | None = None) -> None:
    more = [part("weighted", valueDecimal=weighted)] if weighted is not None else []
    size = part("list-size", part("date", valueDate=day), part("registered", valueInteger=registered), *more)
    await care.register.post("commissioner", "list-size", size)
    await care.register.lists.client.caught_up()


async def terms_from(care: CoordinatedCare, first: str) -> dict[str, list[Any]]:
    """The terms of the schedule that begin on a day, with `states` and `amounts` of their instalments by month."""
    [found] = [each for row in (await schedule(care))["terms"] if (each := by_name(row))["from"] == [first]]
    rows = [by_name(each) for each in found.get("instalment", [])]
    found["states"] = [(each["month"][0], each["state"][0]) for each in rows]
    found["amounts"] = [float(each["amount"][0]["value"]) for each in rows]
    return found


async def schedule(care: CoordinatedCare, role: str = "commissioner") -> dict[str, list[Any]]:
    return by_name(await care.get(role, SCHEDULE))


def pounds(row: dict[str, list[Any]], name: str) -> float:
    return float(row[name][0]["value"])


async def pay(care: CoordinatedCare, kind: str, day: str, paid: str) -> None:
    await care.post("commissioner", "Measure/$record-payment", part("kind", valueCode=kind),
                    part("date", valueDate=day), part("paid", valueDate=paid))  # fmt: skip


async def judge(care: CoordinatedCare, terms: str, *, satisfactory: bool = True) -> None:
    await care.post("commissioner", "Measure/$decide-performance", part("terms", valueDate=terms),
                    part("satisfactory", valueBoolean=satisfactory))  # fmt: skip


@pytest.mark.requirement("PCPC-112")
async def test_instalments_are_equal_and_a_missing_report_withholds_the_next(care: CoordinatedCare) -> None:
    terms = await terms_from(care, "2016-10-01")
    assert terms["amounts"] == [8_333.33] * 5 + [8_333.35]
    assert round(sum(terms["amounts"]), 2) == 50_000
    assert {state for _, state in terms["states"]} == {"upcoming"}

    await care.move_to("2017-01-01")
    states = dict((await terms_from(care, "2016-10-01"))["states"])
    assert states["2016-12-01"] == "payable"
    assert states["2017-01-01"] == "withheld"
    [row] = [by_name(each) for each in (await terms_from(care, "2016-10-01"))["instalment"]
             if by_name(each)["month"] == ["2017-01-01"]]  # fmt: skip
    assert row["missingReport"] == [FIRST]
    refused = await care.refusal(
        "commissioner", "Measure/$record-payment", part("kind", valueCode="instalment"),
        part("date", valueDate="2017-01-01"), part("paid", valueDate="2017-01-01"),
    )  # fmt: skip
    assert refused.status == 422
    assert "withheld" in refused.text

    await care.complete(FIRST)
    await pay(care, "instalment", "2017-01-01", "2017-01-01")
    assert dict((await terms_from(care, "2016-10-01"))["states"])["2017-01-01"] == "paid"
    assert pounds(await schedule(care), "paid") == 8_333.33


@pytest.mark.requirement("PCPC-113")
async def test_the_final_payment_falls_due_by_31_may_once_performance_is_approved(care: CoordinatedCare) -> None:
    await care.move_to(SECOND)
    refused = await care.refusal("commissioner", "Measure/$decide-performance", part("terms", valueDate="2016-10-01"),
                                 part("satisfactory", valueBoolean=True))  # fmt: skip
    assert len(issues(refused)) == 1
    assert refused.status == 422
    await care.complete(FIRST)
    await care.complete(SECOND)
    final = by_name((await terms_from(care, "2016-10-01"))["final"][0])
    assert (final["state"], pounds(final, "amount"), final["due"]) == (["awaits-approval"], 4_500, ["2017-05-31"])
    unpaid = await care.refusal("commissioner", "Measure/$record-payment", part("kind", valueCode="final"),
                                part("date", valueDate="2016-10-01"), part("paid", valueDate=SECOND))  # fmt: skip
    assert unpaid.status == 422, "without approval nothing is payable"

    await judge(care, "2016-10-01")
    assert by_name((await terms_from(care, "2016-10-01"))["final"][0])["state"] == ["payable"]
    await pay(care, "final", "2016-10-01", SECOND)
    assert pounds(await schedule(care, "practice"), "paid") == 4_500


@pytest.mark.parametrize("requirement", [
    pytest.param("PCPC-114", marks=pytest.mark.requirement("PCPC-114")),
    pytest.param("PCPC-115", marks=pytest.mark.requirement("PCPC-115")),
])  # fmt: skip
async def test_the_terms_of_2017_18(care: CoordinatedCare, requirement: str) -> None:
    terms = await terms_from(care, "2017-04-01")
    if requirement == "PCPC-114":
        assert (terms["until"], pounds(terms, "upfrontPerPatient")) == (["2018-03-31"], 5)
        assert [month for month, _ in terms["states"]] == [
            *(f"2017-{month:02}-01" for month in range(4, 13)), "2018-01-01", "2018-02-01", "2018-03-01"
        ]
        assert terms["amounts"] == [4_166.66] * 11 + [4_166.74]
    else:
        assert pounds(terms, "finalPerPatient") == 0.9
        assert pounds(by_name(terms["final"][0]), "amount") == 9_000


@pytest.mark.requirement("PCPC-116")
async def test_payments_use_the_list_of_april_2016_not_weighted(care: CoordinatedCare) -> None:
    await count_list(care, "2016-04-15", 10_100, weighted=12_345)
    await count_list(care, "2016-05-01", 11_000)
    found = await schedule(care)
    assert (found["registered"], found["counted"]) == ([10_100], ["2016-04-15"])
    assert round(sum((await terms_from(care, "2016-10-01"))["amounts"]), 2) == 50_500


@pytest.mark.requirement("PCPC-117")
async def test_a_report_without_an_indicator_does_not_qualify_until_it_is_completed(care: CoordinatedCare) -> None:
    await care.move_to("2017-01-05")
    gaps = [by_name(each)["what"][0] for each in (await care.report(FIRST))["gap"]]
    missing = [each.removeprefix("indicator:") for each in gaps if each.startswith("indicator:")]
    assert "confidence" in missing, "nobody was asked, so somebody has to say so"
    rows = [additional("Planned visits"), *benefits(*OUTCOMES),
            *statements(*(each for each in missing if each != "confidence"))]  # fmt: skip
    submit = part("submit", valueBoolean=True)
    refused = await care.refusal(
        "practice", "MeasureReport/$practice-report", part("period", valueDate=FIRST), *rows, submit
    )
    assert list(issues(refused)) == ["indicator:confidence"]
    await care.write(FIRST, *rows)

    [qualification] = (await schedule(care))["qualification"]
    assert by_name(qualification)["qualified"] == [False]
    [report] = by_name(qualification)["missing-report"]
    assert by_name(report)["until"] == [FIRST]
    assert [by_name(each)["what"] for each in by_name(report)["gap"]] == [["indicator:confidence"]]
    await care.write(FIRST, *statements("confidence"), submit)
    [qualification] = (await schedule(care))["qualification"]
    assert by_name(qualification) == {"qualified": [True]}


@pytest.mark.requirement("PCPC-118")
async def test_a_practice_that_stopped_delivering_pays_back_with_reason_and_audit(care: CoordinatedCare) -> None:
    await care.move_to("2016-11-20")
    for month in ("2016-10-01", "2016-11-01"):
        await pay(care, "instalment", month, "2016-11-20")
    reason = part("reason", valueString="The practice told us that it delivers no more")
    claim = (part("stopped", valueDate="2016-11-15"), reason)
    too_much = await care.refusal(
        "commissioner", "Measure/$recover-payment", part("amount", valueMoney={"value": 20_000}), *claim
    )
    assert too_much.status == 422
    own = await care.refusal("practice", "Measure/$recover-payment", part("amount", valueMoney={"value": 1}), *claim)
    assert own.status == 403
    unsaid = await care.refusal("commissioner", "Measure/$recover-payment", part("amount", valueMoney={"value": 1}))
    assert unsaid.status == 422
    await care.post("commissioner", "Measure/$recover-payment", part("amount", valueMoney={"value": 4_166.67}), *claim)

    found = await schedule(care, "practice")
    [recovery] = [by_name(each) for each in found["recovery"]]
    assert (pounds(recovery, "amount"), recovery["reason"]) == (4_166.67, [reason["valueString"]])
    assert recovery["stoppedDelivering"] == ["2016-11-15"]
    assert recovery["recordedBy"] == [care.here.codes["commissioner"]]
    assert by_name(found["qualification"][0])["qualified"] == [False]
    assert dict((await terms_from(care, "2016-10-01"))["states"])["2016-12-01"] == "stopped"
    trail = await care.client("commissioner").search("AuditEvent?_count=500")
    assert any("$recover-payment" in str(each["subtype"]) for each in trail), "the audit trail says who did it"


@pytest.mark.requirement("PCPC-120")
async def test_a_breakdown_that_is_asked_for_is_held_against_what_was_paid(care: CoordinatedCare) -> None:
    await care.move_to("2016-10-03")
    await pay(care, "instalment", "2016-10-01", "2016-10-03")
    lines = [
        part("line", part("purpose", valueString=purpose), part("amount", valueMoney={"value": amount}))
        for purpose, amount in (("A nurse for two days a week", 6_000), ("Travel", 333.33))
    ]
    unasked = await care.refusal("practice", "Measure/$funding-breakdown", *lines)
    assert unasked.status == 409
    await care.post("commissioner", "Measure/$funding-breakdown", part("ask", valueBoolean=True))
    again = await care.refusal("commissioner", "Measure/$funding-breakdown", part("ask", valueBoolean=True))
    assert again.status == 409
    await care.post("practice", "Measure/$funding-breakdown", *lines)

    [row] = by_name(await care.get("commissioner", "Measure/$funding-breakdown"))["request"]
    answered = by_name(row)
    assert answered["state"] == ["answered"]
    assert len(answered["line"]) == 2
    assert [pounds(answered, name) for name in ("spent", "paid", "difference")] == [6_333.33, 8_333.33, 2_000]


@pytest.mark.requirement("PCPC-121")
async def test_a_yearly_variation_applies_from_its_day_and_the_term_ends_after_three_years(
    care: CoordinatedCare,
) -> None:
    def variation(first: str, until: str) -> list[dict[str, Any]]:
        return [
            part("from", valueDate=first), part("until", valueDate=until),
            part("upfrontPerPatient", valueMoney={"value": 4}), part("finalPerPatient", valueMoney={"value": 1.5}),
            part("reason", valueString="The scheme was reviewed"),
        ]  # fmt: skip

    async def publish(*posted: dict[str, Any], role: str = "commissioner") -> Any:
        body = {"resourceType": "Parameters", "parameter": list(posted)}
        return await care.client(role).request("POST", "Measure/$scheme", body)

    assert (await publish(*variation("2017-04-01", "2018-03-31"), role="practice")).status_code == 403
    for first, until, rule in (
        ("2017-07-01", "2018-03-31", "1 April"), ("2019-04-01", "2019-12-31", "three years"),
        ("2016-04-01", "2017-03-31", "day to come"),
    ):  # fmt: skip
        refused = await publish(*variation(first, until))
        assert refused.status_code == 422
        assert rule in refused.text
    assert (await publish(*variation("2017-04-01", "2018-03-31"))).status_code == 200
    assert (await publish(*variation("2017-04-01", "2018-03-31"))).status_code == 422, "one a year"

    earlier, later = await terms_from(care, "2016-10-01"), await terms_from(care, "2017-04-01")
    assert (pounds(earlier, "upfrontPerPatient"), round(sum(earlier["amounts"]), 2)) == (5, 50_000)
    assert (pounds(later, "upfrontPerPatient"), round(sum(later["amounts"]), 2)) == (4, 40_000)
    assert pounds(by_name(later["final"][0]), "amount") == 15_000
    scheme = by_name(await care.client("practice").call("GET", "Measure/$scheme"))
    assert scheme["termEnds"] == ["2019-09-30"]
    assert "3 year scheme" in scheme["termSource"][0]


async def test_nothing_is_due_while_the_list_of_april_2016_is_not_known(
    new_system: NewSystem, http: httpx.AsyncClient
) -> None:
    care = await coordinated_care(http, new_system("--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00"))
    await count_list(care, "2016-05-01", 10_000)
    found = await schedule(care)
    assert found["state"] == ["list-size-missing"]
    assert (await terms_from(care, "2016-10-01"))["amounts"] == []
