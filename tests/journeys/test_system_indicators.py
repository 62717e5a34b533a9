"""Indicators of Doncaster's case register, and of the system around it (003 §3), which are nobody's own performance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tandem.canonical import ODS_CODE, READY_FOR_DISCHARGE, REFERRAL_KIND, SYSTEM_INDICATOR
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.consents import summary_consent
from tandem_tests.mdt_meetings import CLOSE, MEETS_AT, action, meetings, reference, said, shown
from tandem_tests.measure_figures import Measured, measured
from tandem_tests.medication_reviews import (
    AMLODIPINE,
    IBUPROFEN,
    POLYPHARMACY,
    RAMIPRIL,
    decision,
    new_reviews,
)
from tandem_tests.network_area import Area, new_area
from tandem_tests.practice_lists import CARE_ACTIVITY, coded
from tandem_tests.questionnaire_responses import coding, item, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import Tandem, set_clock

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
NewSystem = Callable[..., EmbeddedTandem]
QUARTER = ("2020-04-01", "2020-06-30")
URGENT = {"priority": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActPriority", "code": "EM"}]}}
ASTHMA = {"reasonCode": [coded("195967001", "Asthma")]}
FRACTURE = {"reasonCode": [coded("125605004", "Fracture of bone")]}


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    """A commissioner's area of two networks."""
    return await new_area(http, embedded)


async def person(area: Area, birth: str = "1940-05-05") -> str:
    """Somebody at the practice."""
    return await area.register("northern", birthDate=birth)


@dataclass(slots=True)
class Register:
    """A practice with people who came onto its case register on 15 January 2019, and somebody who did not."""

    area: Area
    on: list[str]
    off: str

    @property
    def practice(self) -> FhirClient:
        """The practice as a client."""
        return self.area.client("northern")

    async def measured(self, measure: str) -> Measured:
        """A figure of the practice for the spring of 2020."""
        return await measured(self.practice, measure, QUARTER)


@pytest.fixture
async def register(new_system: NewSystem, tandem: Tandem, http: httpx.AsyncClient) -> Register:
    """The register as it stands on 1 July 2020."""
    system = new_system("--clock", "2019-01-15T09:00+00:00")
    area = await new_area(http, system)
    on = [await person(area) for _ in range(3)]
    for patient in on:
        await observe(area, patient, coded("unplanned-admissions-case-register", "On it", CARE_ACTIVITY), "2019-01-15")
    made = Register(area, on, await person(area))
    await made.practice.caught_up()
    await set_clock(tandem, system, "2020-07-01T09:00+01:00")
    return made


async def observe(area: Area, patient: str, code: dict[str, Any], day: str, **more: Any) -> str:
    """An Observation of the practice: its id."""
    made = await area.client("northern").create({
        "resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": day,
        "subject": {"reference": f"Patient/{patient}"}, **more,
    })  # fmt: skip
    return str(made["id"])


async def contact(area: Area, patient: str, setting: str, day: str, **more: Any) -> str:
    """A finished contact with a hospital, of one day: Encounter.id."""
    made = await area.client("northern").create({
        "resourceType": "Encounter", "status": "finished", "class": {"system": _ACT, "code": setting},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": day, "end": day}, **more,
    })  # fmt: skip
    return str(made["id"])


def stands_apart(figure: Measured) -> bool:
    """Whether the report says that it is the commissioner's and nobody's position."""
    [answers] = [each for each in figure.report["extension"] if each["url"].endswith("/responsible")]
    parts = {each["url"]: each for each in answers["extension"]}
    return parts["responsible"]["valueString"] == "commissioner" and parts["attributable"]["valueBoolean"] is False


async def of_the_system(area: Area, measure: str, period: tuple[str, str] = QUARTER) -> Measured:
    """A system indicator of the network `north`."""
    figure = await measured(area.client("north"), measure, period)
    assert stands_apart(figure)
    return figure


def referral(register: Register, patient: str, kind: str) -> Resource:
    """A referral of the practice."""
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": "2020-06-01",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
        "subject": {"reference": f"Patient/{patient}"}, "requester": register.area.reference("northern"),
        "performer": [register.area.reference("south")],
    }  # fmt: skip


