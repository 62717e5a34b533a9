"""Measures of care homes: contacts, plans, rounds, reviews, assessments, experience, deaths and workload."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, CARE_HOME_BEDS
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.home_rounds import RoundHome, new_home
from tandem_tests.measure_figures import measured
from tandem_tests.medication_reviews import AMLODIPINE, decision, new_reviews
from tandem_tests.neighbourhood import admit, agree, plan_of
from tandem_tests.network_area import parameters, part
from tandem_tests.practice_lists import coded
from tandem_tests.questionnaire_responses import coding, item, response
from tandem_tests.running import EmbeddedTandem

JUNE = ("2020-06-01", "2020-06-30")
UP_TO_NOW = ("2020-06-01", "2020-07-31")
YEAR = ("2020-04-01", "2021-03-31")
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


@pytest.fixture
async def home(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> RoundHome:
    """The home `elms`, aligned to the network `north`, whose residents are registered with `northern`."""
    return await new_home(http, embedded)


async def residents(home: RoundHome, number: int) -> list[str]:
    """So many people who have lived in the home since 1 June 2020, on the list of residents."""
    area = home.area
    found = []
    for _ in range(number):
        patient = await area.register("northern")
        await area.move_in("northern", patient, "elms", "2020-06-01")
        found.append(patient)
    await identify(area.client("northern"), "care-home-residents")
    return found


async def identify(client: FhirClient, *cohorts: str) -> None:
    """Have a practice's people put on lists, once everything is known."""
    await client.caught_up()
    for cohort in cohorts:
        await client.call("POST", "Group/$identify", parameters(part("cohort", valueString=cohort)))
    await client.caught_up()


async def contact(home: RoundHome, patient: str, setting: str, day: str, **more: Any) -> None:
    """The practice records a contact that is over: an Encounter of a class."""
    await home.area.client("northern").create({
        "resourceType": "Encounter", "status": "finished", "class": {"system": _ACT_CODE, "code": setting},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": f"{day}T10:00:00+01:00", "end": f"{day}T10:30:00+01:00"}, **more,
    })  # fmt: skip


URGENT = {"priority": coded("EM", "emergency", "http://terminology.hl7.org/CodeSystem/v3-ActPriority")}
CONTACTS = {
    "resident-emergency-admissions": ("IMP", URGENT),
    "resident-urgent-care-attendances": ("EMER", {}),
    "resident-ambulance-journeys": ("FLD", {}),
}


async def contacts_of_four(home: RoundHome, measure: str) -> None:
    """Of four residents one has two contacts in June; somebody who lives elsewhere has one, and there is one in May."""
    people = await residents(home, 4)
    elsewhere = await home.area.register("northern")
    setting, more = CONTACTS[measure]
    for patient, day in ((people[0], "2020-06-10"), (people[0], "2020-06-20"), (elsewhere, "2020-06-12")):
        await contact(home, patient, setting, day, **more)
    await contact(home, people[1], setting, "2020-05-20", **more)


@pytest.mark.parametrize(
    "measure",
    [
        pytest.param("resident-emergency-admissions", marks=pytest.mark.requirement("EHCH-078")),
        pytest.param("resident-urgent-care-attendances", marks=pytest.mark.requirement("EHCH-079")),
    ],
)
@pytest.mark.on_six_processes
async def test_contacts_with_hospital_are_a_rate_per_hundred_residents(home: RoundHome, measure: str) -> None:
    await contacts_of_four(home, measure)
    figure = await measured(home.area.client("north"), measure, JUNE)
    assert (figure.value, figure.numerator, figure.denominator) == (50, 2, 4)


