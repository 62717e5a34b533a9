"""Measures of anticipatory care, from people on its list and what is recorded of them through the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.canonical import REFERRAL_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.measure_figures import Measured, measured
from tandem_tests.medication_reviews import Reviews, new_reviews
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import coded
from tandem_tests.questionnaire_responses import coding, item, pam, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import agreed_plan, move, new_plan

COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
LOINC = "http://loinc.org"
JULY = ("2020-07-01", "2020-07-31")
TODAY = "2020-07-01"
_NEEDS = [
    item("reason", "Many conditions"), item("needs", [item("needs.findings", "Pain at night")]),
    item("goals", [item("goals.stated", "To sleep through")]),
]  # fmt: skip
_RISK = [item("risk", coding("high")), item("risk-factors", "Poor light"), item("actions", "A lamp at the stairs")]
ASSESSED: dict[str, list[dict[str, Any]]] = {
    "targeted-needs-assessment": _NEEDS, "care-coordination-review": [
        item("involved", [item("involved.services", "District nurses")]),
        item("coordination", [item("coordination.findings", "Nobody knows who calls")]),
        item("goals", [item("goals.stated", "One number to ring")]),
    ],
    "falls-assessment": [item("falls-last-year", 2), *_RISK],
    "delirium-assessment": [item("signs-now", False), *_RISK],
}  # fmt: skip


@dataclass(slots=True)
class Listed:
    """A practice with two people on the list of anticipatory care and one who is not."""

    reviews: Reviews
    members: tuple[str, str]
    outsider: str

    @property
    def practice(self) -> FhirClient:
        """The practice as a client."""
        return self.reviews.practice

    @property
    def everybody(self) -> tuple[str, ...]:
        """All three."""
        return (*self.members, self.outsider)

    async def assess(self, patient: str, name: str, **more: Any) -> Resource:
        """A completed assessment."""
        items = ASSESSED[name]
        return await self.practice.create(response(name, patient, "completed", *items, authored=TODAY, **more))

    async def figure(self, measure: str, period: tuple[str, str] = JULY) -> Measured:
        """A figure of the practice."""
        return await measured(self.practice, measure, period)


async def new_listed(http: httpx.AsyncClient, system: EmbeddedTandem) -> Listed:
    """A practice of its own, whose list has been made."""
    reviews = await new_reviews(http, system)
    people = [await reviews.lists.register() for _ in range(3)]
    for patient in people[:2]:
        await reviews.lists.diagnose(patient, COPD, DIABETES)
    assert await reviews.lists.identify("anticipatory-care") == {"anticipatory-care": 2}
    return Listed(reviews, (people[0], people[1]), people[2])


@pytest.fixture
async def listed(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Listed:
    return await new_listed(http, embedded)


@pytest.mark.requirement("AC-071")
@pytest.mark.on_six_processes
async def test_everybody_who_was_on_the_list_in_the_period_counts_once(listed: Listed) -> None:
    figure = await listed.figure("anticipatory-care-people")
    assert (figure.value, figure.populations["at-the-end"]) == (2, 2)
    assert (await listed.figure("anticipatory-care-people", ("2020-06-01", "2020-06-30"))).value == 0
    [code] = figure.practices
    assert figure.practices[code]["numerator"] == 2


@pytest.mark.requirement("AC-072")
async def test_needs_assessments_of_members_count_and_of_others_do_not(listed: Listed) -> None:
    for patient in listed.everybody:
        plan = await new_plan(listed.practice, patient)
        based = {"basedOn": [{"reference": f"CarePlan/{plan['id']}"}]}
        await listed.assess(patient, "targeted-needs-assessment", **based)
        if patient == listed.members[0]:
            await listed.assess(patient, "care-coordination-review", **based)
            await listed.assess(patient, "targeted-needs-assessment", **based)
    figure = await listed.figure("anticipatory-care-needs-assessments")
    assert (figure.value, figure.populations["people"]) == (3, 2)
    assert figure.strata["detail"] == {"targeted-needs-assessment": 3}


@pytest.mark.requirement("AC-073")
async def test_members_with_an_agreed_plan_count_once_each(listed: Listed) -> None:
    lead = listed.reviews.pharmacist
    for patient in (listed.members[0], listed.outsider):
        plan = await agreed_plan(listed.practice, patient, lead)
        await move(listed.practice, plan["id"], "on-hold")
        await move(listed.practice, plan["id"], "active")
    await new_plan(listed.practice, listed.members[1])
    figure = await listed.figure("anticipatory-care-plans")
    assert (figure.value, figure.populations["on-the-list"]) == (1, 2), "a draft is no plan yet"


@pytest.mark.requirement("AC-074", "AC-075")
@pytest.mark.parametrize("kind", [pytest.param("falls", id="AC-074"), pytest.param("delirium", id="AC-075")])
async def test_members_whose_risk_was_assessed_count_once_each(listed: Listed, kind: str) -> None:
    for patient in (listed.members[0], listed.members[0], listed.outsider):
        await listed.assess(patient, f"{kind}-assessment")
    begun = response(f"{kind}-assessment", listed.members[1], "in-progress", authored=TODAY)
    await listed.practice.create(begun)
    assert (await listed.figure(f"anticipatory-care-{kind}-assessments")).value == 1


@pytest.mark.requirement("AC-076", "AC-077")
@pytest.mark.parametrize("requirement", ["AC-076", "AC-077"])
async def test_reviews_and_follow_ups_of_members(listed: Listed, requirement: str) -> None:
    reviews = listed.reviews
    for patient, times in ((listed.members[0], 3), (listed.members[1], 1), (listed.outsider, 2)):
        for _ in range(times):
            review = await reviews.start(patient)
            await reviews.all_but_medicines(review)
            await reviews.complete(review)
    if requirement == "AC-076":
        figure = await listed.figure("anticipatory-care-medication-reviews")
        assert (figure.value, figure.populations["people"]) == (2, 2)
    else:
        assert (await listed.figure("anticipatory-care-medication-review-follow-ups")).value == 2


@pytest.mark.requirement("AC-078")
async def test_members_referred_to_social_prescribing_and_those_who_decline_it_stand_apart(listed: Listed) -> None:
    referred, declining = listed.members

    def request(patient: str, intent: str) -> Resource:
        return {
            "resourceType": "ServiceRequest", "status": "active", "intent": intent, "authoredOn": f"{TODAY}T07:00:00Z",
            "category": [coded("social-prescribing", "Social prescribing", REFERRAL_KIND)],
            "subject": {"reference": f"Patient/{patient}"},
            "performer": [listed.reviews.here.reference("voluntary")],
            "requester": listed.reviews.here.reference("practice"),
        }  # fmt: skip

    for patient in (referred, listed.outsider):
        await listed.practice.create(request(patient, "order"))
    for patient in (referred, declining):
        offer = await listed.practice.create(request(patient, "proposal"))
        await listed.practice.call("POST", f"ServiceRequest/{offer['id']}/$answer-offer", {
            "resourceType": "Parameters", "parameter": [
                {"name": "answer", "valueCode": "declined"}, {"name": "on", "valueDate": TODAY},
            ],
        })  # fmt: skip
    figure = await listed.figure("anticipatory-care-social-prescribing")
    assert (figure.value, figure.populations["referred"], figure.populations["declined"]) == (2, 1, 2)


Tandem = Callable[..., Any]


async def at(tandem: Tandem, system: EmbeddedTandem, moment: str) -> None:
    """The clock of the domain goes on."""
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
    assert moved.returncode == 0, moved.stderr


@pytest.mark.requirement("AC-004")
async def test_activation_and_function_of_members_over_time(
    new_system: Callable[..., EmbeddedTandem], tandem: Tandem, http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    listed = await new_listed(http, system)
    for day, scores in (("2020-08-03", (40, 50, 90)), ("2020-11-02", (60, 58, 10))):
        await at(tandem, system, f"{day}T12:00")
        for patient, score in zip(listed.everybody, scores, strict=True):
            await listed.practice.create(pam(patient, f"{score}.0", 2, day))
            await listed.practice.create({
                "resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{patient}"},
                "code": coded("96761-2", "Total score Barthel Index", LOINC), "effectiveDateTime": day,
                "valueQuantity": {"value": Decimal(score + 5)},
            })  # fmt: skip
    await at(tandem, system, "2020-12-31T12:00")
    figure = await listed.figure("anticipatory-care-activation", ("2020-10-01", "2020-12-31"))
    assert figure.value == 59
    assert float(figure.before["change"]) == 14, "45 in the days before"
    found = figure.populations
    assert (found["first-score"], found["later-score"]) == (45, 59)
    assert (found["function-before"], found["function"]) == (50, 64)


@pytest.mark.requirement("AC-005")
async def test_reactive_care_before_and_after_people_came_onto_the_list(
    new_system: Callable[..., EmbeddedTandem], tandem: Tandem, http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    listed = await new_listed(http, system)
    await at(tandem, system, "2020-12-01T09:00")
    first, second = listed.members
    for patient, days in ((first, ("2020-03-10", "2020-06-20", "2020-09-01")), (second, ("2020-05-05",)),
                          (listed.outsider, ("2020-06-20", "2020-09-01"))):  # fmt: skip
        for day in days:
            await listed.reviews.lists.admit_to_hospital(patient, day)
    figure = await listed.figure("anticipatory-care-reactive-care", ("2020-07-01", "2020-12-31"))
    assert (figure.populations["before"], figure.populations["after"], figure.denominator) == (3, 1, 2)
    assert figure.value == Decimal("0.5")


@pytest.mark.requirement("AC-080")
@pytest.mark.parametrize("kind", ["falls", "delirium"])
async def test_a_network_sets_to_which_groups_of_its_cohort_an_assessment_applies(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, kind: str
) -> None:
    listed = await new_listed(http, embedded)
    frail = await listed.reviews.lists.register()
    await listed.reviews.lists.observe(frail, ("925861000000102", "Severe frailty"))
    await listed.reviews.lists.identify("anticipatory-care", "frailty-severe")
    await listed.assess(listed.members[0], f"{kind}-assessment")
    measure = f"anticipatory-care-{kind}-assessed-share"
    figure = await listed.figure(measure)
    assert (figure.numerator, figure.denominator, figure.report["measure"].rpartition("|")[2]) == (1, 3, "1")

    network = listed.reviews.here.client(http, "network")
    setting = parameters(
        part("list", valueString="frailty-severe"), part("from", valueDate=TODAY),
        part("reason", valueString="Agreed with the commissioner for our frail people"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await listed.practice.call("POST", f"Measure/{measure}/$groups", setting)
    assert refused.value.status == 403
    await network.call("POST", f"Measure/{measure}/$groups", setting)
    figure = await listed.figure(measure)
    code = listed.reviews.here.codes["network"]
    assert (figure.numerator, figure.denominator) == (0, 1), "who was assessed is not among the frail"
    assert figure.report["measure"].rpartition("|")[2] == f"1+{code}.1"
    june = await measured(listed.practice, measure, ("2020-06-01", "2020-06-30"))
    assert june.report["measure"].rpartition("|")[2] == "1", "not before its day"


@pytest.mark.parametrize(
    ("measure", "asked", "parameter"),
    [
        ("anticipatory-care-people", {"list": "frailty-severe", "from": TODAY}, "id"),
        ("anticipatory-care-falls-assessed-share", {"list": "Frail!", "from": TODAY}, "list"),
        ("anticipatory-care-falls-assessed-share", {"list": "frailty-severe", "from": "2020-06-30"}, "from"),
    ],
)
async def test_a_setting_that_breaks_a_rule_is_refused_and_nothing_is_kept(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, measure: str, asked: dict[str, str], parameter: str
) -> None:
    here = await settle_in(http, embedded)
    network = here.client(http, "network")
    given = parameters(
        part("list", valueString=asked["list"]), part("from", valueDate=asked["from"]),
        part("reason", valueString="Ours"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await network.call("POST", f"Measure/{measure}/$groups", given)
    assert refused.value.status == 422
    [issue] = refused.value.outcome["issue"]
    assert issue["expression"] == [parameter]
    assert "AC-080" in issue["details"]["text"]
    assert values(await network.call("GET", f"Measure/{measure}/$groups"), "setting") == []


@pytest.mark.requirement("AC-081")
async def test_set_up_is_measured_in_year_one_and_delivery_once_its_day_has_come(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2022-03-31T09:00+01:00")
    here = await settle_in(http, system)
    network = here.client(http, "network")

    async def stages(first: str, last: str) -> list[str]:
        query = f"periodStart={first}&periodEnd={last}&service=AC"
        bundle = await network.call("GET", f"Measure/$service-report?{query}")
        found = []
        for entry in bundle["entry"]:
            name = entry["resource"]["measure"].rpartition("/")[2].partition("|")[0]
            held = await network.read(f"Measure/{name}")
            [details] = [each for each in held["extension"] if each["url"].endswith("/measure-details")]
            found += [each["valueString"] for each in details["extension"] if each["url"] == "stage"]
        return found

    first_year = await stages("2020-04-01", "2021-03-31")
    assert set(first_year) == {"setup", "outcome"}
    assert first_year[0] == "setup"
    later = await stages("2021-04-01", "2022-03-31")
    assert later == sorted(later, key=["setup", "delivery", "quality", "outcome"].index)
    assert later.count("delivery") >= 6
