"""Measures of structured medication review and of prescribing, from reviews and orders that come in through the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import BASE, DMD
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.measure_figures import measured
from tandem_tests.medication_reviews import (
    AMLODIPINE,
    EASYHALER,
    IBUPROFEN,
    RAMIPRIL,
    SALBUTAMOL,
    Reviews,
    decision,
    new_reviews,
)
from tandem_tests.network_area import parameters, part
from tandem_tests.practice_lists import coded
from tandem_tests.prescribing import Prescribing, new_prescribing
from tandem_tests.questionnaire_responses import item, response
from tandem_tests.running import EmbeddedTandem

JUNE = ("2020-06-01", "2020-06-30")
JULY = ("2020-07-01", "2020-07-31")
UP_TO_NOW = ("2020-04-01", "2020-07-31")
CODEINE = "0407020C0AAAAAA"
AMOXICILLIN = "0501013B0AAABAB"
DOSULEPIN = "0403010J0AAAAAA"
REASON = "Agreed with the person"


@pytest.fixture
async def reviews(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Reviews:
    """A practice whose network has a pharmacist that may review."""
    return await new_reviews(http, embedded)


@pytest.fixture
async def prescribing(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Prescribing:
    """Two practices that prescribe."""
    return await new_prescribing(http, embedded)


async def reviewed(reviews: Reviews, patient: str, *decisions: dict[str, Any]) -> Resource:
    """A whole review, completed, with a follow-up: the Composition as it was begun."""
    review = await reviews.start(patient)
    await reviews.all_but_medicines(review)
    if decisions:
        await reviews.decide(review, *decisions)
    await reviews.complete(review)
    return review


async def identify(client: FhirClient, cohort: str) -> None:
    """Have a practice's people put on a list, once everything is known."""
    await client.caught_up()
    await client.call("POST", "Group/$identify", parameters(part("cohort", valueString=cohort)))


def extension(report: Resource, name: str) -> dict[str, Any]:
    """The parts of an extension of a report by name."""
    url = f"{BASE}/StructureDefinition/{name}"
    [found] = [each for each in report["extension"] if each["url"] == url]
    return {each["url"]: next(value for key, value in each.items() if key != "url") for each in found["extension"]}


@pytest.mark.requirement("SMR-047")
@pytest.mark.on_six_processes
async def test_two_appointments_of_one_person_are_one_individual(reviews: Reviews) -> None:
    patient = await reviews.lists.register()
    await reviewed(reviews, patient)
    await reviewed(reviews, patient)
    figure = await measured(reviews.practice, "smr-people-reviewed", JULY)
    assert (figure.value, figure.populations["appointments"]) == (1, 2)


@pytest.mark.requirement("SMR-048")
async def test_an_initial_review_and_two_follow_ups_are_two_follow_up_appointments(reviews: Reviews) -> None:
    patient = await reviews.lists.register()
    for _ in range(3):
        await reviewed(reviews, patient)
    figure = await measured(reviews.practice, "smr-follow-ups", JULY)
    assert (figure.value, figure.populations["initial"]) == (2, 1)


@pytest.mark.requirement("SMR-049")
async def test_outcomes_of_reviews_add_up_and_missing_ones_are_told(reviews: Reviews) -> None:
    patient, other = await reviews.lists.register(), await reviews.lists.register()
    await reviews.lists.prescribe(patient, AMLODIPINE, SALBUTAMOL, IBUPROFEN)
    review = await reviewed(
        reviews, patient,
        decision(AMLODIPINE, "stop", REASON), decision(SALBUTAMOL, "switch-inhaler", REASON, new=EASYHALER),
        decision(RAMIPRIL, "start", REASON), decision(IBUPROFEN, "change", REASON, dosage="Half"),
    )  # fmt: skip
    await reviewed(reviews, other)
    await reviews.practice.create(response(
        "medication-review-outcome", patient, "completed", item("better-off", 8), authored="2020-07-01",
        basedOn=[{"reference": await reviews.process(review)}],
    ))  # fmt: skip
    figure = await measured(reviews.practice, "smr-outcomes", JULY)
    assert figure.strata["category"] == {
        "stopped": 1, "inhaler-switched": 1, "started": 1, "changed": 1, "patient-reported": 1,
    }  # fmt: skip
    assert figure.value == sum(figure.strata["category"].values()) == 5
    assert figure.populations["reviews"] == 2
    assert (figure.populations["without-outcome"], figure.populations["not-reported"]) == (1, 1)


