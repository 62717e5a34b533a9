"""The directory of support offers: what must be offered, what is found, what is lacking, and referrals to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tandem.canonical import REFERRAL_KIND, SUPPORT_OFFER
from tandem.demo.cast import Cast
from tandem.demo.client import Refused, eventually
from tandem.synth import Summary
from tandem_tests.consents import person_client
from tandem_tests.home_rounds import told
from tandem_tests.listed_people import MODERATE_FRAILTY, has_condition
from tandem_tests.network_area import values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.support_area import ALL_HOURS, OFFICE_HOURS, TELEPHONE, SupportArea, new_support_area

AUTUMN = "2020-10-01"
PALLIATIVE = "palliative-and-end-of-life-care"
_SWALLOWING = {"speech and language therapy", "dysphagia assessment", "dysphagia support"}
_CONTINENCE = {"urinary continence assessment", "faecal continence assessment"}
_COGNITIVE = {"cognitive stimulation therapy", "cognitive rehabilitation therapy"}
CARE_HOME_OFFERS: dict[str, dict[str, set[str]]] = {
    "EHCH-052": {"community-nursing": set()},
    "EHCH-053": {"tissue-viability": set()},
    "EHCH-054": {"falls-prevention": {"falls prevention", "advice", "strength and balance training"}},
    "EHCH-055": {"oral-health": set()},
    "EHCH-056": {"speech-and-language-therapy": _SWALLOWING},
    "EHCH-057": {"dietetics": set()},
    "EHCH-058": {"hydration-and-nutrition-support": {"hydration", "nutrition"}},
    "EHCH-059": {
        "continence-assessment-and-care": {*_CONTINENCE, "urinary continence care", "faecal continence care"},
    },
    "EHCH-060": {
        "psychological-therapies": {"psychological therapies such as IAPT", "older people's mental health services"},
    },
    "EHCH-061": {"dementia-therapies": {*_COGNITIVE, "reminiscence therapy"}},
    "EHCH-066": {
        "specialist-mental-health": {
            "mental health crises", "challenging behavioural and psychological symptoms of dementia",
        },
    },
}  # fmt: skip
"""Requirement -> the offers by which it is met, with what each covers."""
ANTICIPATORY_CARE_OFFERS: dict[str, dict[str, set[str]]] = {
    "AC-057": {
        "fall-risk-assessment-and-intervention": {
            "fall risk assessment", "fall risk intervention", "bone health management",
            "strength and balance training",
        },
    },
    "AC-058": {"rehabilitation": set()},
    "AC-059": {"continence-services": set()},
    "AC-060": {"tissue-viability": set()},
    "AC-061": {"care-coordination": set()},
    "AC-062": {"mobility-assessment": set()},
    "AC-063": {"continence-assessment": _CONTINENCE},
    "AC-067": {"outreach": {"hard to reach groups", "people with protected characteristics"}},
    "AC-068": {
        "depression-and-anxiety": {
            "identifying depression and anxiety", "managing depression and anxiety",
            "psychological therapies including IAPT",
        },
    },
    "AC-069": {
        "cognitive-assessment": {"dementia risk", "delirium risk"}, "post-diagnosis-dementia-support": _COGNITIVE,
    },
}  # fmt: skip


@pytest.fixture
async def support(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> SupportArea:
    """A network where nobody offers anything yet, on 1 July 2020."""
    return await new_support_area(http, embedded)


def by_requirement(offers: dict[str, dict[str, set[str]]]) -> list[Any]:
    return [pytest.param(each, marks=pytest.mark.requirement(each)) for each in offers]


async def catalogued(support: SupportArea, requirement: str, service: str) -> dict[str, set[str]]:
    """The offers that the catalogue of a service holds for a requirement, with what each covers."""
    catalogue = await support.ask("support-catalogue", service=service)
    return {
        values(offer, "code")[0]: set(values(offer, "covers"))
        for offer in values(catalogue, "offer")
        if any(told(each)["id"] == requirement for each in values(offer, "requirement"))
    }


async def is_referred(support: SupportArea, patient: str, code: str) -> None:
    """What was found for a person by a need can be asked for, and reaches who offers it."""
    [offer] = await support.found(need=code, patient=f"Patient/{patient}")
    assert offer["code"] == code
    request = await support.refer(patient, offer)
    task = await support.task_of(request, "trust")
    assert task["owner"]["reference"] == offer["provider"]["reference"]
    assert task["status"] == "requested"
    assert (await support.accept(task, "trust"))["status"] == "accepted"


async def is_a_gap_without_provider(
    support: SupportArea, codes: set[str], requirement: str, service: str, on: str
) -> None:
    """Both networks lack it; once it is offered to the one, the other still does."""
    for network in ("north", "south"):
        gaps = await support.gaps(network, on=on, service=service)
        assert {code: gaps[code]["reason"] for code in codes} == dict.fromkeys(codes, "no-provider")
        assert {gaps[code]["requirement"]["id"] for code in codes} == {requirement}
    for code in codes:
        await support.offer("trust", code)
    assert codes & set(await support.gaps("north", on=on, service=service)) == set()
    assert codes <= set(await support.gaps("south", on=on, service=service))


@pytest.mark.parametrize("requirement", by_requirement(CARE_HOME_OFFERS))
async def test_a_support_offer_of_care_homes(support: SupportArea, requirement: str) -> None:
    offers = CARE_HOME_OFFERS[requirement]
    assert await catalogued(support, requirement, "EHCH") == offers
    await is_a_gap_without_provider(support, set(offers), requirement, "EHCH", AUTUMN)
    resident = await support.resident()
    for code in offers:
        await is_referred(support, resident, code)


@pytest.mark.parametrize("requirement", by_requirement(ANTICIPATORY_CARE_OFFERS))
async def test_a_support_offer_of_anticipatory_care(support: SupportArea, requirement: str) -> None:
    offers = ANTICIPATORY_CARE_OFFERS[requirement]
    assert await catalogued(support, requirement, "AC") == offers
    assert await support.gaps(on="2020-06-29", service="AC") == {}, "nothing is asked for before 30 June 2020"
    await is_a_gap_without_provider(support, set(offers), requirement, "AC", "2020-06-30")
    practice = support.area.client("northern")
    person = await support.area.register("northern")
    await has_condition(practice, person, MODERATE_FRAILTY)
    await practice.caught_up()
    assert "anticipatory-care" in str(await practice.read(f"Patient/{person}/$cohorts"))
    for code in offers:
        await is_referred(support, person, code)


@pytest.mark.requirement("EHCH-005")
async def test_every_care_home_offer_belongs_to_one_clinical_element(support: SupportArea) -> None:
    whole = await support.ask("support-catalogue", "elms")
    assert values(whole, "version") == ["2020-04"]
    elements = [values(each, "code")[0] for each in values(whole, "element")]
    assert elements == [
        "enhanced-primary-care-support", "multidisciplinary-team-support", "reablement-and-rehabilitation",
        "end-of-life-and-dementia-care",
    ]  # fmt: skip
    care_homes = [
        each
        for each in values(whole, "offer")
        if "EHCH" in [told(one)["service"] for one in values(each, "requirement")]
    ]
    assert {len(values(each, "element")) for each in care_homes} == {1}
    filtered: list[str] = []
    for element in elements:
        answer = await support.ask("support-catalogue", service="EHCH", element=element)
        offers = values(answer, "offer")
        assert {values(each, "element")[0] for each in offers} == {element}
        filtered += [values(each, "code")[0] for each in offers]
    assert sorted(filtered) == sorted(values(each, "code")[0] for each in care_homes)
    assert {code for each in CARE_HOME_OFFERS.values() for code in each} <= set(filtered)
    with pytest.raises(Refused) as refused:
        await support.ask("support-catalogue", element="comfort")
    assert refused.value.status == 400
    assert "reablement-and-rehabilitation" in refused.value.text


@pytest.fixture(scope="module")
def sunday_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands at 03:00 on Sunday 4 October 2020."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("sunday"), "--clock", "2020-10-04T03:00+01:00")
    system.start()
    yield system
    system.stop()


@pytest.mark.requirement("EHCH-048")
async def test_palliative_care_is_there_at_three_on_a_sunday_morning_and_office_hours_are_a_gap(
    sunday_night: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    support = await new_support_area(http, sunday_night)
    resident, asked = await support.resident(), {"need": PALLIATIVE, "at": "2020-10-04T03:00:00+01:00"}
    await support.offer("helpers", PALLIATIVE, serves=("north", "south"), availableTime=OFFICE_HOURS)
    for network in ("north", "south"):
        gap = (await support.gaps(network))[PALLIATIVE]
        assert gap["reason"] == "not-all-hours"
        assert gap["uncovered"] == "fri 17:00 to sun 24:00"
    assert await support.found(patient=f"Patient/{resident}", **asked) == []
    [listed] = await support.found(patient=f"Patient/{resident}", need=PALLIATIVE)
    assert listed["available"] is False

    await support.offer("trust", PALLIATIVE, availableTime=ALL_HOURS)
    assert PALLIATIVE not in await support.gaps("north")
    assert PALLIATIVE in await support.gaps("south")
    [there] = await support.found(patient=f"Patient/{resident}", **asked)
    assert there["provider"]["reference"] == support.area.reference("trust")["reference"]
    assert there["available"] is True
    request = await support.refer(resident, there, priority="urgent")
    accepted = await support.accept(await support.task_of(request, "trust"), "trust")
    assert accepted["status"] == "accepted"
    assert accepted["priority"] == "urgent"


async def test_day_and_night_providers_make_24_hours_together_and_an_absence_breaks_them(
    support: SupportArea,
) -> None:
    day = [{"availableStartTime": "08:00:00", "availableEndTime": "20:00:00"}]
    night = [{"availableStartTime": "20:00:00", "availableEndTime": "08:00:00"}]
    await support.offer("trust", PALLIATIVE, availableTime=day)
    assert (await support.gaps(on=AUTUMN))[PALLIATIVE]["reason"] == "not-all-hours"
    nights = await support.offer("helpers", PALLIATIVE, availableTime=night)
    assert PALLIATIVE not in await support.gaps(on=AUTUMN)
    network = support.area.codes["north"]
    for moment, provider in (("2020-10-25T00:30Z", "helpers"), ("2020-10-25T01:30Z", "helpers"),
                             ("2020-10-25T07:30Z", "helpers"), ("2020-10-25T08:00Z", "trust"),
                             ("2020-10-24T18:59Z", "trust"), ("2020-10-24T19:00Z", "helpers")):  # fmt: skip
        [there] = await support.found(need=PALLIATIVE, network=network, at=moment)
        assert there["provider"]["reference"] == support.area.reference(provider)["reference"], moment
    await support.area.client("helpers").patch(nights, [{"op": "add", "path": "/notAvailable", "value": [
        {"description": "Closed for training", "during": {"start": "2020-10-03", "end": "2020-10-03"}},
    ]}])  # fmt: skip
    assert PALLIATIVE not in await support.gaps(on="2020-10-02")
    assert (await support.gaps(on="2020-10-03"))[PALLIATIVE]["reason"] == "not-all-hours"
    assert await support.found(need=PALLIATIVE, network=network, at="2020-10-03T22:00+01:00") == []


ROUTES = {
    "specialist-mental-health": "specialist-mental-health", "dietetics": "dietetics",
    "speech-and-language-therapy": "speech-and-language-therapy", "palliative-care": PALLIATIVE,
    "dementia-care": "dementia-therapies",
}  # fmt: skip
OTHER_ROUTES = {"network": "care-home-team", "out-of-hours": "out-of-hours", "community-services": "community-nursing"}


@pytest.mark.requirement("EHCH-075")
async def test_a_home_sees_its_referral_routes_and_a_missing_one_is_a_gap_after_september(
    support: SupportArea,
) -> None:
    await support.offer("north", "care-home-team")
    await support.offer("trust", "out-of-hours", "community-nursing", *ROUTES.values(), "falls-prevention")
    routes = await support.routes()
    assert set(routes) == {*ROUTES, *OTHER_ROUTES}
    for code, parts in routes.items():
        assert values(parts, "state") == ["clear"], code
        [provider] = map(told, values(parts, "provider"))
        named = "north" if code == "network" else "trust"
        assert provider["provider"] == {**support.area.reference(named), "display": f"{named} {support.area.number}"}
        assert provider["contact"] == TELEPHONE[0]
        assert provider["hours"] == "mon, tue, wed, thu, fri 09:00 to 17:00"
        assert provider["sharing"] is True, "the practice has a sharing agreement with the trust"

    # The home of nobody: every route is missing, which is a gap from the day on which they must be there.
    for on, state in (("2020-09-29", "not-yet-required"), ("2020-09-30", "gap"), (AUTUMN, "gap")):
        unaligned = await support.routes("oaks", on=on)
        assert {values(each, "state")[0] for each in unaligned.values()} == {state}
        assert {values(each, "missing")[0] for each in unaligned.values()} == {"provider"}
    assert values(await support.ask("referral-routes", "oaks"), "aligned") == [False]


@pytest.mark.requirement("EHCH-076")
@pytest.mark.parametrize("lacking", ROUTES)
async def test_a_home_that_lacks_a_required_route_has_a_gap(support: SupportArea, lacking: str) -> None:
    required = await support.ask("support-catalogue")
    held = {told(each)["code"] for each in values(required, "route") if told(each)["requirement"] == "EHCH-076"}
    assert held == set(ROUTES)
    offered = [ROUTES[each] for each in ROUTES if each != lacking]
    await support.offer("trust", *offered)
    home = f"Organization/{support.area.ids['elms']}"
    routes = await support.routes("north", home=home, on=AUTUMN)
    states = {each: values(routes[each], "state")[0] for each in ROUTES}
    assert states == {each: "gap" if each == lacking else "clear" for each in ROUTES}
    await support.offer("helpers", ROUTES[lacking], telecom=None)
    assert values((await support.routes(on=AUTUMN))[lacking], "missing") == ["contact"]
    assert values((await support.routes(on=AUTUMN))[lacking], "state") == ["gap"]
    await support.offer("trust", ROUTES[lacking], availableTime=None)
    assert values((await support.routes(on=AUTUMN))[lacking], "state") == ["gap"]
    await support.offer("trust", ROUTES[lacking])
    assert values((await support.routes(on=AUTUMN))[lacking], "state") == ["clear"]


@pytest.mark.requirement("PCN-078")
async def test_statutory_and_voluntary_support_is_found_by_need_and_area_and_either_can_be_referred_to(
    support: SupportArea,
) -> None:
    await support.offer("trust", "social-prescribing", "welfare-advice")
    await support.offer("helpers", "befriending")
    await support.offer("helpers", "befriending", serves=("south",), name="In the other network")
    network, person = support.area.codes["north"], await support.area.register("northern")
    found = {each["sector"]: each for each in await support.found(need="loneliness", network=network)}
    assert {sector: each["code"] for sector, each in found.items()} == {
        "statutory": "social-prescribing", "voluntary": "befriending",
    }  # fmt: skip
    for sector in ("statutory", "voluntary"):
        [only] = await support.found(need="loneliness", network=network, sector=sector)
        assert only == found[sector]
    assert await support.found(need="loneliness", practice=support.area.codes["northern"]) == await support.found(
        need="loneliness", patient=f"Patient/{person}"
    )
    assert [each["name"] for each in await support.found(need="loneliness", network=support.area.codes["south"])] == [
        "In the other network"
    ]
    for sector, provider in (("statutory", "trust"), ("voluntary", "helpers")):
        request = await support.refer(person, found[sector])
        assert (await support.task_of(request, provider))["status"] == "requested"


async def test_a_person_finds_what_there_is_for_them_and_for_nobody_else(
    support: SupportArea, http: httpx.AsyncClient
) -> None:
    await support.offer("helpers", "befriending")
    herself, somebody = [await support.area.register("northern") for _ in range(2)]
    await support.area.client("operator").caught_up()
    system = support.area.system
    assert isinstance(system, EmbeddedTandem)
    client = person_client(http, system, support.area.codes["northern"], f"Patient/{herself}")
    path = "HealthcareService/$support-offers?need=loneliness"
    for asked in ("", f"&patient=Patient/{herself}"):
        [offer] = values(await client.read(path + asked), "offer")
        assert told(offer)["code"] == "befriending"
    with pytest.raises(Refused) as refused:
        await client.read(f"{path}&patient=Patient/{somebody}")
    assert refused.value.status == 404


async def test_the_charity_of_the_synthetic_network_is_found_and_gets_referrals_without_an_ods_code(
    network: tuple[Summary, Cast],
) -> None:
    _, cast = network
    answer = await cast.practice.read(
        f"HealthcareService/$support-offers?need=loneliness&patient=Patient/{cast.patient}"
    )
    found = [told(each) for each in values(answer, "offer")]
    charity = next(each for each in found if each["provider"]["display"] == cast.voluntary_reference["display"])
    assert (charity["code"], charity["sector"]) == ("befriending", "voluntary")
    assert "social-prescribing" in {each["code"] for each in found}
    request = await cast.practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": charity["referralKind"]}]}],
        "code": {"coding": [{"system": SUPPORT_OFFER, "code": charity["code"]}]},
        "subject": {"reference": f"Patient/{cast.patient}"}, "requester": cast.practice_reference,
        "performer": [charity["provider"]],
    })  # fmt: skip
    query = f"Task?focus=ServiceRequest/{request['id']}"
    [task] = await eventually(lambda: cast.voluntary.search(query), cast.practice.caught_up)
    assert task["owner"]["reference"] == charity["provider"]["reference"]
    gaps = await cast.network.read("HealthcareService/$support-gaps?on=2020-10-01")
    assert "dietetics" in {told(each)["code"] for each in values(gaps, "gap")}
    assert {"community-nursing", "reablement"} <= set(values(gaps, "covered"))


async def test_a_commissioners_area_holds_its_networks_and_a_members_offer_is_for_its_network(
    support: SupportArea,
) -> None:
    await support.offer("trust", "dietetics", serves=("commissioner",))
    await support.offer("helpers", "befriending", serves=())
    for network in ("north", "south"):
        asked = {"network": support.area.codes[network]}
        assert [each["code"] for each in await support.found(**asked)] == ["dietetics"]
    await support.area.affiliate("north", "helpers")
    found = await support.found(client="north")
    assert [each["code"] for each in found] == ["befriending", "dietetics"]
    assert await support.found("elms") == found, "a care home sees what there is for the network it is aligned to"
    assert await support.found(client="south", need="befriending") == []


async def test_an_entry_that_cannot_be_used_is_refused_with_everything_that_is_wrong(support: SupportArea) -> None:
    wrong = support.service("trust", "no-such-offer", availableTime=[{"daysOfWeek": ["mon"]}])
    with pytest.raises(Refused) as refused:
        await support.area.client("trust").create(wrong)
    assert refused.value.status == 422
    issues = refused.value.outcome["issue"]
    assert [each["expression"] for each in issues] == [
        ["HealthcareService.type"],
        ["HealthcareService.availableTime[0]"],
    ]
    assert "000 §3.16 r8" in refused.value.text
    with pytest.raises(Refused) as refused:
        await support.offer("trust", "dietetics", by="helpers")
    assert refused.value.status == 403, "a provider writes what it offers itself"
    assert await support.found(client="north") == []


@pytest.mark.parametrize(
    ("operation", "asked", "status", "said"),
    [
        ("support-offers", {"need": "happiness"}, 400, "$support-catalogue"),
        ("support-offers", {"at": "Sunday night"}, 400, "at is a FHIR date"),
        ("support-offers", {"sector": "private"}, 400, "statutory, voluntary"),
        ("support-offers", {"element": "comfort"}, 400, "reablement-and-rehabilitation"),
        ("support-offers", {"network": "northern"}, 422, "names no network"),
        ("support-offers", {"practice": "elms"}, 422, "names no practice"),
        ("support-offers", {"patient": "Patient/nobody"}, 404, "no such person"),
        ("support-offers", {"network": "north", "practice": "northern"}, 400, "Give one of"),
        ("support-offers", {"where": "here"}, 400, "There is no parameter"),
        ("support-gaps", {"on": "September"}, 400, "a day such as"),
        ("support-gaps", {"home": "oaks"}, 422, "Gaps are those of one network"),
        ("referral-routes", {"home": "north"}, 422, "names no care-home"),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    support: SupportArea, operation: str, asked: dict[str, str], status: int, said: str
) -> None:
    codes = support.area.codes
    with pytest.raises(Refused) as refused:
        await support.ask(operation, **{name: codes.get(value, value) for name, value in asked.items()})
    assert refused.value.status == status
    assert said in refused.value.text
    if status == 400:
        with pytest.raises(Refused, match="Say whose support"):
            await support.ask("support-offers", "trust")


async def test_many_entries_are_paged(support: SupportArea) -> None:
    await asyncio.gather(*(support.offer("helpers", "befriending", name=f"Group {number}") for number in range(5)))
    answer = await support.ask("support-offers", need="loneliness", _count="2", _offset="4")
    assert values(answer, "total") == [5]
    assert [told(each)["name"] for each in values(answer, "offer")] == ["Group 4"]