@pytest.mark.requirement("PCPC-014")
async def test_crises_for_each_person_on_the_register_against_the_year_before(register: Register) -> None:
    for patient in (register.on[0], register.off):
        await contact(register.area, patient, "IMP", "2020-05-01", **URGENT)
        await contact(register.area, patient, "EMER", "2020-05-01")
        await contact(register.area, patient, "EMER", "2019-05-01")
    await register.practice.create(referral(register, register.on[1], "crisis-response"))
    figure = await register.measured("register-crises")
    assert (figure.numerator, figure.denominator, figure.value) == (3, 3, 1)
    kinds = {name: figure.populations[name] for name in ("admissions", "attendances", "urgent-responses")}
    assert kinds == {"admissions": 1, "attendances": 1, "urgent-responses": 1}
    assert (figure.before["numerator"], figure.before["denominator"]) == (1, 3)
    assert float(figure.before["change"]) == 0.6667


@pytest.mark.parametrize(
    ("measure", "setting", "more"),
    [
        pytest.param("register-attendances", "EMER", {}, marks=pytest.mark.requirement("PCPC-078")),
        pytest.param("register-emergency-admissions", "IMP", URGENT, marks=pytest.mark.requirement("PCPC-079")),
    ],
)
async def test_twelve_months_of_hospital_contacts_of_people_on_the_register_alone(
    register: Register, measure: str, setting: str, more: dict[str, Any]
) -> None:
    for day in ("2019-06-30", "2019-07-01", "2020-02-01", "2020-06-30"):
        await contact(register.area, register.on[0], setting, day, **more)
    await contact(register.area, register.off, setting, "2020-02-01", **more)
    await contact(register.area, register.on[0], "AMB", "2020-02-01")
    figure = await register.measured(measure)
    assert (figure.numerator, figure.populations["people"]) == (3, 1)


@pytest.mark.requirement("PCPC-081")
async def test_confidence_in_managing_health_its_distribution_and_its_change(register: Register) -> None:
    answers = (("2020-04-10", "not-very-confident"), ("2020-06-10", "very-confident"))
    for patient, given in ((register.on[0], answers), (register.off, answers[:1])):
        for day, answer in given:
            told = item("confidence", coding(answer))
            await register.practice.create(response("gp-survey-confidence", patient, "completed", told, authored=day))
    figure = await register.measured("confidence-in-managing-health")
    assert figure.populations["answers"] == 2, "of people on the register alone"
    shares = figure.populations["not-very-confident"], figure.populations["very-confident"]
    assert shares == (1, 1)
    assert (figure.populations["first-score"], figure.populations["later-score"]) == (1, 3)


