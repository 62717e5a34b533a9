"""Measures of early diagnosis of cancer, from referrals, safety nets, diagnoses, screening and records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE, SNOMED_CT, SUSPECTED_CANCER_SYMPTOM
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.measure_figures import measured
from tandem_tests.network_area import parameters, part
from tandem_tests.practice_lists import coded
from tandem_tests.running import EmbeddedTandem
from tandem_tests.safety_nets import SafetyNets, new_nets
from tandem_tests.suspected_cancer import information

FAST_TRACK = coded("199251000000107", "Fast track cancer referral")
LUNG = {"type": "lung", "route": "urgent-referral", "stage": "1", "when": "2020-06-20"}
NewSystem = Callable[..., EmbeddedTandem]


@pytest.fixture
async def nets(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> SafetyNets:
    """A network of two practices with a hospital."""
    return await new_nets(http, embedded)


async def diagnosed(nets: SafetyNets, patient: str, practice: str = "northern", **said: str) -> None:
    """Record a diagnosis of somebody without a net."""
    sent = {"patient": f"Patient/{patient}", "by": nets.gp, **LUNG, **said}
    listed = [part(name.replace("_", "-"), valueString=value) for name, value in sent.items()]
    await nets.referrals.area.client(practice).call("POST", "ServiceRequest/$record-diagnosis", parameters(*listed))


async def many_diagnosed(nets: SafetyNets, stages: dict[str, int], first: date = date(2020, 4, 1)) -> None:
    """So many diagnoses of each stage, each on a day of its own by person, from that day on."""
    people = [await nets.person() for _ in range(5)]
    wanted = [stage for stage, number in stages.items() for _ in range(number)]
    for start in range(0, len(wanted), 10):
        await asyncio.gather(*(
            diagnosed(
                nets, people[number % 5], stage=stage, when=(first + timedelta(days=number // 5)).isoformat(),
            )
            for number, stage in enumerate(wanted[start : start + 10], start)
        ))  # fmt: skip


async def alliance(nets: SafetyNets, *targets: tuple[float, str]) -> str:
    """A Cancer Alliance of the network `north`, and other networks, with its targets (percent, by): its code."""
    area = nets.referrals.area
    code = f"E{70_000_000 + area.number}"
    await area.enter("alliance", "commissioner", code)
    await area.affiliate("alliance", "north", (AFFILIATION_ROLE, "cancer-alliance"), period={"start": "2019-07-01"})
    for percent, by in targets:
        first = f"{by[:4]}-04-01"
        await area.ask("operator", "alliance", "cancer-target", part(
            "target", part("percent", valueDecimal=percent), part("by", valueString=by), part("from", valueDate=first),
        ))  # fmt: skip
    return code


@pytest.mark.requirement("ECD-061")
async def test_the_share_at_an_early_stage_stands_against_the_target_of_the_alliance_and_unstaged_apart(
    nets: SafetyNets,
) -> None:
    code = await alliance(nets, (60.0, "2020/21"))
    await many_diagnosed(nets, {"1": 3, "2": 2, "3": 3, "4": 2, "not-staged": 4})
    figure = await measured(nets.referrals.area.client("north"), "early-stage-diagnosis")
    assert (figure.value, figure.numerator, figure.denominator) == (50.0, 5, 10)
    assert figure.populations["not-staged"] == 4
    assert (figure.against["minimum"], figure.against["gap"], figure.against["position"]) == (60, 10, "below")
    assert code in figure.against["source"]


@pytest.mark.requirement("ECD-001")
async def test_the_ambition_of_2028_is_shown_with_the_gap_of_a_network(nets: SafetyNets) -> None:
    await many_diagnosed(nets, {"1": 6, "4": 4})
    figure = await measured(nets.referrals.area.client("north"), "early-stage-diagnosis-by-2028")
    assert (figure.value, figure.against["minimum"], figure.against["gap"]) == (60, 75, 15)
    assert "2028" in figure.against["source"]


@pytest.mark.requirement("ECD-010")
async def test_a_network_with_half_of_250_found_early_needs_about_sixty_more(nets: SafetyNets) -> None:
    await many_diagnosed(nets, {"1": 70, "2": 55, "3": 75, "4": 50})
    figure = await measured(nets.referrals.area.client("north"), "early-stage-diagnosis-by-2028")
    assert (figure.numerator, figure.denominator) == (125, 250)
    assert figure.against["further"] == 63


@pytest.mark.requirement("ECD-009")
async def test_new_diagnoses_stand_beside_the_250_of_an_average_network(nets: SafetyNets) -> None:
    await many_diagnosed(nets, {"1": 7, "4": 5})
    figure = await measured(nets.referrals.area.client("north"), "new-cancer-diagnoses")
    assert figure.value is None or figure.value == 12
    assert figure.numerator == 12
    assert figure.reference["number"] == 250
    assert "average network" in figure.reference["source"]


@pytest.mark.requirement("ECD-063")
async def test_eight_of_ten_urgent_referrals_with_a_safety_net_are_eighty_percent(nets: SafetyNets) -> None:
    for _ in range(8):
        await nets.urgent(await nets.person(), authoredOn="2020-06-01")
    for _ in range(2):
        await nets.practice.create({
            "resourceType": "ServiceRequest", "status": "completed", "intent": "order", "code": FAST_TRACK,
            "subject": {"reference": f"Patient/{await nets.person()}"}, "authoredOn": "2020-06-01",
            "requester": nets.referrals.area.reference("northern"),
        })  # fmt: skip
    figure = await measured(nets.practice, "urgent-referrals-safety-netted")
    assert (figure.value, figure.numerator, figure.denominator) == (80, 8, 10)


@pytest.mark.requirement("ECD-064")
async def test_of_treated_cancers_the_share_found_by_two_week_wait_is_the_detection_rate(nets: SafetyNets) -> None:
    for route in ("urgent-referral", "urgent-referral", "emergency", "gp-referral"):
        await diagnosed(nets, await nets.person(), route=route, treated="2020-06-29")
    await diagnosed(nets, await nets.person())
    figure = await measured(nets.practice, "cancer-detection-rate")
    assert (figure.value, figure.numerator, figure.denominator) == (50, 2, 4)
    assert figure.populations["not-treated"] == 1


@pytest.mark.requirement("ECD-065")
async def test_of_two_week_wait_referrals_the_share_with_cancer_is_the_conversion_rate(nets: SafetyNets) -> None:
    people = [await nets.person() for _ in range(5)]
    requests = [await nets.urgent(each, authoredOn="2020-06-01") for each in people]
    await nets.step(requests[0], "diagnosis", **LUNG)
    await diagnosed(nets, people[1], type="colorectal")
    await diagnosed(nets, people[2], route="emergency")
    await diagnosed(nets, people[3], when="2020-05-20")
    figure = await measured(nets.practice, "cancer-conversion-rate")
    assert (figure.value, figure.numerator, figure.denominator) == (40, 2, 5)


@pytest.mark.requirement("ECD-066")
async def test_only_emergency_presentations_count_as_such(nets: SafetyNets) -> None:
    for route in ("emergency", "screening", "emergency", "inpatient-elective", "unknown"):
        await diagnosed(nets, await nets.person(), route=route)
    figure = await measured(nets.practice, "emergency-cancer-diagnoses")
    assert figure.numerator == 2
    assert figure.populations["diagnoses"] == 5


@pytest.mark.requirement("ECD-039")
async def test_nine_of_ten_people_who_were_told_are_ninety_percent_against_a_hundred(nets: SafetyNets) -> None:
    told = {"extension": [information("2020-06-02", {"reference": nets.gp})]}
    for number in range(10):
        await nets.urgent(await nets.person(), authoredOn="2020-06-01", **(told if number else {}))
    figure = await measured(nets.practice, "told-about-cancer-referral")
    assert (figure.value, figure.numerator, figure.denominator) == (90, 9, 10)
    measure = await nets.practice.read("Measure/told-about-cancer-referral")
    assert ("2023/24", 100) in targets_of(measure)


@pytest.mark.requirement("ECD-042")
async def test_non_specific_symptoms_that_go_elsewhere_lower_the_share_of_the_centre(nets: SafetyNets) -> None:
    referrals = nets.referrals
    await referrals.open_centre("2020-07-01")
    for _ in range(2):
        await referrals.referred(await nets.person(), "weight-loss", performer=None)
    await referrals.referred(await nets.person(), "weight-loss", elsewhere="She can reach the hospital by bus")
    await referrals.referred(await nets.person(), "haemoptysis")
    figure = await measured(nets.practice, "non-specific-symptoms-to-rapid-diagnosis")
    assert (figure.numerator, figure.denominator) == (2, 3)
    assert figure.populations["elsewhere"] == 1
    assert ("2023/24", 100) in targets_of(await nets.practice.read("Measure/non-specific-symptoms-to-rapid-diagnosis"))


def targets_of(measure: Resource) -> set[tuple[str, float]]:
    """Year and minimum of each target that a Measure shows."""
    found = set()
    for extension in measure.get("extension", []):
        parts = {each["url"]: next(v for k, v in each.items() if k != "url") for each in extension.get("extension", [])}
        if "minimum" in parts and "year" in parts:
            found.add((parts["year"], float(parts["minimum"])))
    return found


@pytest.mark.requirement("ECD-068")
async def test_rising_referrals_with_falling_conversion_are_flagged_as_added_load(nets: SafetyNets) -> None:
    for year, referred, found in ((2019, 2, 1), (2020, 4, 1)):
        for number in range(referred):
            patient = await nets.person()
            await nets.practice.create({
                "resourceType": "ServiceRequest", "status": "completed", "intent": "order", "code": FAST_TRACK,
                "subject": {"reference": f"Patient/{patient}"}, "authoredOn": f"{year}-05-01",
                "requester": nets.referrals.area.reference("northern"),
            })  # fmt: skip
            if number < found:
                await diagnosed(nets, patient, when=f"{year}-06-01")
    figure = await measured(nets.practice, "cancer-conversion-rate", ("2020-04-01", "2020-06-30"))
    assert (figure.denominator, figure.value) == (4, 25)
    assert (figure.before["denominator"], figure.before["value"]) == (2, 50)
    assert figure.before["flag"] == "added-load"
    other = await measured(nets.practice, "cancer-conversion-rate", ("2019-04-01", "2019-06-30"))
    assert "flag" not in other.before, "rising alone is none"


PROGRAMMES = {"breast": "24623002", "bowel": "384171000000104", "cervical": "1020451000000104"}


@pytest.mark.requirement("ECD-062")
async def test_participation_is_of_those_invited_and_separate_for_each_programme(nets: SafetyNets) -> None:
    came = {"breast": 3, "bowel": 1, "cervical": 2}
    for programme, code in PROGRAMMES.items():
        for number in range(4):
            patient = await nets.person()
            await nets.practice.create({
                "resourceType": "Communication", "status": "completed", "sent": "2020-05-01T09:00:00+01:00",
                "subject": {"reference": f"Patient/{patient}"}, "topic": coded(code, programme),
                "sender": nets.referrals.area.reference("northern"),
            })  # fmt: skip
            if number < came[programme]:
                await nets.practice.create({
                    "resourceType": "Procedure", "status": "completed", "code": coded(code, programme),
                    "subject": {"reference": f"Patient/{patient}"}, "performedDateTime": "2020-06-01",
                })  # fmt: skip
    network = nets.referrals.area.client("north")
    for programme, attended in came.items():
        figure = await measured(network, f"{programme}-screening-participation")
        assert (figure.numerator, figure.denominator, figure.value) == (attended, 4, 25 * attended), programme


@pytest.mark.requirement("ECD-067")
async def test_waits_in_hospital_stand_apart_from_those_of_primary_care(nets: SafetyNets) -> None:
    for treated in ("2020-06-20", "2020-06-30"):
        request = await nets.urgent(await nets.person(), authoredOn="2020-05-11")
        said = {**LUNG, "when": "2020-06-10", "first_presentation": "2020-05-01", "treated": treated}
        await nets.step(request, "diagnosis", **said)
    waits = {
        name: await measured(nets.practice, f"cancer-wait-{name}")
        for name in ("primary-care", "hospital-diagnosis", "hospital-treatment")
    }
    assert {name: figure.numerator for name, figure in waits.items()} == {
        "primary-care": 10, "hospital-diagnosis": 30, "hospital-treatment": 15,
    }  # fmt: skip
    answerable = {name: responsible(figure.report) for name, figure in waits.items()}
    assert answerable == {
        "primary-care": ("practice", True), "hospital-diagnosis": ("hospital", False),
        "hospital-treatment": ("hospital", False),
    }  # fmt: skip


def responsible(report: Resource) -> tuple[str, bool]:
    """Who answers for a figure, and whether it is anybody's own position."""
    for extension in report["extension"]:
        if extension["url"].endswith("/responsible"):
            parts = {each["url"]: each for each in extension["extension"]}
            return parts["responsible"]["valueString"], parts["attributable"]["valueBoolean"]
    raise LookupError("responsible")


