"""Measures of networks: access, prevention, coverage, staff, the Investment and Impact Fund, and shared savings."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import (
    APPOINTMENT_KIND,
    DOCUMENT_KIND,
    NET_INGREDIENT_COST,
    READY_FOR_DISCHARGE,
    REFERRAL_KIND,
    REFERRAL_SOURCE,
    SNOMED_CT,
    SOURCE_OF_REQUEST,
)
from tandem_tests.measure_figures import measured
from tandem_tests.network_area import Area, new_area, part
from tandem_tests.practice_lists import coded
from tandem_tests.running import EmbeddedTandem

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LAST_YEAR, SPRING = "2019-05-01", "2020-05-01"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A commissioner's area of two networks."""
    return await new_area(http, embedded)


async def sized(area: Area, registered: int, weighted: float | None = None, practice: str = "northern") -> None:
    """The practice's list has so many people since 2019."""
    more = [] if weighted is None else [part("weighted", valueDecimal=weighted)]
    await area.ask("operator", practice, "list-size", part(
        "list-size", part("date", valueDate="2019-04-01"), part("registered", valueInteger=registered), *more,
    ))  # fmt: skip


async def contact(area: Area, patient: str, setting: str, day: str, **more: Any) -> None:
    """A finished contact with a hospital on one day."""
    await area.client("northern").create({
        "resourceType": "Encounter", "status": "finished", "class": {"system": _ACT, "code": setting},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": day, "end": day}, **more,
    })  # fmt: skip


URGENT = {"priority": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActPriority", "code": "EM"}]}}
ASTHMA = {"reasonCode": [coded("195967001", "Asthma")]}
FRACTURE = {"reasonCode": [coded("125605004", "Fracture of bone")]}
OUTPATIENT = {"type": [coded("373864002", "Outpatient")]}


@pytest.mark.requirement("PCN-083")
async def test_the_median_wait_and_the_share_at_a_time_that_people_could_do(area: Area) -> None:
    patient, practice = await area.register("northern"), area.client("northern")
    evenings = [{"start": "2020-06-10T17:00:00+01:00", "end": "2020-06-10T20:00:00+01:00"}]
    kept = (("2020-06-01", "18:00", evenings), ("2020-06-06", "17:30", evenings), ("2020-06-09", "09:00", evenings),
            ("2020-06-08", "11:00", None))  # fmt: skip
    for asked, time, wished in kept:
        await practice.create({
            "resourceType": "Appointment", "status": "fulfilled", "created": asked,
            "start": f"2020-06-10T{time}:00+01:00", "end": f"2020-06-10T{time[:2]}:59:00+01:00",
            "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
            **({"requestedPeriod": wished} if wished else {}),
        })  # fmt: skip
    wait = await measured(practice, "appointment-wait")
    assert wait.numerator == 3, "the median of 9, 4, 1 and 2 days"
    fits = await measured(practice, "appointment-at-preferred-time")
    assert (fits.numerator, fits.denominator) == (2, 3)


@pytest.mark.requirement("PCN-085")
async def test_recipients_of_prevention_and_personalised_care_by_period_with_the_trend(area: Area) -> None:
    await sized(area, 1_000)
    people, practice = [await area.register("northern") for _ in range(3)], area.client("northern")
    vaccine = coded("822851000000102", "Seasonal influenza vaccination")
    for patient, day in ((people[0], LAST_YEAR), (people[0], SPRING), (people[1], SPRING), (people[1], "2020-06-01")):
        await practice.create({
            "resourceType": "Immunization", "status": "completed", "vaccineCode": vaccine,
            "patient": {"reference": f"Patient/{patient}"}, "occurrenceDateTime": day,
        })  # fmt: skip
    await refer(area, people[2], "social-prescribing", SPRING)
    figure = await measured(area.client("north"), "prevention-and-personalised-care", (SPRING, "2020-06-30"))
    assert (figure.value, figure.numerator) == (3, 3)
    assert (figure.populations["prevention"], figure.populations["personalised-care"]) == (2, 1)
    assert (figure.before["value"], figure.before["change"]) == (1, 2)


async def refer(area: Area, patient: str, kind: str, day: str, **more: Any) -> None:
    """A referral of a kind to the hospital's organisation, or to whom `more` says."""
    await area.client("northern").create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": day,
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
        "subject": {"reference": f"Patient/{patient}"}, "requester": area.reference("northern"),
        "performer": [area.reference("south")], **more,
    })  # fmt: skip


