"""What records of hospitals, deaths, costs, stories, and reported figures say that measures count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.discharges import read_day_91_status, read_discharge
from metrics_service.domain.facts.figures import figures_of
from metrics_service.domain.facts.immunisations import read_immunisation
from metrics_service.domain.facts.patient_stories import read_patient_story
from metrics_service.domain.facts.places_of_death import read_place_of_death
from metrics_service.domain.facts.prescription_costs import read_prescription_cost
from tandem.canonical import DOCUMENT_KIND, NET_INGREDIENT_COST, ODS_CODE, READY_FOR_DISCHARGE, SYSTEM_INDICATOR
from tandem.events.event import Event

EVENT = Event("e", "fhir.Encounter.create", "cohort-service", datetime(2020, 7, 1, tzinfo=UTC), author="R0A01")


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def stay(ready: str | None = "2020-06-10", **more: Any) -> dict[str, Any]:
    extension = [] if ready is None else [{"url": READY_FOR_DISCHARGE, "valueDate": ready}]
    return {
        "resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"}, "extension": extension,
        "period": {"start": "2020-06-01", "end": "2020-06-12T14:00:00+01:00"},
        "hospitalization": {"dischargeDisposition": coded("urn:dispositions", "reablement")},
        "serviceProvider": {"identifier": {"system": ODS_CODE, "value": "R0A01"}}, **more,
    }  # fmt: skip


def test_a_discharge_says_where_to_and_how_long_it_was_waited_for() -> None:
    [fact] = read_discharge(stay(), EVENT)
    assert (fact.first, fact.category, fact.value, fact.organisation, fact.group) == (
        day("2020-06-12"), "reablement", 2.0, "R0A01", "Encounter/e1",
    )  # fmt: skip
    for ready in (None, "2020-06-13", "later"):
        [unsaid] = read_discharge(stay(ready), EVENT)
        assert unsaid.value is None, ready


@pytest.mark.parametrize("more", [{"status": "in-progress"}, {"class": {"code": "AMB"}}, {"period": {}}])
def test_no_discharge(more: dict[str, Any]) -> None:
    assert not list(read_discharge(stay(**more), EVENT))


def observed(code: str, **more: Any) -> dict[str, Any]:
    return {"code": coded(SYSTEM_INDICATOR, code), "effectiveDateTime": "2020-09-11", **more}


@pytest.mark.parametrize(("home", "status"), [(True, "home"), (False, "elsewhere")])
def test_where_somebody_was_on_day_91(home: bool, status: str) -> None:
    said = observed("at-home-91-days-after-discharge", encounter={"reference": "Encounter/e1"}, valueBoolean=home)
    [fact] = read_day_91_status(said, EVENT)
    assert (fact.status, fact.group) == (status, "Encounter/e1")
    assert not list(read_day_91_status({**said, "encounter": None}, EVENT))


@pytest.mark.parametrize(
    ("code", "category"), [("preferred-place-of-death", "preferred"), ("place-of-death", "actual")]
)
def test_wished_and_actual_place_of_death(code: str, category: str) -> None:
    [fact] = read_place_of_death(observed(code, valueCodeableConcept=coded(SYSTEM_INDICATOR, "home")), EVENT)
    assert (fact.category, fact.detail) == (category, "home")
    assert not list(read_place_of_death(observed(code), EVENT))


def costed(currency: str, **more: Any) -> dict[str, Any]:
    money = {"url": NET_INGREDIENT_COST, "valueMoney": {"value": 12.34, "currency": currency}}
    return {
        "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": "2020-06-01",
        "extension": [money], **more,
    }  # fmt: skip


def test_what_a_prescription_cost_in_pounds() -> None:
    [fact] = read_prescription_cost(costed("GBP"), EVENT)
    assert fact.value == 12.34
    assert not list(read_prescription_cost(costed("EUR"), EVENT))
    assert not list(read_prescription_cost({**costed("GBP"), "extension": []}, EVENT))


@pytest.mark.parametrize("more", [{"status": "draft"}, {"status": "cancelled"}, {"intent": "plan"}])
def test_what_was_not_issued_cost_nothing(more: dict[str, str]) -> None:
    assert not list(read_prescription_cost({**costed("GBP"), **more}, EVENT))


def test_an_order_that_was_stopped_later_had_its_cost() -> None:
    assert [fact.value for fact in read_prescription_cost(costed("GBP", status="stopped"), EVENT)] == [12.34]


def test_a_story_counts_and_is_not_copied() -> None:
    document = {"status": "current", "type": coded(DOCUMENT_KIND, "patient-story"), "date": "2020-06-01T10:00:00Z",
                "description": "How it was for me"}  # fmt: skip
    [fact] = read_patient_story(document, EVENT)
    assert (fact.kind, fact.first, fact.detail, fact.codings) == ("patient-story", day("2020-06-01"), None, ())
    assert not list(read_patient_story({**document, "status": "superseded"}, EVENT))


def test_an_immunisation_counts_once_it_was_given() -> None:
    given = {"status": "completed", "vaccineCode": coded("urn:v", "flu"), "occurrenceDateTime": "2020-10-01"}
    [fact] = read_immunisation(given, EVENT)
    assert fact.codings == ("urn:v|flu",)
    assert not list(read_immunisation({**given, "status": "not-done"}, EVENT))


def report(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MeasureReport", "id": "m1", "type": "summary", "status": "complete",
        "measure": "https://tandem.example/fhir/Measure/gp-patient-survey|2019",
        "subject": {"identifier": {"system": ODS_CODE, "value": "Y90001"}},
        "period": {"start": "2019-01-01", "end": "2019-12-31"},
        "group": [{
            "population": [{"code": coded("urn:p", "good"), "count": 82}, {"code": coded("urn:p", "bad")}],
            "measureScore": {"value": 82.5},
        }],
        **more,
    }  # fmt: skip


def test_a_reported_figure_names_its_measure_whose_it_is_and_who_reports_it() -> None:
    facts = list(figures_of(report(), "Q99"))
    assert [(fact.category, fact.detail, fact.value) for fact in facts] == [
        ("gp-patient-survey", "good", 82.0), ("gp-patient-survey", "measure-score", 82.5),
    ]  # fmt: skip
    assert {(fact.organisation, fact.place, fact.first, fact.last) for fact in facts} == {
        ("Y90001", "Q99", day("2019-01-01"), day("2020-01-01"))
    }


@pytest.mark.parametrize("more", [{"type": "individual"}, {"status": "pending"}, {"period": {}}, {"measure": None}])
def test_what_is_no_figure(more: dict[str, Any]) -> None:
    assert not list(figures_of(report(**more), "Q99"))