@pytest.mark.requirement("ECD-075")
async def test_a_measure_by_type_of_cancer_sums_to_its_total(nets: SafetyNets) -> None:
    for kind in ("lung", "lung", "breast", "colorectal"):
        await diagnosed(nets, await nets.person(), type=kind)
    for measure in ("new-cancer-diagnoses", "early-stage-diagnosis"):
        figure = await measured(nets.practice, measure)
        assert figure.strata["category"] == {"lung": 2, "breast": 1, "colorectal": 1}
        assert sum(figure.strata["category"].values()) == figure.numerator == 4


@pytest.mark.requirement("ECD-046")
async def test_presentations_and_diagnoses_by_practice_route_and_stage_are_those_of_the_record(
    nets: SafetyNets,
) -> None:
    area = nets.referrals.area
    stages = {"northern": ("60333009", "2640006"), "eastern": ("60333009",)}
    for practice, codes in stages.items():
        client = area.client(practice)
        for number, code in enumerate(codes):
            patient = await nets.person(practice)
            emergency = {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "EMER" if number else "AMB",
            }
            encounter = await client.create({
                "resourceType": "Encounter", "status": "finished", "class": emergency,
                "subject": {"reference": f"Patient/{patient}"}, "period": {"start": "2020-06-01", "end": "2020-06-01"},
                "serviceProvider": area.reference("trust" if number else practice),
                "reasonCode": [{"coding": [{"system": SUSPECTED_CANCER_SYMPTOM, "code": "haemoptysis"}]}],
            })  # fmt: skip
            await client.create({
                "resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"},
                "code": coded("363358000", "Malignant tumour of lung"), "onsetDateTime": "2020-06-10",
                "encounter": {"reference": f"Encounter/{encounter['id']}"},
                "stage": [{"summary": {"coding": [{"system": SNOMED_CT, "code": code}]}}],
            })  # fmt: skip
    network = area.client("north")
    came = await measured(network, "cancer-presentation")
    assert came.numerator == 3
    assert came.strata["category"] == {"outside-hospital": 2, "emergency": 1}
    assert {code: each["numerator"] for code, each in came.practices.items()} == {
        area.codes["northern"]: 2, area.codes["eastern"]: 1,
    }  # fmt: skip
    found = await measured(network, "recorded-cancers")
    assert found.strata["detail"] == {"2": 2, "4": 1}
    assert found.populations["found-in-emergency"] == 1
    assert {code: each["numerator"] for code, each in found.practices.items()} == {
        area.codes["northern"]: 2, area.codes["eastern"]: 1,
    }  # fmt: skip