@pytest.mark.requirement("SMR-003")
async def test_reviewed_people_are_shown_before_and_after(reviews: Reviews) -> None:
    practice, lists = reviews.practice, reviews.lists
    patient = await lists.register()
    [amlodipine] = await lists.prescribe(patient, AMLODIPINE)
    await lists.prescribe(patient, RAMIPRIL)
    for day in ("2020-04-10", "2020-05-10", "2020-06-10"):
        await practice.create({
            "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": day,
            "medicationCodeableConcept": coded(CODEINE, "Codeine", "https://www.nhsbsa.nhs.uk/bnf"),
            "subject": {"reference": f"Patient/{patient}"},
        })  # fmt: skip
    await practice.create({
        "resourceType": "AllergyIntolerance", "patient": {"reference": f"Patient/{patient}"}, "type": "intolerance",
        "category": ["medication"], "code": coded("293586001", "Allergy to aspirin"), "recordedDate": "2020-06-01",
        "clinicalStatus": coded("active", "Active", "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"),
    })  # fmt: skip
    await lists.admit_to_hospital(patient, "2020-06-05")
    await lists.admit_to_hospital(patient, "2020-05-05")
    await reviewed(reviews, patient, decision(AMLODIPINE, "stop", REASON), decision(RAMIPRIL, "continue"))
    await practice.patch(amlodipine, [{"op": "replace", "path": "/status", "value": "stopped"}])
    figure = await measured(practice, "smr-before-and-after", ("2020-06-01", "2020-07-31"))
    # Afterwards it is ramipril, and the codeine of 10 June, which lasts four weeks.
    assert (figure.value, figure.populations["medicines-before"]) == (2, 3)
    found = {name: figure.populations[name] for name in (
        "adverse-reactions-before", "adverse-reactions-after", "admissions-before", "admissions-after",
        "dependency-forming-before", "dependency-forming-after",
    )}  # fmt: skip
    assert found == {
        "adverse-reactions-before": 1, "adverse-reactions-after": 0, "admissions-before": 2, "admissions-after": 0,
        "dependency-forming-before": 3, "dependency-forming-after": 0,
    }  # fmt: skip


@pytest.mark.requirement("SMR-007")
async def test_a_report_of_before_the_service_began_says_that_it_is_not_yet_due(reviews: Reviews) -> None:
    measure = await reviews.practice.read("Measure/smr-people-reviewed")
    assert (measure["effectivePeriod"]["start"], measure["version"]) == ("2020-04-01", "1")
    before = (await measured(reviews.practice, "smr-people-reviewed", ("2020-03-01", "2020-03-31"))).report
    phase = extension(before, "measure-phase")
    assert (phase["name"], phase["from"]) == ("not-yet-due", "2020-04-01")
    due = (await measured(reviews.practice, "smr-people-reviewed", ("2020-04-01", "2020-04-30"))).report
    assert not [each for each in due["extension"] if each["url"].endswith("/measure-phase")]