@pytest.mark.requirement("PCN-092")
async def test_practices_in_no_network_lower_the_coverage_and_are_named(area: Area) -> None:
    await area.enter("alone", "practice", f"W{80_000 + area.number}")
    await area.affiliate("commissioner", "alone", period={"start": "2019-07-01"})
    figure = await measured(area.client("operator"), "network-coverage", ("2019-07-01", "2019-07-31"),
                            organisation=area.codes["commissioner"])  # fmt: skip
    assert (figure.numerator, figure.denominator) == (2, 3)
    assert (figure.against["minimum"], figure.against["position"]) == (100, "below")
    assert figure.practices[area.codes["alone"]]["numerator"] == 0
    assert figure.practices[area.codes["northern"]]["numerator"] == 1


async def session(area: Area, name: str, start: str, end: str) -> None:
    """A session of extended hours, held by an organisation."""
    kind = {"coding": [{"system": APPOINTMENT_KIND, "code": "extended-hours"}]}
    await area.client(name).create({
        "resourceType": "Schedule", "active": True, "serviceType": [kind], "actor": [await service(area, name)],
        "planningHorizon": {"start": start, "end": end},
    })  # fmt: skip


@pytest.mark.requirement("PCN-101")
async def test_the_share_of_patients_whose_practice_has_extended_hours(area: Area) -> None:
    for practice, people in (("northern", 3), ("southern", 1)):
        for _ in range(people):
            await area.register(practice)
    await session(area, "northern", "2020-06-09T18:30:00+01:00", "2020-06-09T20:00:00+01:00")
    covered = {}
    for network in ("north", "south"):
        figure = await measured(area.client(network), "extended-hours-coverage", ("2020-06-01", "2020-06-30"))
        covered[network] = (figure.value, figure.against["minimum"], figure.against["position"])
    assert covered == {"north": (100, 100, "within"), "south": (0, 100, "below")}
    await session(area, "south", "2020-06-13T09:00:00+01:00", "2020-06-13T11:00:00+01:00")
    of_network = await measured(area.client("south"), "extended-hours-coverage", ("2020-06-01", "2020-06-30"))
    assert of_network.value == 100, "what the network holds is for all its practices"


@pytest.mark.requirement("PCN-102")
@pytest.mark.parametrize(("hours", "position"), [(24, "below"), (25, "within")])
async def test_hours_a_week_for_fifty_thousand_are_scaled_by_the_list(area: Area, hours: int, position: str) -> None:
    await sized(area, 50_000)
    week = ("2020-06-01", "2020-06-07")
    await session(area, "northern", "2020-06-06T07:00:00+01:00", f"2020-06-06T{7 + hours - 12}:00:00+01:00")
    await session(area, "north", "2020-06-02T06:00:00+01:00", "2020-06-02T08:00:00+01:00")
    await session(area, "north", "2020-06-03T11:00:00+01:00", "2020-06-03T21:00:00+01:00")
    figure = await measured(area.client("north"), "extended-hours-a-week", week)
    assert (figure.value, figure.against["minimum"], figure.against["position"]) == (hours, 25, position)
    parts = {name: figure.populations[name] for name in ("morning", "evening", "weekend")}
    assert sum(parts.values()) == hours
    assert parts["weekend"] == hours - 12


async def iif(area: Area, measure: str) -> Any:
    """An element of the fund for the months since April 2020."""
    return await measured(area.client("north"), measure, ("2020-04-01", "2020-06-30"))


@pytest.mark.requirement("PCN-103")
async def test_only_avoidable_attendances_count_against_the_baseline(area: Area) -> None:
    await sized(area, 1_000)
    patient = await area.register("northern")
    for day, reason in ((LAST_YEAR, ASTHMA), (LAST_YEAR, ASTHMA), (SPRING, ASTHMA), (SPRING, FRACTURE)):
        await contact(area, patient, "EMER", day, **reason)
    figure = await iif(area, "avoidable-attendances")
    assert (figure.value, figure.populations["all-attendances"]) == (1, 2)
    assert (figure.before["value"], figure.before["change"], figure.before["change-percent"]) == (2, -1, -50)


