"""What a network can do with the hours it has: plans, agreed offer rates, home rounds, and what is assumed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

SEVERE = {"system": SNOMED_CT, "code": "925861000000102", "display": "Severe frailty"}
MODERATE = {"system": SNOMED_CT, "code": "925831000000107", "display": "Moderate frailty"}


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def frail(area: Area, number: int, code: dict[str, str] = SEVERE, practice: str = "northern") -> list[str]:
    """New people of a practice whose frailty a clinician has confirmed."""
    people = [await area.register(practice) for _ in range(number)]
    for patient in people:
        await area.client(practice).create({
            "resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{patient}"},
            "code": {"coding": [code]}, "effectiveDateTime": "2020-06-01",
        })  # fmt: skip
    await area.client("operator").caught_up()
    return people


async def pharmacists(area: Area, wte: float) -> None:
    """So many whole-time equivalents of clinical pharmacists are in post in `north`."""
    post = part("post", part("role", valueCode="clinical-pharmacist"), part("date", valueDate="2020-07-01"),
                part("wte", valueDecimal=wte))  # fmt: skip
    await area.ask("north", "north", "staff-in-post", post)


async def assume(area: Area, who: str = "north", **figures: float) -> Resource:
    """The network says what it assumes; of a name `__` stands for a point, `_` for a hyphen."""
    named = {name.replace("__", ".").replace("_", "-"): value for name, value in figures.items()}
    return await area.ask(who, "north", "capacity-assumptions", *(
        part("figure", part("name", valueString=name), part("value", valueDecimal=value),
             part("reason", valueString="As counted here in June"))
        for name, value in named.items()
    ))  # fmt: skip


async def plan(area: Area, who: str = "north", organization: str = "north", **asked: Any) -> Resource:
    query = "&".join(f"{name}={value}" for name, value in {"year": "2020/21", "service": "SMR", **asked}.items())
    return await area.client(who).call("GET", f"Organization/{area.ids[organization]}/$capacity-plan?{query}")


def one(answer: Any, name: str) -> Any:
    """The only value of this name; numbers as floats."""
    [value] = values(answer, name)
    return float(value) if not isinstance(value, str | bool | list | dict) else value


async def refused(area: Area, who: str, status: int, operation: str, *posted: dict[str, Any]) -> str:
    """The words with which the operation on `north` is refused."""
    with pytest.raises(Refused) as refusal:
        await area.ask(who, "north", operation, *posted)
    assert refusal.value.status == status
    return refusal.value.text


@pytest.mark.requirement("SMR-055")
async def test_a_dry_run_sets_people_against_hours_and_invites_nobody(area: Area) -> None:
    severe = await frail(area, 3)
    await frail(area, 1, MODERATE)
    # a full post has 37.5 hours x 42 weeks / 12 x 9 months = 1181 hours until April
    await pharmacists(area, 0.002)
    await assume(
        area, SMR__pcn__review__minutes=60, SMR__pcn__follow_up__per_year=0, SMR__pcn__time_for_service__percent=100
    )
    found = await plan(area, _count=10)
    assert one(found, "people") == 4, "severe frailty puts them on two lists, and they are counted once"
    assert {one(each, "cohort"): one(each, "people") for each in values(found, "cohort")}.items() >= {
        "smr-severe-frailty": 3, "smr-housebound-isolated-frail": 4,
    }.items()  # fmt: skip
    assert one(found, "hours-needed") == 4
    assert one(found, "hours-available") == 2.4, "of which two reviews can be done"
    assert {one(each, "code"): one(each, "hours") for each in values(found, "role")} == {"clinical-pharmacist": 2.4}
    assert (one(found, "achievable-offers"), one(found, "achievable-offer-rate")) == (2, 50)

    months = {one(each, "month"): one(each, "people") for each in values(found, "month")}
    assert (len(months), sum(months.values())) == (9, 2)
    order = [(one(each, "patient")["reference"], values(each, "month")) for each in values(found, "person")]
    assert len(order) == 4
    assert [bool(month) for _, month in order] == [True, True, False, False], "until the hours are used up"
    points = [one(each, "points") for each in values(found, "person")]
    assert points == sorted(points, reverse=True)

    assert one(await plan(area, parameter="smr-polypharmacy.medicines=12"), "people") == 4
    only = await plan(area, cohort="smr-severe-frailty")
    assert (one(only, "people"), one(only, "achievable-offer-rate")) == (3, 66.6)
    for patient in severe:
        assert await area.client("northern").search(f"Communication?patient=Patient/{patient}") == []
    offers = await area.client("north").call("GET", f"Organization/{area.ids['north']}/$offers")
    assert (one(offers, "offered"), one(offers, "letter-requested")) == (0, 0)


async def test_who_sees_a_plan_and_whom_it_names(area: Area) -> None:
    await frail(area, 2)
    await pharmacists(area, 1)
    assert one(await plan(area, "commissioner", _count=10), "people") == 2
    assert values(await plan(area, "commissioner", _count=10), "person") == [], "figures, never a person"
    own = await plan(area, "northern", "northern", _count=10)
    assert (one(own, "people"), len(values(own, "person"))) == (2, 2)
    assert one(own, "hours-available") == one(await plan(area), "hours-available"), "its only practice has all hours"
    for stranger, organization in (("south", "north"), ("southern", "north"), ("northern", "north"),
                                   ("southern", "northern")):  # fmt: skip
        with pytest.raises(Refused) as unseen:
            await plan(area, stranger, organization)
        assert unseen.value.status == 404, stranger


@pytest.mark.parametrize(("asked", "status"), [
    ({"year": "2020/22"}, 400), ({"year": "2018/19"}, 422), ({"service": "EHCH"}, 422), ({"cohort": "efi-fit"}, 422),
    ({"parameter": "smr-polypharmacy.medicines"}, 400), ({"parameter": "nothing.medicines=1"}, 400),
    ({"_count": "many"}, 400),
])  # fmt: skip
async def test_a_plan_that_cannot_be_made_is_refused(area: Area, asked: dict[str, str], status: int) -> None:
    with pytest.raises(Refused) as refusal:
        await plan(area, **asked)
    assert refusal.value.status == status


def lower_rate(percent: float = 60, **more: Any) -> list[dict[str, Any]]:
    """A network's request; `evidence` and `attempt` may be left out by None."""
    told = {"evidence": "Two of three posts could not be filled", "attempt": "Advertised three times"} | more
    return [
        part("percent", valueDecimal=percent), part("from", valueDate="2020-07-01"),
        part("until", valueDate="2021-03-31"),
        *(part(name, valueString=text) for name, text in told.items() if text is not None),
    ]  # fmt: skip


