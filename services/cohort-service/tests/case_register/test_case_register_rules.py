"""The rules of the case register at their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.case_register.baseline import last_whole_year
from cohort_service.domain.case_register.enrolment import ended, enrolled
from cohort_service.domain.case_register.entry import Asked, faults_of, status_after
from cohort_service.domain.case_register.floor import Check, Floor, check, register_floor, unplanned_admissions_floor
from cohort_service.domain.case_register.sign_off import Compiled, faults_of_agreement, faults_of_request
from cohort_service.domain.case_register.sources import RUN_SOURCES, SOURCES, rest_on_admissions_alone

TWO = Floor(Decimal(2), "003 §2.2")
TODAY = date(2020, 7, 1)


@pytest.mark.parametrize(("people", "registered", "expected"), [
    (19, 1_000, Check("below-floor", Decimal("1.90"), 1)),
    (20, 1_000, Check("met", Decimal("2.00"), 0)),
    (20, 1_001, Check("below-floor", Decimal("1.99"), 1)),
    (199_999, 10_000_000, Check("below-floor", Decimal("1.99"), 1)),
    (0, 1, Check("below-floor", Decimal("0.00"), 1)),
    (5, 0, Check("list-size-missing", None, 0)),
    (5, None, Check("list-size-missing", None, 0)),
])  # fmt: skip
def test_the_floor_is_met_at_two_percent_and_not_before(people: int, registered: int | None, expected: Check) -> None:
    assert check(people, registered, TWO) == expected


@given(st.integers(0, 3_000), st.integers(1, 100_000), st.decimals("0.1", "10", places=2))
def test_the_shortfall_is_the_fewest_people_by_whom_the_floor_is_met(
    people: int, registered: int, percent: Decimal
) -> None:
    found = check(people, registered, Floor(percent, "a test"))
    wanted = Fraction(percent) / 100
    assert (found.state == "met") == (Fraction(people, registered) >= wanted)
    if found.shortfall:
        assert Fraction(people + found.shortfall, registered) >= wanted
        assert Fraction(people + found.shortfall - 1, registered) < wanted


def test_there_is_no_floor_before_the_scheme_began() -> None:
    begins = date(2016, 10, 1)
    for floor in (register_floor, unplanned_admissions_floor):
        assert floor(begins - timedelta(days=1)) is None
        found = floor(begins)
        assert found is not None
        assert found.percent == 2
    assert check(3, 100, None) == Check("no-floor", Decimal("3.00"), 0)


@pytest.mark.parametrize(("sources", "alone"), [
    ((), True), (("admission-count",), True), (("admission-count", "unplanned-admissions-register"), True),
    (("admission-count", "risk-score"), False), (("mdt-meeting",), False),
])  # fmt: skip
def test_whether_a_register_rests_on_admissions_alone(sources: tuple[str, ...], alone: bool) -> None:
    assert rest_on_admissions_alone(sources) is alone


def test_every_reason_against_sign_off_is_told_at_once() -> None:
    assert len(faults_of_request(Compiled(3, {"admission-count"}, 2), None)) == 3
    assert len(faults_of_request(Compiled(0, set(), 0), "used")) == 1, "without people the sources do not matter"
    assert faults_of_request(Compiled(1, {"risk-score"}, 0), "used") == []
    assert faults_of_agreement(0) == []
    assert len(faults_of_agreement(1)) == 1


def _faults(decision: str, *sources: str, reason: str | None = None, meeting: str | None = None,
            standing: str | None = None) -> set[str]:  # fmt: skip
    return {name for name, _ in faults_of(Asked(decision, sources, reason, meeting, standing))}


def test_what_an_entry_needs() -> None:
    assert _faults("add") == {"source"}
    assert _faults("add", standing="candidate") == set(), "a run has named the sources"
    assert _faults("add", standing="declined") == {"source"}
    assert _faults("add", "hearsay") == {"source"}
    assert _faults("add", "mdt-meeting") == {"meeting"}
    assert _faults("add", "mdt-meeting", meeting="Encounter/1") == set()
    assert _faults("decline") == {"reason"}
    assert _faults("decline", reason="Well", standing="on-register") == {"decision"}
    assert _faults("remove", reason="Well", standing="candidate") == {"decision"}
    assert _faults("remove", reason="Well", standing="on-register") == set()
    assert _faults("perhaps") == {"decision"}
    assert [status_after(each) for each in ("add", "decline", "remove")] == ["on-register", "declined", "removed"]
    assert set(RUN_SOURCES) < set(SOURCES)


@pytest.mark.parametrize(("day", "name"), [
    (date(2016, 10, 1), "2015/16"), (date(2020, 3, 31), "2018/19"), (date(2020, 4, 1), "2019/20"),
])  # fmt: skip
def test_the_last_whole_financial_year(day: date, name: str) -> None:
    assert last_whole_year(day).name == name


def test_an_enrolment_begins_ends_and_begins_again() -> None:
    begun = enrolled(None, "1", "Organization/2", date(2020, 6, 1), TODAY)
    assert (begun["status"], begun["period"]) == ("active", {"start": "2020-06-01"})
    assert enrolled(begun, "1", "Organization/2", None, TODAY) is begun
    over = ended(begun, TODAY)
    assert (over["status"], over["period"]) == ("finished", {"start": "2020-06-01", "end": "2020-06-30"})
    again = enrolled(over, "1", "Organization/2", None, TODAY)
    assert (again["status"], again["period"]) == ("active", {"start": "2020-07-01"})
    assert ended(again, TODAY)["status"] == "cancelled", "it was taken back on the day it was said"
    assert again["id"] == begun["id"]