@pytest.mark.requirement("EHCH-007")
async def test_journeys_attendances_and_admissions_are_rates_over_time(home: RoundHome) -> None:
    people = await residents(home, 4)
    for day in ("2020-06-10", "2020-07-01"):
        for setting, more in CONTACTS.values():
            await contact(home, people[0], setting, day, **more)
    for setting, more in CONTACTS.values():
        await contact(home, people[1], setting, "2020-06-11", **more)
    network = home.area.client("north")
    for measure in CONTACTS:
        values = [(await measured(network, measure, each)).value for each in (JUNE, ("2020-07-01", "2020-07-31"))]
        assert values == [50, 25], measure


@pytest.mark.requirement("EHCH-080")
async def test_three_of_four_residents_with_a_plan_are_75_percent_and_a_revoked_one_lowers_it(home: RoundHome) -> None:
    practice, network = home.area.client("northern"), home.area.client("north")
    people = await residents(home, 4)
    plans = [await agree(practice, (await plan_of(practice, each))["id"]) for each in people[:3]]
    figure = await measured(network, "care-home-residents-with-a-plan", UP_TO_NOW)
    assert (figure.value, figure.numerator, figure.denominator) == (75, 3, 4)
    await practice.patch(f"CarePlan/{plans[0]['id']}", [{"op": "replace", "path": "/status", "value": "revoked"}])
    assert (await measured(network, "care-home-residents-with-a-plan", UP_TO_NOW)).value == 50


@pytest.mark.requirement("EHCH-010")
async def test_care_home_measures_after_the_phase_date_are_reported_against_full_delivery(home: RoundHome) -> None:
    def phase(report: Resource) -> dict[str, Any]:
        [found] = [each for each in report["extension"] if each["url"] == f"{BASE}/StructureDefinition/measure-phase"]
        return {each["url"]: next(value for key, value in each.items() if key != "url") for each in found["extension"]}

    network = home.area.client("north")
    after = phase((await measured(network, "care-home-residents-with-a-plan", YEAR)).report)
    assert (after["name"], after["from"]) == ("full-delivery", "2020-09-30")
    assert "2020/21" in after["source"]
    before = phase((await measured(network, "care-home-residents-with-a-plan", ("2020-05-01", "2020-05-31"))).report)
    assert before["name"] == "not-yet-due"


@pytest.mark.requirement("EHCH-081")
async def test_residents_seen_on_rounds_count_once(home: RoundHome) -> None:
    people = await residents(home, 3)
    await home.begin_series("2020-06-15", "gp")
    for day, seen in (("2020-06-16", people[:2]), ("2020-06-23", people[:1])):
        appointment = await home.hold(day, "gp")
        for each in seen:
            await home.take(
                appointment, "record", part("patient", valueReference={"reference": f"Patient/{each}"}),
                part("note", valueString="Seen"),
            )  # fmt: skip
    figure = await measured(home.area.client("north"), "residents-seen-on-rounds", UP_TO_NOW)
    assert (figure.value, figure.populations["appointments"]) == (2, 3)


