"""The frailty index beside a clinician's word, predictions of an area's tool, and a model over wider data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.listed_people import group_of, judgement, on_list, parameters, practitioner
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

DEFICITS = (
    ("161898004", "Falls"), ("38341003", "Hypertensive disorder"), ("13645005", "COPD"),
    ("44054006", "Type 2 diabetes mellitus"), ("84114007", "Heart failure"), ("49436004", "Atrial fibrillation"),
)  # fmt: skip
MODERATE = ("925831000000107", "Moderate frailty")
COPD = ("13645005", "Chronic obstructive lung disease")
CHANGE, MODEL = "predicted-substantial-change", "wider-determinants-risk"


@pytest.fixture
async def lists(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> PracticeLists:
    """A practice in a neighbourhood of its own."""
    return await practice_lists(http, embedded)


async def frailty(client: FhirClient, patient: str) -> dict[str, list[Any]]:
    """What `$frailty` says of a person."""
    return parameters(await client.call("GET", f"Patient/{patient}/$frailty"))


@pytest.mark.requirement("AC-001")
async def test_the_frailty_index_and_its_category_are_shown_with_a_clinicians_judgement_beside_them(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    practice, person = lists.client, await lists.register("1938-01-01")
    recorded = dict(zip(DEFICITS, await lists.diagnose(person, *DEFICITS), strict=True))
    counted = await lists.identify("efi-mild", "efi-moderate")
    assert counted == {"efi-mild": 1, "efi-moderate": 0}

    found = await frailty(practice, person)
    assert (found["count"], found["outOf"], found["score"], found["band"]) == ([6], [36], [Decimal("0.17")], ["mild"])
    evidence = {each["name"][0]: each["evidence"][0]["reference"][0]["reference"] for each in found["deficit"]}
    assert set(evidence.values()) == set(recorded.values()), "each deficit by the record that says so"
    assert "confirmed" not in found
    assert "judgement" not in found
    [listed] = parameters(await practice.call("GET", "Patient/$frailty?band=mild"))["person"]
    assert (listed["patient"], listed["score"]) == ([{"reference": f"Patient/{person}"}], [Decimal("0.17")])

    observed = await lists.observe(person, MODERATE)
    author = await practitioner(practice, "Bell")
    reason = "Walks to the shops each day"
    await practice.call("POST", "Group/$judge", judgement(person, "remove", author, cohort="efi-mild", reason=reason))
    await practice.caught_up()
    found = await frailty(practice, person)
    assert (found["count"], found["band"]) == ([6], ["mild"]), "a clinician's word changes no count"
    [confirmed] = found["confirmed"]
    assert confirmed["degree"] == ["moderate"]
    assert confirmed["evidence"][0]["reference"] == [{"reference": observed}]
    [word] = found["judgement"]
    assert (word["cohort"], word["decision"], word["reason"]) == (["efi-mild"], ["remove"], [reason])
    for role, status in (("other", 404), ("commissioner", 404)):
        with pytest.raises(Refused) as refused:
            await frailty(lists.here.client(http, role), person)
        assert refused.value.status == status, role


async def test_the_band_of_nearly_everybody_is_kept_as_no_list_and_found_all_the_same(lists: PracticeLists) -> None:
    practice = lists.client
    fit = [await lists.register(born) for born in ("1938-01-01", "1945-01-01")]
    young, mild = await lists.register("1990-01-01"), await lists.register("1940-01-01")
    await lists.diagnose(mild, *DEFICITS)
    for person in (*fit, young, mild):
        await lists.diagnose(person, COPD, ("38341003", "Hypertensive disorder"))
    assert (await lists.identify("efi-fit"))["efi-fit"] >= 2, "a run counts it"
    assert await practice.search("Group?code=efi-fit") == []

    async def banded(query: str = "") -> list[str]:
        said = parameters(await practice.call("GET", f"Patient/$frailty{query}"))
        return [each["patient"][0]["reference"].removeprefix("Patient/") for each in said.get("person", [])]

    of_band = await banded("?band=fit")
    assert set(fit) <= set(of_band)
    assert not {young, mild} & set(of_band)
    everybody = await banded()
    assert set(everybody) == {*of_band, *await banded("?band=mild")}
    assert everybody == sorted(everybody)
    paged = [each for offset in range(len(everybody)) for each in await banded(f"?_count=1&_offset={offset}")]
    assert paged == everybody

    group = await group_of(practice, "multimorbidity")
    several = set(await on_list(practice, group))
    assert {*fit, young, mild} <= several
    for name in ("segment", "need"):
        assert set(await on_list(practice, group, f"{name}=efi-fit")) == several & set(of_band)
        assert set(await on_list(practice, group, f"{name}=efi-fit&{name}=efi-mild")) == set()
    assert "efi-fit" not in str(await practice.call("GET", f"Patient/{fit[0]}/$cohorts"))
    author = await practitioner(practice, "Bell")
    for method, path, body, status in (
        ("GET", "Group/$members?cohort=efi-fit", None, 400),
        ("POST", "Group/$judge", judgement(fit[0], "add", author, cohort="efi-fit"), 422),
    ):
        with pytest.raises(Refused) as refused:
            await practice.call(method, path, body)
        assert refused.value.status == status
        assert "kept as a list" in str(refused.value.outcome)


@pytest.mark.requirement("AC-011")
async def test_predictions_of_an_areas_tool_show_on_the_person_with_interventions_and_drive_a_run(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    practice, tool = lists.client, lists.here.client(http, "network")
    person, other = lists.here.person, await lists.register()
    posted = await tool.create(prediction(person, 3))
    await tool.create(prediction(other, 14))
    assert (await lists.identify(CHANGE)) == {CHANGE: 1}
    [shown] = await practice.search(f"RiskAssessment?subject=Patient/{person}")
    assert shown["id"] == posted["id"]
    assert shown["mitigation"] == "Falls assessment; social prescribing"
    assert shown["prediction"][0]["probabilityDecimal"] == Decimal("0.7")
    on = parameters(await practice.call("GET", f"Patient/{person}/$cohorts"))["membership"]
    [change] = [each for each in on if each["cohort"][0]["code"] == CHANGE]
    assert change["evidence"][0]["reference"] == [{"reference": f"RiskAssessment/{posted['id']}"}]
    assert await lists.listed(CHANGE) == [person]


def prediction(person: str, months: int) -> Resource:
    """A prediction of a population health management tool, with the interventions that it suggests."""
    high = {"value": months, "unit": "mo", "system": "http://unitsofmeasure.org", "code": "mo"}
    return {
        "resourceType": "RiskAssessment", "status": "final", "subject": {"reference": f"Patient/{person}"},
        "occurrenceDateTime": "2020-07-01", "method": {"text": "Population health management tool of the ICS"},
        "prediction": [{
            "outcome": {"text": "Substantial change of needs"}, "probabilityDecimal": 0.7, "whenRange": {"high": high},
        }],
        "mitigation": "Falls assessment; social prescribing",
    }  # fmt: skip


@pytest.mark.requirement("AC-014")
async def test_housing_and_education_data_change_the_scores_and_unmatched_rows_are_reported(
    lists: PracticeLists,
) -> None:
    practice, here = lists.client, lists.here
    await lists.diagnose(here.person, COPD)
    assert (await lists.identify(MODEL)) == {MODEL: 0}
    unknown = "9999999999"
    housing = await taken_over(practice, "Housing data", f"{here.nhs_number},cold-or-damp\n{unknown},homeless\n")
    assert housing["matched"] == [1]
    [unmatched] = housing["unmatched"]
    assert unmatched["line"] == [3]
    assert unknown not in str(housing)
    assert (await lists.identify(MODEL)) == {MODEL: 1}
    assert await score(practice) == {here.person: (20, {"A home that harms health": 20})}
    education = await taken_over(practice, "Education data", f"{here.nhs_number},low-literacy\nnobody,low-literacy\n")
    assert [each["line"] for each in education["unmatched"]] == [[3]]
    await practice.caught_up()
    because = {"A home that harms health": 20, "Needs known to education services": 10}
    assert await score(practice) == {here.person: (30, because)}
    why = parameters(await practice.call(
        "GET", f"{await group_of(practice, MODEL)}/$explain?patient=Patient/{here.person}"
    ))  # fmt: skip
    assert {each["text"][0]: each["points"][0] for each in why["because"]} == because


async def taken_over(practice: FhirClient, source: str, rows: str) -> dict[str, list[Any]]:
    """What importing a source's rows of NHS number and finding answered."""
    tool = {"tool": source, "toolVersion": "2020-06"}
    await practice.call("POST", "Group/$register-tool", texts(**tool))
    asked = texts(**tool, dataDate="2020-06-30", rows=f"NHS number,Finding\n{rows}")
    return parameters(await practice.call("POST", "Group/$import-audit", asked))


async def score(practice: FhirClient) -> dict[str, tuple[int, dict[str, int]]]:
    """Patient id -> the score of the model, and what makes it up."""
    return {
        patient: (each["rank"][0], {one["text"][0]: one["points"][0] for one in each.get("because", [])})
        for patient, each in (await on_list(practice, await group_of(practice, MODEL))).items()
    }


def texts(**given: str) -> Resource:
    """Parameters of texts."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": value} for name, value in given.items()],
    }