@pytest.mark.requirement("PCN-104")
async def test_only_avoidable_emergency_admissions_count_against_the_baseline(area: Area) -> None:
    await sized(area, 1_000)
    patient = await area.register("northern")
    await contact(area, patient, "IMP", LAST_YEAR, **URGENT, **ASTHMA)
    for day, more in ((SPRING, {**URGENT, **ASTHMA}), ("2020-06-01", {**URGENT, **ASTHMA}), (SPRING, ASTHMA),
                      (SPRING, {**URGENT, **FRACTURE})):  # fmt: skip
        await contact(area, patient, "IMP", day, **more)
    figure = await iif(area, "avoidable-emergency-admissions")
    assert (figure.value, figure.populations["all-emergency-admissions"]) == (2, 3)
    assert (figure.before["value"], figure.before["change"]) == (1, 1)


def ready(day: str) -> dict[str, Any]:
    """The person was ready to leave hospital on that day."""
    return {"extension": [{"url": READY_FOR_DISCHARGE, "valueDate": day}]}


@pytest.mark.requirement("PCN-105")
async def test_the_share_of_discharges_on_the_day_that_people_were_ready(area: Area) -> None:
    patient = await area.register("northern")
    for more in (ready(SPRING), ready("2020-04-28"), ready(SPRING), {}):
        await contact(area, patient, "IMP", SPRING, **more)
    figure = await iif(area, "timely-discharge")
    assert (figure.numerator, figure.denominator, figure.populations["discharges"]) == (2, 3, 4)


@pytest.mark.requirement("PCN-106")
async def test_outpatient_attendances_and_those_replaced_by_advice(area: Area) -> None:
    await sized(area, 1_000)
    advised, seen = await area.register("northern"), await area.register("northern")
    for patient in (advised, seen):
        await refer(area, patient, "advice", SPRING)
    await contact(area, seen, "AMB", "2020-05-20", **OUTPATIENT)
    await contact(area, seen, "AMB", "2020-06-20", **OUTPATIENT)
    assert (await iif(area, "outpatient-attendances")).value == 2
    assert (await iif(area, "advice-in-place-of-outpatients")).value == 1


@pytest.mark.requirement("PCN-107")
async def test_prescribing_costs_for_each_weighted_patient_against_the_baseline(area: Area) -> None:
    await sized(area, 1_000, 200.0)
    patient = await area.register("northern")
    for day, pounds in ((LAST_YEAR, 100), (SPRING, 30), (SPRING, 50)):
        cost = {"url": NET_INGREDIENT_COST, "valueMoney": {"value": pounds, "currency": "GBP"}}
        await area.client("northern").create({
            "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": day,
            "subject": {"reference": f"Patient/{patient}"}, "extension": [cost],
            "medicationCodeableConcept": coded("319996000", "Simvastatin 10mg tablets", SNOMED_CT),
        })  # fmt: skip
    figure = await iif(area, "prescribing-cost")
    assert (figure.value, figure.before["value"]) == (0.4, 0.5)
    assert figure.before["change-percent"] == -20


@pytest.mark.requirement("PCN-079")
async def test_the_savings_view_has_the_change_of_all_five_since_the_baseline(area: Area) -> None:
    await sized(area, 1_000)
    patient = await area.register("northern")
    for day, times in ((LAST_YEAR, 2), (SPRING, 1)):
        for _ in range(times):
            await contact(area, patient, "EMER", day)
            await contact(area, patient, "IMP", day, **URGENT)
            await contact(area, patient, "IMP", day, **ready(f"{day[:4]}-04-29"))
            await contact(area, patient, "AMB", day, **OUTPATIENT)
    changes = {}
    for name in ("attendances", "admissions", "delayed-discharge", "outpatients", "over-medication"):
        figure = await iif(area, f"shared-savings-{name}")
        changes[name] = (figure.before["value"], figure.value, figure.before["change"])
    assert changes == {
        **dict.fromkeys(("attendances", "admissions", "delayed-discharge", "outpatients"), (2, 1, -1)),
        "over-medication": (0, 0, 0),
    }  # fmt: skip