@pytest.mark.requirement("PCPC-015")
async def test_medicines_changed_at_reviews_of_people_on_the_register(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    reviews = await new_reviews(http, embedded)
    for listed in (True, False):
        patient = await reviews.lists.register("1940-01-01")
        await reviews.lists.prescribe(patient, AMLODIPINE, RAMIPRIL)
        if listed:
            code = ("unplanned-admissions-case-register", "On it")
            await reviews.lists.observe(patient, code, "2020-06-01", system=CARE_ACTIVITY)
        review = await reviews.start(patient)
        await reviews.decide(
            review, decision(AMLODIPINE, "stop", POLYPHARMACY),
            decision(RAMIPRIL, "change", POLYPHARMACY, dosage="2.5 mg, not 10"),
            decision(IBUPROFEN, "start", POLYPHARMACY),
        )  # fmt: skip
        await reviews.all_but_medicines(review)
        await reviews.complete(review)
    figure = await measured(reviews.practice, "register-medicine-changes", ("2020-04-01", "2020-07-31"))
    counted = {name: figure.populations[name] for name in ("stopped", "changed", "started")}
    assert counted == {"stopped": 1, "changed": 1, "started": 1}, "a medicine that is reduced is changed"
    assert (figure.numerator, figure.denominator, figure.value) == (3, 1, 3)


@pytest.mark.requirement("PCPC-082")
async def test_meetings_their_interval_and_who_was_there(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    made = await meetings(http, embedded)
    patient = await made.practice.register("1940-01-01")
    team = await made.establish("gp", "nurse", "pharmacist", weeks=1, quorum=2)
    for start, there in ((MEETS_AT, ("gp", "nurse")), ("2020-06-24T08:00+01:00", ("gp",))):
        _, [meeting, *_] = await made.plan(team, start)
        agenda = await made.fill(meeting, patient)
        [task] = [each["task"][0]["reference"] for each in shown(agenda, "item")]
        await made.record(meeting, said(task, decision="Go on as planned", by=made.staff["gp"]), by="practice")
        agreed = action("Ring her", reference(made.staff["nurse"]), "2020-07-10", task)
        await made.record(meeting, agreed, *made.attended(*there), CLOSE)
    network = made.client("network")
    figure = await measured(network, "multidisciplinary-meetings", ("2020-04-01", "2020-07-31"))
    assert (figure.numerator, figure.populations["days-between"], figure.populations["below-quorum"]) == (2, 7, 1)
    members = await measured(network, "multidisciplinary-members", ("2020-04-01", "2020-07-31"))
    codes = made.practice.here.codes
    assert members.strata["detail"] == {
        codes["practice"]: 2, codes["community"]: 1, "gp": 2, "community-nurse": 1,
    }  # fmt: skip


@pytest.mark.requirement("PCPC-083")
async def test_referrals_of_people_on_the_register_by_what_they_are_for(register: Register) -> None:
    on, other, _ = register.on
    asked = ((on, "social-prescribing"), (on, "carer-support"), (other, "carer-support"), (register.off, "advice"))
    for patient, kind in asked:
        await register.practice.create(referral(register, patient, kind))
    figure = await register.measured("register-referrals")
    assert figure.numerator == 3
    assert figure.strata["category"] == {"social-prescribing": 1, "carer-support": 2}


@pytest.mark.requirement("PCPC-084")
async def test_people_on_the_register_whose_consent_permits_the_enriched_summary(register: Register) -> None:
    permits, denies, _ = register.on
    for patient, answer in ((permits, "permit"), (denies, "deny"), (register.off, "permit")):
        await register.practice.create(summary_consent(patient, answer))
    figure = await register.measured("register-summary-consents")
    assert (figure.numerator, figure.populations["declined"]) == (1, 1)


@pytest.mark.requirement("PCPC-086")
async def test_permanent_admissions_of_older_people_to_homes_for_a_hundred_thousand(area: Area) -> None:
    old = [await person(area) for _ in range(4)]
    young = await person(area, "1980-01-01")
    for patient, day in ((old[0], "2020-05-01"), (old[1], "2020-03-31"), (young, "2020-05-01")):
        await area.move_in("northern", patient, "elms", day)
    figure = await of_the_system(area, "permanent-care-home-admissions")
    assert (figure.numerator, figure.denominator) == (1, 4)
    assert figure.value == 100_000 * 1 / 4


@pytest.mark.requirement("PCPC-087")
async def test_the_share_of_older_people_who_were_at_home_on_day_91(area: Area) -> None:
    went = {"hospitalization": {"dischargeDisposition": coded("rehab", "Rehabilitation", _DISPOSITION)}}
    statuses: tuple[bool | None, ...] = (True, True, False, None)
    for home in statuses:
        patient = await person(area)
        stay = await contact(area, patient, "IMP", "2020-03-20", **went)
        if home is not None:
            code = coded("at-home-91-days-after-discharge", "At home", SYSTEM_INDICATOR)
            where = {"encounter": {"reference": f"Encounter/{stay}"}, "valueBoolean": home}
            await observe(area, patient, code, "2020-06-19", **where)
    await contact(area, await person(area), "IMP", "2020-03-20")
    await contact(area, await person(area, "1980-01-01"), "IMP", "2020-03-20", **went)
    figure = await of_the_system(area, "at-home-after-reablement", ("2020-01-01", "2020-03-31"))
    assert (figure.numerator, figure.denominator, figure.value) == (2, 4, 50)
    assert figure.populations["not-recorded"] == 1


@pytest.mark.requirement("PCPC-088")
async def test_delayed_transfers_of_care_for_a_hundred_thousand(area: Area) -> None:
    people = [await person(area) for _ in range(5)]
    for patient, ready in ((people[0], "2020-04-28"), (people[1], "2020-05-01"), (people[2], None)):
        more = {"extension": [{"url": READY_FOR_DISCHARGE, "valueDate": ready}]} if ready else {}
        await contact(area, patient, "IMP", "2020-05-01", **more)
    figure = await of_the_system(area, "delayed-transfers-of-care")
    assert (figure.numerator, figure.denominator) == (1, 5)
    assert figure.value == 100_000 * 1 / 5
    assert figure.populations["days"] == 3


def survey(area: Area, practice: str, score: float) -> Resource:
    """The result of a practice in the yearly survey, as its publisher reports it."""
    return {
        "resourceType": "MeasureReport", "status": "complete", "type": "summary",
        "measure": "https://tandem.example/fhir/Measure/gp-patient-survey",
        "subject": {"type": "Location", "identifier": {"system": ODS_CODE, "value": area.codes[practice]}},
        "reporter": {"type": "Organization", "identifier": {"system": ODS_CODE, "value": area.codes["commissioner"]}},
        "period": {"start": "2020-01-01", "end": "2020-12-31"}, "group": [{"measureScore": {"value": score}}],
    }  # fmt: skip


@pytest.mark.requirement("PCPC-089")
async def test_experience_by_the_patient_survey_by_practice_and_area_with_its_source(area: Area) -> None:
    commissioner = area.client("commissioner")
    for practice, score in (("northern", 84.0), ("southern", 72.0)):
        await commissioner.create(survey(area, practice, score))
    figure = await measured(commissioner, "patient-survey-experience", QUARTER)
    assert stands_apart(figure)
    assert figure.numerator == 78
    assert figure.strata["organisation"] == {area.codes["northern"]: 84, area.codes["southern"]: 72}
    assert set(figure.strata["place"]) == {area.codes["commissioner"]}, "who reported it"
    with pytest.raises(Refused) as refused:
        await area.client("northern").create(survey(area, "southern", 1.0))
    assert refused.value.status == 403
    assert "reports its own figures" in refused.value.text


@pytest.mark.requirement("PCPC-090")
async def test_only_emergency_admissions_of_the_configured_definition_are_avoidable(area: Area) -> None:
    patient = await person(area)
    for more in ({**URGENT, **ASTHMA}, {**URGENT, **FRACTURE}, ASTHMA):
        await contact(area, patient, "IMP", "2020-05-01", **more)
    figure = await of_the_system(area, "avoidable-admissions-of-the-system")
    assert (figure.numerator, figure.populations["all-emergency-admissions"]) == (1, 2)


@pytest.mark.requirement("PCPC-091")
async def test_deaths_in_the_place_of_choice_and_the_change_since_the_year_before(area: Area) -> None:
    deaths = (("2019-05-01", "home", "hospital"), ("2019-05-02", "home", "home"), ("2020-05-01", "hospice", "hospice"),
              ("2020-05-02", "home", "home"), ("2020-05-03", "home", "hospital"),
              ("2020-05-04", "care-home", "care-home"), ("2020-05-05", None, "home"))  # fmt: skip
    for day, wished, actual in deaths:
        patient = await person(area)
        places = ([("preferred-place-of-death", wished)] if wished else []) + [("place-of-death", actual)]
        for code, place in places:
            value = {"valueCodeableConcept": coded(place, place, SYSTEM_INDICATOR)}
            await observe(area, patient, coded(code, code, SYSTEM_INDICATOR), day, **value)
    figure = await of_the_system(area, "died-where-they-chose")
    assert (figure.numerator, figure.denominator, figure.value) == (3, 4, 75)
    assert (figure.before["value"], figure.before["change-percent"]) == (50, 50)
    assert figure.populations["wish-not-known"] == 1