async def target(area: Area, who: str = "north") -> float:
    """The percentage that must be offered a review today."""
    return float(one(values(await area.ask(who, "north", "offer-rate"), "target")[0], "percent"))


@pytest.mark.requirement("SMR-035")
async def test_a_lower_offer_rate_needs_evidence_and_the_commissioner(area: Area) -> None:
    await frail(area, 2)
    assert "No staff in post" in await refused(area, "north", 422, "offer-rate", *lower_rate())
    await pharmacists(area, 0.002)
    await assume(area, SMR__pcn__review__minutes=60, SMR__pcn__time_for_service__percent=100)
    for missing in ("evidence", "attempt"):
        refusal = await refused(area, "north", 422, "offer-rate", *lower_rate(**{missing: None}))
        assert missing in refusal
    assert "not proven" in await refused(area, "north", 422, "offer-rate", *lower_rate(10))
    assert "lower than the standard" in await refused(area, "north", 422, "offer-rate", *lower_rate(100))
    assert values(await area.ask("north", "north", "offer-rate"), "request") == [], "nothing was kept of these"

    [request] = values(await area.ask("north", "north", "offer-rate", *lower_rate()), "request")
    assert one(request, "status") == "requested"
    assert one(one(request, "plan"), "achievable-offer-rate") == 50
    assert await target(area) == 100, "asked for is not agreed"
    decision = [part("request", valueString=one(request, "id")), part("decision", valueCode="approved")]
    assert await refused(area, "north", 403, "offer-rate", *decision)
    assert await refused(area, "south", 404, "offer-rate", *decision)
    assert await refused(area, "operator", 403, "offer-rate", *decision)
    assert await target(area) == 100

    [decided] = values(await area.ask("commissioner", "north", "offer-rate", *decision), "request")
    assert (one(decided, "status"), one(decided, "decided-by")) == ("approved", area.codes["commissioner"])
    assert await target(area) == await target(area, "commissioner") == 60
    assert await refused(area, "commissioner", 409, "offer-rate", *decision)
    later = f"Organization/{area.ids['north']}/$offer-rate?date=2021-04-01"
    [after] = values(await area.client("north").call("GET", later), "target")
    assert one(after, "percent") == 100, "only for the time that was agreed"