@pytest.mark.requirement("PCN-053")
async def test_recruitment_stands_against_what_is_indicated_with_the_practices_share_of_its_cost(area: Area) -> None:
    await sized(area, 50_000)
    posts = (("clinical-pharmacist", 2, 110_000), ("social-prescribing-link-worker", 1.5, 50_000))
    await area.ask("north", "north", "staff-in-post", *(
        part("post", part("role", valueCode=role), part("date", valueDate="2020-04-01"), part("wte", valueDecimal=wte),
             part("cost", valueDecimal=cost))
        for role, wte, cost in posts
    ))  # fmt: skip
    figure = await measured(area.client("north"), "additional-staff", ("2020-04-01", "2020-06-30"))
    assert (figure.value, figure.against["minimum"], figure.against["position"]) == (3.5, 5, "below")
    assert figure.strata["category"] == {"clinical-pharmacist": 2, "social-prescribing-link-worker": 1.5}
    assert (figure.populations["cost-a-year"], figure.populations["practice-contribution"]) == (160_000, 48_000)


@pytest.mark.requirement("PCN-056")
async def test_stories_and_scores_stand_beside_counts_and_are_for_improvement(area: Area) -> None:
    patient, practice = await area.register("northern"), area.client("northern")
    await practice.create({
        "resourceType": "DocumentReference", "status": "current", "subject": {"reference": f"Patient/{patient}"},
        "type": {"coding": [{"system": DOCUMENT_KIND, "code": "patient-story"}]}, "date": "2020-06-01T10:00:00+01:00",
        "content": [{"attachment": {"contentType": "text/plain", "data": "SG93IGl0IHdhcyBmb3IgbWU="}}],
    })  # fmt: skip
    figure = await measured(practice, "patient-stories-and-outcomes")
    assert figure.numerator == 1
    assert "outcome-score" in figure.populations
    [said] = [each for each in figure.report["extension"] if each["url"].endswith("/responsible")]
    purpose = next(each["valueString"] for each in said["extension"] if each["url"] == "purpose")
    assert purpose == "improvement"


@pytest.mark.requirement("PC-057")
async def test_contacts_and_hours_of_link_workers_stand_apart_from_referrals(area: Area) -> None:
    await area.enter("charity", "voluntary", f"V{90_000 + area.number}")
    patient = await area.register("northern")
    kind = {"coding": [{"system": APPOINTMENT_KIND, "code": "relationship-building"}]}
    for hour in ("09", "11"):
        await area.client("north").create({
            "resourceType": "Appointment", "status": "fulfilled", "serviceType": [kind],
            "start": f"2020-06-10T{hour}:00:00+01:00", "end": f"2020-06-10T{hour}:45:00+01:00",
            "participant": [{"actor": await service(area, "charity"), "status": "accepted"}],
        })  # fmt: skip
    await refer(area, patient, "social-prescribing", "2020-06-10")
    figure = await measured(area.client("north"), "link-worker-relationships")
    assert (figure.numerator, figure.populations["hours"], figure.populations["referrals"]) == (2, 1.5, 1)


async def service(area: Area, name: str) -> dict[str, str]:
    """A service of an organisation, which stands for it: R4 has no Organization as an actor."""
    made = await area.client("operator").create({
        "resourceType": "HealthcareService", "active": True, "providedBy": area.reference(name), "name": "A service",
    })  # fmt: skip
    return {"reference": f"HealthcareService/{made['id']}"}


@pytest.mark.requirement("PC-063")
async def test_referrals_to_link_workers_are_all_counted_and_split_by_where_they_came_from(area: Area) -> None:
    patient = await area.register("northern")
    told = {"system": REFERRAL_SOURCE, "code": "hospital"}
    hospital = {"extension": [{"url": SOURCE_OF_REQUEST, "valueCodeableConcept": {"coding": [told]}}]}
    own = {"requester": {"reference": f"Patient/{patient}"}}
    gp = {"requester": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                       "value": area.codes["northern"]}}}  # fmt: skip
    for more in (gp, gp, hospital, own):
        await refer(area, patient, "social-prescribing", "2020-06-10", **more)
    figure = await measured(area.client("north"), "social-prescribing-by-source")
    assert figure.numerator == 4
    assert figure.strata["detail"] == {"gp": 2, "hospital": 1, "self": 1}
    assert figure.populations["not-by-a-gp"] == 2