@pytest.mark.requirement("ECD-057")
async def test_the_history_of_several_years_is_that_which_was_loaded(nets: SafetyNets) -> None:
    loaded: dict[str, list[dict[str, str]]] = {
        "2018": [{"stage": "4", "route": "emergency"}, {"stage": "3", "route": "urgent-referral"}],
        "2019": [{"stage": "1", "route": "screening"}],
        "2020": [{"stage": "1", "route": "urgent-referral"}, {"stage": "2", "route": "urgent-referral"}],
    }
    for year, cases in loaded.items():
        for case in cases:
            patient = await nets.person()
            request = await nets.practice.create({
                "resourceType": "ServiceRequest", "status": "completed", "intent": "order", "code": FAST_TRACK,
                "subject": {"reference": f"Patient/{patient}"}, "authoredOn": f"{year}-05-01",
                "requester": nets.referrals.area.reference("northern"),
            })  # fmt: skip
            assert request["id"]
            await diagnosed(nets, patient, when=f"{year}-06-01", **case)
    seen = await nets.urgent(await nets.person(), authoredOn="2020-05-11")
    await nets.step(seen, "diagnosis", **{**LUNG, "when": "2020-06-20", "first_presentation": "2020-05-01"})
    history = {
        year: await measured(nets.practice, "new-cancer-diagnoses", (f"{year}-01-01", f"{year}-06-30"))
        for year in loaded
    }
    assert {year: figure.strata["detail"] for year, figure in history.items()} == {
        "2018": {"3": 1, "4": 1}, "2019": {"1": 1}, "2020": {"1": 2, "2": 1},
    }  # fmt: skip
    assert {year: figure.strata["place"] for year, figure in history.items()} == {
        "2018": {"emergency": 1, "urgent-referral": 1}, "2019": {"screening": 1}, "2020": {"urgent-referral": 3},
    }  # fmt: skip
    assert {year: figure.populations["referrals"] for year, figure in history.items()} == {
        "2018": 2, "2019": 1, "2020": 3,
    }  # fmt: skip
    assert history["2020"].populations["interval-primary-care"] == 10
    assert history["2020"].populations["interval-hospital"] == 40


