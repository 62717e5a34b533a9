"""Measures of personalised care, against figures worked by hand from what was entered through the API."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.canonical import REFERRAL_KIND, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.measure_figures import Measured, measured
from tandem_tests.network_area import Area, new_area
from tandem_tests.practice_lists import PracticeLists, coded, practice_lists
from tandem_tests.professionals import professional
from tandem_tests.questionnaire_responses import coding, item, pam, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import AGREED, agreed_plan, move, new_plan, own_goal, quality, say, things

JULY = ("2020-07-01", "2020-07-31")
TODAY = "2020-07-01"
PLANS, REFERRALS = "personalised-care-plans-per-thousand", "social-prescribing-referrals-per-thousand"
QUALITY = "personalised-care-plan-quality"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
KNEE = {"system": SNOMED_CT, "code": "30989003", "display": "Knee pain"}
ANGINA = {"system": SNOMED_CT, "code": "194828000", "display": "Angina"}


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A network of one practice."""
    return await new_area(http, embedded)


@pytest.fixture
async def lists(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> PracticeLists:
    """A practice that makes its lists."""
    return await practice_lists(http, embedded)


async def weighted(area: Area, size: int) -> None:
    """The weighted list of north's practice, as its commissioner records it."""
    await area.tell_list("northern", size + 50, size)


def referral(patient: str, performer: dict[str, Any], **more: Any) -> Resource:
    """A referral to social prescribing at an organisation."""
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": f"{TODAY}T08:00:00Z",
        "category": [coded("social-prescribing", "Social prescribing", REFERRAL_KIND)],
        "subject": {"reference": f"Patient/{patient}"}, "performer": [performer], **more,
    }  # fmt: skip


async def targets(client: FhirClient, measure: str) -> list[dict[str, Any]]:
    """The targets that a Measure gives, in their order."""
    held = await client.read(f"Measure/{measure}")
    return [
        {each["url"]: float(each[key]) if key == "valueDecimal" else each[key]
         for each in found["extension"] for key in each if key != "url"}
        for found in held["extension"] if found["url"].endswith("/measure-target")
    ]  # fmt: skip


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system on the last day of 2023/24, which can be asked for every year of the specification."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("later"), "--clock", "2024-03-31T09:00+01:00")
    system.start()
    yield system
    system.stop()


YEARS = [
    pytest.param(PLANS, 2020, 5, 10, id="PC-006"), pytest.param(PLANS, 2021, 10, 15, id="PC-019"),
    pytest.param(PLANS, 2022, 15, 20, id="PC-025"), pytest.param(PLANS, 2023, 20, 25, id="PC-031"),
    pytest.param(REFERRALS, 2020, 4, 8, id="PC-016"), pytest.param(REFERRALS, 2021, 8, 12, id="PC-023"),
    pytest.param(REFERRALS, 2022, 12, 16, id="PC-029"), pytest.param(REFERRALS, 2023, 16, 22, id="PC-035"),
]  # fmt: skip


@pytest.mark.requirement("PC-006", "PC-019", "PC-025", "PC-031", "PC-016", "PC-023", "PC-029", "PC-035")
@pytest.mark.parametrize(("measure", "year", "least", "most"), YEARS)
async def test_the_target_of_a_year_is_for_the_reports_of_that_year(
    later: EmbeddedTandem, http: httpx.AsyncClient, measure: str, year: int, least: int, most: int
) -> None:
    """Of 1,000 weighted patients, with one fewer than the least, and then as many as fall within."""
    area = await new_area(http, later)
    await weighted(area, 1_000)
    practice, day = area.client("northern"), f"{year}-06-15"

    async def add(count: int) -> None:
        for _ in range(count):
            patient = await area.register("northern")
            if measure == REFERRALS:
                await practice.create(referral(patient, area.reference("north"), authoredOn=day))
            elif year == 2023:
                await agreed_plan(practice, patient)

    period = (f"{year}-04-01", f"{year + 1}-03-31")
    counts = measure == REFERRALS or year == 2023
    await add(least - 1)
    figure = await measured(practice, measure, period)
    assert figure.value == (least - 1 if counts else 0)
    assert (figure.against["year"], figure.against["position"]) == (f"{year}/{(year + 1) % 100}", "below")
    assert (float(figure.against["minimum"]), float(figure.against["maximum"])) == (least, most)
    assert figure.against["source"].startswith(f"5.6 {year}/{(year + 1) % 100}")
    await add(3)
    figure = await measured(practice, measure, period)
    assert figure.against["position"] == ("within" if counts else "below")
    if year > 2020:
        before = await measured(practice, measure, (f"{year - 1}-04-01", f"{year}-03-31"))
        assert float(before.against["minimum"]) != least, "another year has its own"