@pytest.mark.requirement("SMR-034")
async def test_one_resident_who_was_not_offered_a_review_is_the_shortfall(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = (await new_prescribing(http, embedded)).area
    await area.align("north", "elms")
    people = [await area.register("northern") for _ in range(4)]
    for each in people:
        await area.move_in("northern", each, "elms", "2020-06-01")
    for each in people[:3]:
        await area.client("northern").create({
            "resourceType": "Communication", "status": "completed", "sent": "2020-06-20",
            "category": [coded("invitation", "Invitation", f"{BASE}/CodeSystem/communication-category")],
            "topic": coded("1239511000000100", "Structured medication review"),
            "subject": {"reference": f"Patient/{each}"}, "payload": [{"contentString": "Dear Ada, please come"}],
            "extension": [
                {"url": f"{BASE}/StructureDefinition/letter-covers", "valueCode": covers}
                for covers in ("intention", "process")
            ],
        })  # fmt: skip
    await identify(area.client("northern"), "smr-care-home-residents")
    figure = await measured(area.client("north"), "smr-offered", UP_TO_NOW)
    assert (figure.value, figure.numerator, figure.denominator) == (75, 3, 4)
    assert (figure.against["minimum"], figure.against["gap"], figure.against["further"]) == (100, 25, 1)
    assert figure.against["position"] == "below"


@pytest.mark.requirement("SMR-050")
@pytest.mark.on_six_processes
async def test_items_of_low_value_are_a_rate_by_practice_and_network_with_the_version_of_the_list(
    prescribing: Prescribing,
) -> None:
    north, south = await prescribing.area.register("northern"), await prescribing.area.register("southern")
    await prescribing.order(north, DOSULEPIN, cost=12.5)
    await prescribing.order(north, DOSULEPIN, "2020-06-20", cost=7.5)
    await prescribing.order(north, AMOXICILLIN, cost=3)
    await prescribing.order(south, DOSULEPIN, practice="southern")
    own = await measured(prescribing.practice, "low-value-medicines", JUNE)
    network = await measured(prescribing.area.client("north"), "low-value-medicines", JUNE)
    assert own.value == network.value == 1.0
    assert network.practices[prescribing.area.codes["northern"]]["value"] == 1.0
    assert network.populations["spend"] == 20
    [listed] = [each for each in network.report["extension"] if each["url"].endswith("/measure-value-set")]
    assert listed["valueString"] == "low-value-medicine|1"


@pytest.mark.requirement("SMR-051")
async def test_low_carbon_inhalers_are_a_share_of_all_inhalers(prescribing: Prescribing) -> None:
    patient = await prescribing.area.register("northern")
    await prescribing.order(patient, "0301011R0AAAPAP", dmd=SALBUTAMOL[0], route="inhalation")
    for day in ("2020-06-11", "2020-06-12"):
        await prescribing.order(patient, "0302000K0AAACAC", day, dmd="726611000001102", route="inhalation")
    await prescribing.order(patient, "0301011R0BPAACD", dmd=EASYHALER[0], route="inhalation")
    await prescribing.order(patient, "0301011R0AAABAB", route="oral")
    figure = await measured(prescribing.practice, "low-carbon-inhalers", JUNE)
    assert (figure.value, figure.numerator, figure.denominator) == (25, 1, 4)
    assert figure.populations["high-carbon"] == 3


@pytest.mark.requirement("SMR-005")
async def test_relievers_and_people_who_changed_to_low_carbon_inhalers_by_period(prescribing: Prescribing) -> None:
    changed, unchanged = await prescribing.area.register("northern"), await prescribing.area.register("northern")
    for patient in (changed, unchanged):
        await prescribing.order(patient, "0301011R0AAAPAP", "2020-04-10", dmd=SALBUTAMOL[0], quantity=2)
    await prescribing.order(unchanged, "0301011R0AAAPAP", "2020-06-10", dmd=SALBUTAMOL[0], quantity=1)
    await prescribing.order(changed, "0301011R0BPAACD", "2020-06-10", dmd=EASYHALER[0], quantity=1)
    await prescribing.order(changed, "0302000K0AAACAC", "2020-06-10", quantity=2)
    relievers = await measured(prescribing.practice, "short-acting-beta-agonists", JUNE)
    assert (relievers.value, relievers.numerator, relievers.denominator) == (50, 2, 4)
    april = await measured(prescribing.practice, "short-acting-beta-agonists", ("2020-04-01", "2020-04-30"))
    assert april.value == 100
    switched = await measured(prescribing.practice, "people-switched-to-low-carbon-inhalers", JUNE)
    assert (switched.value, switched.numerator, switched.denominator) == (50, 1, 2)


@pytest.mark.requirement("SMR-052")
async def test_dependency_forming_medicines_are_a_rate_per_thousand_registered(prescribing: Prescribing) -> None:
    patient = await prescribing.area.register("northern")
    for number, bnf in enumerate((CODEINE, "0408010AEAAAAAA", "0401010Z0AAAAAA", "0401010ADAAAAAA", AMOXICILLIN)):
        await prescribing.order(patient, bnf, f"2020-06-1{number}")
    figure = await measured(prescribing.practice, "dependency-forming-medicines", JUNE)
    assert (figure.value, figure.numerator, figure.denominator) == (1.5, 3, 2000)
    assert [figure.populations[each] for each in ("opioids", "gabapentinoids", "benzodiazepines-and-z-drugs")] == [
        1, 1, 1,
    ]  # fmt: skip


@pytest.mark.requirement("SMR-061")
async def test_an_opioid_of_somebody_at_the_end_of_life_is_left_out_and_shown_as_left_out(
    prescribing: Prescribing,
) -> None:
    practice = prescribing.practice
    dying, other = await prescribing.area.register("northern"), await prescribing.area.register("northern")
    await practice.create({
        "resourceType": "Condition", "subject": {"reference": f"Patient/{dying}"}, "onsetDateTime": "2020-05-01",
        "code": coded("526631000000108", "On end of life care register"),
        "clinicalStatus": coded("active", "Active", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
    })  # fmt: skip
    await identify(practice, "last-12-months-of-life")
    for patient in (dying, other):
        await prescribing.order(patient, CODEINE, "2020-07-01")
    figure = await measured(practice, "dependency-forming-medicines", JULY)
    assert (figure.value, figure.numerator) == (0.5, 1)
    assert figure.populations["denominator-exclusion"] == 1
    [left_in] = figure.report["group"][0]["extension"]
    assert {each["url"]: each["valueDecimal"] for each in left_in["extension"]} == {
        "numerator": 2, "denominator": 2000, "value": 1,
    }  # fmt: skip


@pytest.mark.requirement("SMR-053")
async def test_antibacterial_items_are_a_rate_per_thousand_registered_and_period(prescribing: Prescribing) -> None:
    patient = await prescribing.area.register("northern")
    await prescribing.order(patient, AMOXICILLIN, "2020-06-10", route="oral")
    await prescribing.order(patient, "0501013K0AAAJAJ", "2020-06-12")
    await prescribing.order(patient, "0501040H0AAAAAA", "2020-06-13", route="injection")
    await prescribing.order(patient, "0501090R0AAAAAA", "2020-06-14", route="oral")
    await prescribing.order(patient, AMOXICILLIN, "2020-05-10", route="oral")
    june = await measured(prescribing.practice, "antimicrobials", JUNE)
    may = await measured(prescribing.practice, "antimicrobials", ("2020-05-01", "2020-05-31"))
    assert (june.value, june.populations["broad-spectrum"]) == (1, 1)
    assert may.value == 0.5


@pytest.mark.requirement("SMR-054")
async def test_spend_stands_against_the_frozen_figure_of_2019_20(prescribing: Prescribing) -> None:
    patient = await prescribing.area.register("northern")
    await prescribing.order(patient, DOSULEPIN, "2019-06-10", cost=100)
    await prescribing.order(patient, DOSULEPIN, "2020-02-10", cost=60)
    await prescribing.order(patient, DOSULEPIN, "2020-06-10", cost=40)
    await prescribing.order(patient, AMOXICILLIN, "2020-06-10", cost=500)
    figure = await measured(
        prescribing.area.client("north"), "unwarranted-prescribing-spend", ("2020-04-01", "2021-03-31")
    )
    assert figure.value == 40
    assert (figure.before["numerator"], figure.before["change"], figure.before["change-percent"]) == (160, -120, -75)
    assert figure.before["period"] == {"start": "2019-04-01", "end": "2020-03-31"}


async def test_a_product_that_is_coded_by_dmd_alone_counts_by_the_map_of_products(prescribing: Prescribing) -> None:
    patient = await prescribing.area.register("northern")
    await prescribing.practice.create({
        "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": "2020-06-10",
        "medicationCodeableConcept": coded("321842001", "A product of the map", DMD),
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip
    assert (await measured(prescribing.practice, "low-value-medicines", JUNE)).numerator == 0
    loaded = part("file", valueString=f"SNOMED Code,BNF Code\n321842001,{DOSULEPIN}\n")
    await prescribing.area.client("operator").call("POST", "Group/$load-product-map", parameters(loaded))
    figure = await measured(prescribing.practice, "low-value-medicines", JUNE)
    assert (figure.numerator, figure.value) == (1, 0.5)