async def recorded_review(home: RoundHome, patient: str, day: str = "2020-06-15") -> None:
    """A structured medication review that another system recorded."""
    await home.area.client("northern").create({
        "resourceType": "Procedure", "status": "completed", "performedDateTime": day,
        "code": coded("1239511000000100", "Structured medication review"),
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip


@pytest.mark.requirement("EHCH-082")
async def test_reviewed_residents_are_a_number_and_a_proportion(home: RoundHome) -> None:
    people = await residents(home, 4)
    await recorded_review(home, people[0])
    await recorded_review(home, people[0], "2020-06-20")
    await recorded_review(home, await home.area.register("northern"))
    figure = await measured(home.area.client("north"), "residents-with-a-medication-review", UP_TO_NOW)
    assert (figure.numerator, figure.denominator, figure.value) == (1, 4, 25)


@pytest.mark.requirement("EHCH-083")
async def test_residents_assessed_for_delirium_are_a_number_and_a_proportion(home: RoundHome) -> None:
    people = await residents(home, 4)
    for patient in people[:3]:
        await home.area.client("northern").create(delirium(patient))
    figure = await measured(home.area.client("north"), "residents-with-a-delirium-assessment", UP_TO_NOW)
    assert (figure.numerator, figure.denominator, figure.value) == (3, 4, 75)


def delirium(patient: str) -> Resource:
    """A whole assessment for delirium."""
    return response(
        "delirium-assessment", patient, "completed", item("risk", coding("low")), item("signs-now", False),
        item("actions", "Drink more"), authored="2020-06-15",
    )  # fmt: skip


@pytest.mark.requirement("EHCH-008")
async def test_residents_whose_medicines_were_found_wrong_and_put_right_are_a_share(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    reviews = await new_reviews(http, embedded)
    people = [await reviews.lists.register() for _ in range(4)]
    for patient in people:
        await admit(reviews.practice, patient, "2020-06-01")
    for patient in people[:2]:
        await reviews.lists.prescribe(patient, AMLODIPINE)
    await identify(reviews.practice, "care-home-residents")
    for patient, said in ((people[0], "stop"), (people[1], "continue")):
        review = await reviews.start(patient)
        await reviews.all_but_medicines(review)
        await reviews.decide(review, decision(AMLODIPINE, said, "Agreed with the person"))
        await reviews.complete(review)
    figure = await measured(reviews.practice, "resident-regimes-put-right", UP_TO_NOW)
    assert (figure.value, figure.numerator, figure.denominator) == (25, 1, 4)
    assert (figure.populations["reviewed"], figure.populations["right-as-they-were"]) == (2, 1)


@pytest.mark.requirement("EHCH-006")
async def test_experience_is_a_score_by_home_with_its_number_of_answers(home: RoundHome) -> None:
    people, area = await residents(home, 2), home.area

    async def answer(patient: str, place: str, respondent: str, score: int, day: str = "2020-06-20") -> None:
        where = {"linkId": "home", "answer": [{"valueReference": area.reference(place)}]}
        await area.client("northern").create(response(
            "care-home-experience", patient, "completed", where, item("respondent", coding(respondent)),
            item("experience", score), item("safety", 6), authored=day,
        ))  # fmt: skip

    await answer(people[0], "elms", "resident", 9)
    await answer(people[1], "elms", "carer", 6)
    await answer(people[1], "oaks", "family", 3)
    await answer(people[1], "oaks", "family", 10, "2020-05-20")
    june = await measured(area.client("north"), "care-home-experience", JUNE)
    assert (june.value, june.populations["responses"], june.populations["safety"]) == (6, 3, 6)
    by_home = june.strata["place"]
    assert (by_home[area.codes["elms"]], by_home[area.codes["oaks"]]) == (7.5, 3)
    may = await measured(area.client("north"), "care-home-experience", ("2020-05-01", "2020-05-31"))
    assert (may.value, may.populations["responses"]) == (10, 1)


@pytest.mark.requirement("EHCH-009")
async def test_residents_who_died_where_they_wished_to_are_a_share(home: RoundHome) -> None:
    practice = home.area.client("northern")
    people = await residents(home, 3)
    for patient, wish in zip(people, ("care-home", "care-home", None), strict=True):
        if wish is not None:
            plan = await plan_of(practice, patient)
            await practice.create(response(
                "personalised-care-and-support-plan", patient, "in-progress",
                item("preferred-place-of-death", coding(wish)), authored="2020-06-05",
                basedOn=[{"reference": f"CarePlan/{plan['id']}"}],
            ))  # fmt: skip
    died = {people[0]: ("876880009", "Died in care home"), people[1]: ("183676005", "Died in hospital"),
            people[2]: ("876880009", "Died in care home")}  # fmt: skip
    for patient, code in died.items():
        await practice.create({
            "resourceType": "Observation", "status": "final", "code": coded(*code), "effectiveDateTime": "2020-06-25",
            "subject": {"reference": f"Patient/{patient}"},
        })  # fmt: skip
    figure = await measured(home.area.client("north"), "residents-dying-where-they-chose", JUNE)
    assert (figure.value, figure.numerator, figure.denominator) == (50, 1, 2)
    assert figure.populations["no-wish-on-record"] == 1


@pytest.mark.requirement("PCN-051")
async def test_hours_of_clinicians_stand_by_service_against_the_staff_in_post(home: RoundHome) -> None:
    area = home.area
    await area.ask("north", "north", "staff-in-post", part(
        "post", part("role", valueString="clinical-pharmacist"), part("date", valueDate="2020-06-01"),
        part("wte", valueDecimal=2),
    ))  # fmt: skip
    [patient] = await residents(home, 1)
    await home.begin_series("2020-06-15", "gp")
    await home.hold("2020-06-16", "gp", "nurse")
    kind = coded("structured-medication-review", "Review", f"{BASE}/CodeSystem/appointment-kind")
    await area.client("northern").create({
        "resourceType": "Appointment", "status": "fulfilled", "serviceType": [kind],
        "extension": [{
            "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel",
            "valueCode": "In-person",
        }],
        "start": "2020-06-17T09:00:00+01:00", "end": "2020-06-17T09:30:00+01:00",
        "participant": [
            {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"},
            {"actor": {"reference": home.staff["pharmacist"]}, "status": "accepted"},
        ],
    })  # fmt: skip
    figure = await measured(area.client("north"), "clinician-hours", ("2020-06-01", "2020-06-28"))
    assert figure.populations["hours-of-home-rounds"] == pytest.approx(2 * 59 / 60, abs=0.01)
    assert figure.populations["hours-of-medication-reviews"] == 0.5
    assert figure.denominator == 75
    assert figure.value == pytest.approx(100 * ((2 * 59 / 60 + 0.5) / 4) / 75, abs=0.01)


@pytest.mark.requirement("PCN-059")
async def test_fewer_contacts_outside_the_target_groups_are_flagged(home: RoundHome) -> None:
    [resident] = await residents(home, 1)
    others = [await home.area.register("northern") for _ in range(4)]
    consultation = {"type": [coded("11429006", "Consultation")]}
    for patient in others:
        await contact(home, patient, "AMB", "2020-02-10", **consultation)
    await contact(home, others[0], "AMB", "2020-05-10", **consultation)
    await contact(home, resident, "AMB", "2020-06-10", **consultation)
    figure = await measured(home.area.client("north"), "contacts-outside-target-groups", ("2020-04-01", "2020-06-30"))
    assert (figure.value, figure.numerator, figure.denominator) == (250, 1, 4)
    # In March nobody was on a list yet: four contacts with five people.
    assert (figure.before["value"], figure.before["flag"]) == (800, "fall")
    earlier = await measured(home.area.client("north"), "contacts-outside-target-groups", ("2020-01-01", "2020-03-31"))
    assert "flag" not in earlier.before


@pytest.mark.requirement("EHCH-087")
async def test_homes_beds_and_residents_of_networks_stand_beside_each_other(home: RoundHome) -> None:
    area = home.area
    for practice, registered in (("northern", 2000), ("southern", 1000)):
        await area.ask(practice, practice, "list-size", part(
            "list-size", part("date", valueDate="2020-04-01"), part("registered", valueInteger=registered),
        ))  # fmt: skip
    beds = [{"url": CARE_HOME_BEDS, "valuePositiveInt": 40}]
    changed = [{"op": "add", "path": "/extension", "value": beds}]
    await area.client("operator").patch(f"Organization/{area.ids['elms']}", changed)
    await residents(home, 3)
    north = await measured(area.client("north"), "care-home-residents-per-thousand", UP_TO_NOW)
    assert (north.numerator, north.value) == (3, 1.5)
    assert (north.populations["homes"], north.populations["beds"]) == (1, 40)
    south = await measured(area.client("south"), "care-home-residents-per-thousand", UP_TO_NOW)
    assert (south.numerator, south.value, south.populations["homes"]) == (0, 0, 0)