@pytest.mark.requirement("PC-006")
async def test_a_network_at_four_plans_is_below_and_at_seven_within(area: Area) -> None:
    await weighted(area, 1_000)
    practice = area.client("northern")
    found = []
    for more in (4, 3):
        for _ in range(more):
            await agreed_plan(practice, await area.register("northern"))
        figure = await measured(practice, PLANS, JULY)
        found.append((figure.value, figure.against["position"], figure.against["gap"]))
    assert found == [(4, "below", 1), (7, "within", 0)]
    await new_plan(practice, await area.register("northern"))
    assert (await measured(practice, PLANS, JULY)).value == 7, "a draft is no plan in place"


@pytest.mark.requirement("PC-038", "PC-045")
@pytest.mark.parametrize(
    ("measure", "least", "most", "source"),
    [pytest.param(PLANS, 5, 10, "5.7 b2", id="PC-038"), pytest.param(REFERRALS, 4, 8, "5.7 b6", id="PC-045")],
)
async def test_the_floor_of_the_first_year_stands_beside_its_range(
    area: Area, measure: str, least: int, most: int, source: str
) -> None:
    ranged, floor = [each for each in await targets(area.client("north"), measure) if each["year"] == "2020/21"]
    assert (ranged["minimum"], ranged["maximum"]) == (least, most)
    assert ranged["source"].startswith("5.6 2020/21")
    assert floor["minimum"] == least
    assert "maximum" not in floor
    assert floor["source"].startswith(source)


@pytest.mark.requirement("PC-048")
@pytest.mark.on_six_processes
async def test_plans_delivered_and_the_share_of_each_required_cohort(lists: PracticeLists) -> None:
    practice = lists.client
    listed = [await lists.register() for _ in range(3)]
    for patient in listed:
        await lists.diagnose(patient, COPD, DIABETES)
    assert await lists.identify("anticipatory-care") == {"anticipatory-care": 3}
    lead = await professional(practice, lists.here.reference("practice"), "gp")
    for patient in (listed[0], await lists.register()):
        await agreed_plan(practice, patient, lead)
    figure = await measured(practice, "personalised-care-plans", JULY)
    assert (figure.numerator, figure.denominator) == (1, 3), "who is in no required cohort is not asked for"
    assert figure.value == pytest.approx(33.3333, abs=0.001)
    assert figure.populations["delivered"] == 2
    assert figure.values["category"]["anticipatory-care"] == pytest.approx(33.3333, abs=0.001)


@pytest.mark.requirement("PC-049")
async def test_the_share_of_plans_that_meets_each_criterion(area: Area) -> None:
    practice = area.client("northern")
    full, bare = await area.register("northern"), await area.register("northern")
    plan = await new_plan(practice, full)
    await own_goal(practice, full)
    await say(practice, plan["id"], full, *AGREED)
    await move(practice, plan["id"], "active")
    other = await agreed_plan(practice, bare)
    wrong = await agreed_plan(practice, await area.register("northern"))
    figure = await measured(practice, QUALITY, JULY)
    assert figure.populations["plans"] == 3
    assert figure.values["category"]["goal"] == 100
    assert figure.values["category"]["health-needs"] == pytest.approx(100 / 3, abs=0.001)
    assert figure.values["category"]["contingency"] == 0
    await practice.call("DELETE", f"CarePlan/{wrong['id']}")
    figure = await measured(practice, QUALITY, JULY)
    assert figure.values["category"]["health-needs"] == 50, "one of two plans, as `$quality` says of each"
    shown = [await quality(practice, each["id"]) for each in (plan, other)]
    asked = [thing for each in shown for thing in things(each).values()]
    assert figure.denominator == len(asked)
    assert figure.numerator == sum(bool(thing["present"]) for thing in asked)


