"""When a record happened, what it was in one line, and the order that follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.fhir.clinical_dates import CLINICAL_DATE, clinical_date
from tandem.fhir.clinical_text import CLINICAL_TEXT, clinical_text
from tandem.fhir.compartments import PATIENT_ELEMENT
from tandem.fhir.search.dates import date_range
from tandem.fhir.timeline_order import entered_in_error, place_of, within


def record(kind: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": "1", "meta": {"lastUpdated": "2020-07-01T09:00:00Z"}, **elements}


def test_every_type_of_a_persons_record_has_its_date_and_its_line() -> None:
    assert set(CLINICAL_DATE) == set(PATIENT_ELEMENT) == set(CLINICAL_TEXT)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (record("Condition", onsetDateTime="2015", recordedDate="2020-01-01"), "2015"),
        (record("Condition", onsetAge={"value": 50}, recordedDate="2020-01-01"), "2020-01-01"),
        (record("Encounter", period={"start": "2020-01-01", "end": "2020-01-09"}), "2020-01-01"),
        (record("Encounter", period={"end": "2020-01-09"}), "2020-01-09"),
        (record("Composition", event=[{}, {"period": {"start": "2019"}}], date="2020-01-01"), "2019"),
        (record("Observation", effectiveTiming={"event": ["2020-02-02"]}), "2020-02-02"),
        (record("MedicationStatement", dateAsserted="2020-07-02"), "2020-07-02"),
        (record("Goal"), None),
        (record("Patient", birthDate="1950-01-01"), None),
    ],
)
def test_a_record_is_dated_by_what_it_tells_and_never_by_when_it_was_written(resource: Any, expected: Any) -> None:
    assert clinical_date(resource) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (record("Task", code={"text": "Weight\n  today", "coding": [{"display": "Weight"}]}), "Weight today"),
        (record("Flag", code={"coding": [{"code": "1"}, {"code": "2", "display": "Falls"}]}), "Falls"),
        (record("Observation", code={"coding": [{"code": "27113001"}]}), "27113001"),
        (record("Encounter", **{"class": {"code": "AMB"}}), "AMB"),
        (record("MedicationRequest", medicationReference={"display": "A tablet"}), "A tablet"),
        (record("CarePlan", title=" ", category=[{"text": "Shared plan"}]), "Shared plan"),
        (record("Task"), None),
    ],
)
def test_the_line_is_in_the_words_of_the_record(resource: Any, expected: Any) -> None:
    assert clinical_text(resource) == expected


@pytest.mark.parametrize("element", [
    {"status": "entered-in-error"}, {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
])  # fmt: skip
def test_what_was_entered_in_error_did_not_happen(element: dict[str, Any]) -> None:
    assert entered_in_error(record("Condition", **element))
    assert not entered_in_error(record("Condition", status="final", verificationStatus={"text": "confirmed"}))


def test_a_span_holds_dates_that_meet_it_and_nothing_without_a_date() -> None:
    start, end = date_range("2020-03-01")[0], date_range("2020-03-31")[1]
    dated = [record("Consent", dateTime=day) for day in ("2020", "2020-03", "2020-03-31", "2020-02-29", "2020-04-01")]
    assert [within(each, start, end) for each in dated] == [True, True, True, False, False]
    assert not within(record("Consent"), start, None)
    assert within(record("Consent"), None, None)
    assert within(record("Patient"), start, end)


DAYS = st.dates().map(lambda day: day.isoformat())
RECORDS = st.lists(
    st.tuples(st.sampled_from(["Task", "Consent", "Patient"]), st.none() | DAYS), max_size=12
).map(lambda rows: [
    {"resourceType": kind, "id": str(number), **({"authoredOn": day, "dateTime": day} if day else {})}
    for number, (kind, day) in enumerate(rows)
])  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS, st.booleans())
def test_the_order_is_total_with_the_person_first_and_the_undated_last(records: Any, oldest_first: bool) -> None:
    placed = sorted(records, key=lambda each: place_of(each, oldest_first=oldest_first))
    places = [place_of(each, oldest_first=oldest_first) for each in placed]
    assert len(set(places)) == len(records)
    ranks = [0 if each["resourceType"] == "Patient" else 1 if "authoredOn" in each else 2 for each in placed]
    assert ranks == sorted(ranks)
    days = [each["authoredOn"] for each, rank in zip(placed, ranks, strict=True) if rank == 1]
    assert days == sorted(days, reverse=not oldest_first)