@pytest.mark.requirement("ECD-017")
async def test_every_network_of_an_alliance_stands_against_its_target(nets: SafetyNets) -> None:
    area = nets.referrals.area
    code = await alliance(nets, (70.0, "2020/21"))
    await area.affiliate("alliance", "south", (AFFILIATION_ROLE, "cancer-alliance"), period={"start": "2019-07-01"})
    southern = await area.register("southern")
    await nets.practice.caught_up()
    await many_diagnosed(nets, {"1": 6, "4": 4})
    await diagnosed(nets, southern, practice="southern", stage="2")
    contributions = {}
    for network in ("north", "south"):
        figure = await measured(area.client(network), "early-stage-diagnosis")
        assert code in figure.against["source"]
        contributions[network] = (figure.numerator, figure.value, figure.against["minimum"], figure.against["gap"])
    assert contributions == {"north": (6, 60, 70, 10), "south": (1, 100, 70, 0)}


TRAJECTORY = {"2021/22": 62.0, "2022/23": 66.0, "2023/24": 70.0}


@pytest.mark.parametrize(
    ("year", "early", "before"),
    [
        pytest.param("2021/22", 6, 5, marks=pytest.mark.requirement("ECD-027")),
        pytest.param("2022/23", 7, 6, marks=pytest.mark.requirement("ECD-034")),
        pytest.param("2023/24", 8, 7, marks=pytest.mark.requirement("ECD-038")),
    ],
)
async def test_the_trajectory_of_a_year_holds_for_the_reports_of_that_year(
    new_system: NewSystem, http: httpx.AsyncClient, year: str, early: int, before: int
) -> None:
    nets = await new_nets(http, new_system("--clock", "2024-04-02T09:00+01:00"))
    code = await alliance(nets, *((percent, each) for each, percent in TRAJECTORY.items()))
    first = int(year[:4])
    for begins, number in ((first - 1, before), (first, early)):
        await many_diagnosed(nets, {"1": number, "4": 10 - number}, date(begins, 6, 1))
    period = (f"{first}-04-01", f"{first + 1}-03-31")
    figure = await measured(nets.referrals.area.client("north"), "early-stage-diagnosis", period)
    assert (figure.value, figure.before["value"], figure.before["change"]) == (10 * early, 10 * before, 10)
    assert (figure.against["year"], figure.against["minimum"]) == (year, TRAJECTORY[year])
    assert figure.against["gap"] == max(0.0, TRAJECTORY[year] - 10 * early)
    assert code in figure.against["source"]


async def test_a_diagnosis_is_not_treated_before_it_was_made(nets: SafetyNets) -> None:
    with pytest.raises(Refused) as refused:
        await diagnosed(nets, await nets.person(), treated="2020-06-01")
    assert refused.value.status == 422
    assert "lies between the diagnosis and today" in refused.value.text