def decision(patient: str, situation: dict[str, Any], *items: dict[str, Any]) -> Resource:
    """A completed shared decision of today."""
    return response(
        "shared-decision", patient, "completed", item("situation", situation), item("preferences", "To walk again"),
        item("decision", "Exercise"), *items, authored=f"{TODAY}T08:00:00+01:00",
    )  # fmt: skip


OPTIONS, TOOL = item("options", "Exercise", "Nothing"), (item("tool-name", "Ottawa"), item("tool-version", "2"))
NO_TOOL = item("no-tool-reason", "There is none")


@pytest.mark.requirement("PC-050")
async def test_decisions_completed_and_the_share_of_the_required_cohort(lists: PracticeLists) -> None:
    practice, patients = lists.client, [await lists.register() for _ in range(4)]
    for patient in patients[:3]:
        await lists.diagnose(patient, (KNEE["code"], KNEE["display"]), onset="2020-05-01")
    assert await lists.identify("sdm-musculoskeletal-pain") == {"sdm-musculoskeletal-pain": 3}
    organisation = lists.here.reference("practice")
    trained = await professional(practice, organisation, "physiotherapist", qualified="shared-decision-making-training")
    gp = await professional(practice, organisation, "gp")
    for patient, situation, lead, used in ((patients[0], KNEE, trained, TOOL), (patients[1], KNEE, gp, TOOL),
                                           (patients[3], ANGINA, gp, (NO_TOOL,))):  # fmt: skip
        led = {"linkId": "led-by", "answer": [{"valueReference": {"reference": lead}}]}
        await practice.create(decision(patient, situation, OPTIONS, *used, led))
    figure = await measured(practice, "shared-decisions", JULY)
    assert (figure.numerator, figure.denominator) == (1, 3)
    assert figure.value == pytest.approx(33.3333, abs=0.001)
    assert (figure.populations["completed"], figure.populations["required"]) == (3, 1)


@pytest.mark.requirement("PC-051")
async def test_the_share_of_decisions_that_meets_each_criterion(area: Area) -> None:
    practice, patient = area.client("northern"), await area.register("northern")
    view, rating = item("person-view", "I would rather walk"), item("person-rating", 8)
    for items in ((OPTIONS, *TOOL, view, rating), (OPTIONS, *TOOL), (item("options", "Exercise"), NO_TOOL)):
        await practice.create(decision(patient, ANGINA, *items))
    figure = await measured(practice, "shared-decision-quality", JULY)
    assert {name: round(value) for name, value in figure.values["category"].items()} == {
        "tool": 67, "options": 67, "preference": 33, "rating": 33,
    }  # fmt: skip
    assert (figure.populations["completed"], figure.populations["rating"]) == (3, 8)


@pytest.mark.requirement("PC-052")
async def test_every_valid_referral_counts_once_at_its_network_and_in_its_period(area: Area) -> None:
    practice, other = area.client("northern"), area.client("southern")
    patient, worker = await area.register("northern"), area.reference("north")
    made = [await practice.create(referral(patient, worker)) for _ in range(3)]
    await practice.patch(f"ServiceRequest/{made[0]['id']}", [
        {"op": "replace", "path": "/status", "value": "entered-in-error"},
    ])  # fmt: skip
    await practice.create(referral(patient, worker, intent="proposal"))
    await practice.create(referral(patient, worker, authoredOn="2020-06-20"))
    await other.create(referral(await area.register("southern"), area.reference("south")))

    async def count(name: str, period: tuple[str, str] = JULY) -> float | None:
        return (await measured(area.client(name), "social-prescribing-referrals", period)).value

    assert await count("northern") == 2
    assert await count("southern") == 1
    assert await count("northern", ("2020-06-01", "2020-06-30")) == 1
    assert (await measured(practice, "social-prescribing-referrals", JULY)).populations["people"] == 1


