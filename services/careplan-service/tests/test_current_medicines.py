"""What a person takes now, out of everything that was stated."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.current_medicines import current_medicines, medicine
from tandem.canonical import DMD, SNOMED_CT
from tandem.clock import to_micros

NOW = to_micros(datetime(2020, 7, 1, 8, tzinfo=UTC))
AMLODIPINE, RAMIPRIL = "319283006", "318857003"


def statement(identity: str, code: str, status: str, date: str | None = "2020-06-01", **more: Any) -> dict[str, Any]:
    dated = {"dateAsserted": date} if date else {}
    return {
        "resourceType": "MedicationStatement",
        "id": identity,
        "status": status,
        "meta": {"versionId": "1", "lastUpdated": "2020-06-15T08:00:00.000Z"},
        "medicationCodeableConcept": {"coding": [{"system": DMD, "code": code}]},
        **dated,
        **more,
    }


def ids(*statements: dict[str, Any]) -> list[str]:
    return [each["id"] for each in current_medicines(statements, NOW)]


def test_the_newest_statement_of_a_medicine_decides() -> None:
    taken, stopped = statement("a", AMLODIPINE, "active"), statement("b", AMLODIPINE, "stopped", "2020-06-10")
    assert ids(taken) == ["a"]
    assert ids(taken, stopped) == []
    assert ids(taken, stopped, statement("c", AMLODIPINE, "active", "2020-06-12")) == ["c"]
    assert ids(taken, statement("d", RAMIPRIL, "active")) == ["d", "a"]


def test_a_statement_in_error_says_nothing() -> None:
    assert ids(statement("a", AMLODIPINE, "active"), statement("b", AMLODIPINE, "entered-in-error", "2020-06-10")) == [
        "a"
    ]


@pytest.mark.parametrize("status", ["completed", "intended", "stopped", "on-hold", "unknown", "not-taken"])
def test_only_active_is_taken(status: str) -> None:
    assert ids(statement("a", AMLODIPINE, status)) == []


def test_what_has_run_out_is_not_taken() -> None:
    assert ids(statement("a", AMLODIPINE, "active", effectivePeriod={"end": "2020-06-30"})) == []
    assert ids(statement("a", AMLODIPINE, "active", effectivePeriod={"end": "2020-07-01"})) == ["a"]


def test_without_a_date_of_its_own_a_statement_is_as_old_as_its_version() -> None:
    assert ids(statement("a", AMLODIPINE, "stopped", "2020-06-20"), statement("b", AMLODIPINE, "active", None)) == []
    assert ids(statement("a", AMLODIPINE, "stopped", "2020-06-10"), statement("b", AMLODIPINE, "active", None)) == ["b"]


def test_one_medicine_by_any_of_its_names() -> None:
    coded = {
        "medicationCodeableConcept": {
            "coding": [{"system": "urn:local", "code": "x"}, {"system": SNOMED_CT, "code": AMLODIPINE}]
        }
    }
    assert medicine(statement("a", AMLODIPINE, "active")) == medicine(coded)
    assert medicine({"medicationCodeableConcept": {"text": " Aspirin  75mg"}}) == medicine(
        {"medicationCodeableConcept": {"text": "aspirin 75MG"}}
    )
    contained = {
        "contained": [
            {"resourceType": "Medication", "id": "m", "code": {"coding": [{"system": DMD, "code": AMLODIPINE}]}}
        ],
        "medicationReference": {"reference": "#m"},
    }
    assert medicine(contained) == medicine(coded)
    assert medicine({"medicationReference": {"reference": "Medication/1"}}) == ("reference", "Medication/1")
    assert medicine({"id": "a"}) != medicine({"id": "b"})


stated = st.lists(
    st.builds(
        lambda number, code, status, day: statement(f"s{number}", code, status, f"2020-06-{day:02d}"),
        st.integers(0, 10**6),
        st.sampled_from([AMLODIPINE, RAMIPRIL]),
        st.sampled_from(["active", "stopped", "entered-in-error"]),
        st.integers(1, 4),
    ),
    max_size=8,
    unique_by=lambda each: each["id"],
)


@given(stated, st.randoms())
def test_the_order_in_which_statements_come_makes_no_difference(written: list[dict[str, Any]], order: Any) -> None:
    shuffled = list(written)
    order.shuffle(shuffled)
    assert current_medicines(shuffled, NOW) == current_medicines(written, NOW)