@pytest.mark.requirement("EHCH-086")
async def test_hours_of_home_rounds_are_set_against_those_that_are_funded(area: Area) -> None:
    for home in ("elms", "oaks"):
        await area.align("north", home, period={"start": "2020-01-01"})
    for home in ("elms", "elms", "oaks"):
        await area.move_in("northern", await area.register("northern"), home, "2020-05-01")
    await area.move_in("southern", await area.register("southern"), "oaks", "2020-05-01")
    await area.client("operator").caught_up()
    await assume(
        area, EHCH__gp__home_round__minutes=30, EHCH__gp__resident_seen__minutes=10,
        EHCH__gp__residents_seen_each_round__percent=100, EHCH__gp__payment_per_bed__pounds=120,
        EHCH__gp__hour_of_gp__pounds=90,
    )  # fmt: skip
    found = await area.ask("north", "north", "round-capacity")
    assert (one(found, "homes"), one(found, "residents")) == (2, 3), "who stays with another network is not its own"
    # 26 rounds: 2 homes x 30 minutes and 3 residents x 10 minutes; 3 x 120 pounds buy 4 hours
    assert (one(found, "hours-needed"), one(found, "hours-funded"), one(found, "shortfall")) == (39, 4, 35)
    assert sorted(one(each, "hours-needed") for each in values(found, "home")) == [17.3, 21.7]
    assert one(await area.ask("commissioner", "north", "round-capacity"), "shortfall") == 35
    for stranger in ("south", "northern"):
        with pytest.raises(Refused) as unseen:
            await area.ask(stranger, "north", "round-capacity")
        assert unseen.value.status == 404


@pytest.mark.requirement("AC-079")
async def test_changing_an_assumption_changes_the_projected_work_for_a_list(area: Area) -> None:
    await frail(area, 2, MODERATE)

    async def projected() -> dict[str, float]:
        found = await plan(area, service="AC", cohort="anticipatory-care")
        return {one(each, "code"): one(each, "hours") for each in values(found, "provider")}

    read = await area.ask("north", "north", "capacity-assumptions")
    figures = {one(each, "name"): each for each in values(read, "figure")}
    assert one(read, "version") == "2020.1"
    assert {name.split(".")[1] for name in figures if name.startswith("AC.")} == {
        "pcn", "community-provider", "mental-health", "voluntary",
    }  # fmt: skip
    assert all(one(each, "source") for each in figures.values())
    before = await projected()
    visits = one(figures["AC.community-provider.visit.per-year"], "value")
    minutes = one(figures["AC.community-provider.visit.minutes"], "value")
    assert before["community-provider"] == 2 * visits * minutes / 60

    await assume(area, "commissioner", AC__community_provider__visit__per_year=visits * 2)
    after = await projected()
    assert after == {**before, "community-provider": before["community-provider"] * 2}
    read = await area.ask("north", "north", "capacity-assumptions")
    assert one(read, "version") == "2020.1+1"
    [change] = values(read, "change")
    assert (one(change, "value"), one(change, "organisation")) == (visits * 2, area.codes["commissioner"])


async def test_faulty_assumptions_are_refused_whole_and_are_the_networks(area: Area) -> None:
    good = part("figure", part("name", valueString="SMR.pcn.review.minutes"), part("value", valueDecimal=30),
                part("reason", valueString="Counted"))  # fmt: skip
    faulty = (("SMR.pcn.nothing.minutes", 1), ("SMR.pcn.take-up.percent", 101), ("SMR.pcn.review.minutes", -1))
    for name, value in faulty:
        bad = part("figure", part("name", valueString=name), part("value", valueDecimal=value),
                   part("reason", valueString="Counted"))  # fmt: skip
        await refused(area, "north", 422, "capacity-assumptions", good, bad)
    await refused(area, "south", 403, "capacity-assumptions", good)
    assert one(await area.ask("north", "north", "capacity-assumptions"), "version") == "2020.1"
    with pytest.raises(Refused) as unseen:
        await area.client("south").call("GET", f"Organization/{area.ids['north']}/$capacity-assumptions")
    assert unseen.value.status == 404
    with pytest.raises(Refused) as empty:
        await area.client("north").call("POST", f"Organization/{area.ids['north']}/$capacity-assumptions", parameters())
    assert empty.value.status == 400