@pytest.mark.requirement("PC-053")
async def test_activation_assessments_and_the_share_of_each_required_cohort(lists: PracticeLists) -> None:
    practice, patients = lists.client, [await lists.register() for _ in range(4)]
    for patient in patients[:2]:
        await lists.diagnose(patient, DIABETES, onset="2020-05-01")
    linked = coded("871731000000106", "Referral to social prescribing service")
    await practice.create(referral(patients[2], lists.here.reference("voluntary"), code=linked))
    cohorts = ("pam-newly-diagnosed-type-2-diabetes", "pam-social-prescribing-referrals")
    assert await lists.identify(*cohorts) == {cohorts[0]: 2, cohorts[1]: 1}
    for patient in (patients[0], patients[3]):
        await practice.create(pam(patient, "56.4", 3, TODAY))
    figure = await measured(practice, "activation-assessments", JULY)
    assert (figure.numerator, figure.denominator, figure.populations["undertaken"]) == (1, 3, 2)
    assert figure.values["category"] == {cohorts[0]: 50, cohorts[1]: 0}


def budget(patient: str, outcome: str, *items: dict[str, Any]) -> Resource:
    """A personal wheelchair budget that was talked about today."""
    held = (item("kind", coding("wheelchair")), item("legal-right", True), item("outcome", coding(outcome)), *items)
    return response("personal-health-budget", patient, "completed", *held, authored=TODAY)


def on(link: str, day: str) -> dict[str, Any]:
    """An answer that is a date."""
    return {"linkId": link, "answer": [{"valueDate": day}]}


@pytest.mark.requirement("PC-054")
async def test_budgets_in_place_count_and_offers_that_were_declined_do_not(area: Area) -> None:
    practice, patient = area.client("northern"), await area.register("northern")
    for outcome, items in (
        ("accepted", [on("start", "2020-06-15"), item("amount", Decimal("1200.00"))]),
        ("accepted", [on("start", "2019-04-01"), on("end", "2020-05-31")]),
        ("declined", []), ("considering", []),
    ):  # fmt: skip
        await practice.create(budget(patient, outcome, *items))
    figure = await measured(practice, "personal-health-budgets", JULY)
    assert (figure.value, figure.populations["declined"], figure.populations["considering"]) == (1, 1, 1)
    assert (await measured(practice, "personal-health-budgets", ("2020-05-01", "2020-05-31"))).value == 1
    assert (await measured(practice, "personal-health-budgets", ("2020-06-01", "2020-06-14"))).value == 0


@pytest.mark.requirement("PC-064")
async def test_each_measure_of_quality_states_its_criteria_and_its_data_and_has_a_result_for_each_network(
    area: Area,
) -> None:
    for name in ("northern", "southern"):
        client, patient = area.client(name), await area.register(name)
        await agreed_plan(client, patient)
        await client.create(decision(patient, ANGINA, OPTIONS, NO_TOOL))
    stated = ((QUALITY, ("what matters", "contingency")), ("shared-decision-quality", ("tool", "view")))
    for measure, criteria in stated:
        held = await area.client("north").read(f"Measure/{measure}")
        assert all(each in held["description"] for each in criteria)
        [details] = [each for each in held["extension"] if each["url"].endswith("/measure-details")]
        said = {each["url"]: each.get("valueString") for each in details["extension"]}
        assert (said["stage"], bool(said["data"])) == ("quality", True)
        for name in ("north", "south"):
            figure: Measured = await measured(area.client(name), measure, JULY, organisation=area.codes[name])
            assert figure.report["reporter"]["identifier"]["value"] == area.codes[name]
            assert figure.report["measure"].endswith(f"/{measure}|1")
