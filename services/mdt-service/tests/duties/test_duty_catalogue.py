"""The shipped catalogue and policy, and how days follow from phases."""

from __future__ import annotations

from datetime import date

import pytest

from mdt_service.domain.duties.catalogue import catalogue_of
from mdt_service.domain.duties.chasing import policy_on
from mdt_service.domain.duties.phase import Phase, days_of_phase
from mdt_service.duties.shipped_catalogue import catalogue, chasing_policies
from tandem.identity.organisations import KINDS


@pytest.mark.parametrize(
    ("phase", "days"),
    [
        ("2020/21", Phase(date(2020, 4, 1), date(2021, 3, 31))),
        ("2020/21 to 2023/24", Phase(date(2020, 4, 1), date(2021, 3, 31), date(2024, 3, 31))),
        ("2016-18", Phase(date(2016, 4, 1), date(2018, 3, 31))),
        ("2020-06-30", Phase(date(2020, 4, 1), date(2020, 6, 30))),
        ("2021-01-31", Phase(date(2020, 4, 1), date(2021, 1, 31))),
        ("2020-04", Phase(date(2020, 4, 1), date(2020, 4, 30))),
        ("2020-02", Phase(date(2020, 2, 1), date(2020, 2, 29))),
        ("2019-12", Phase(date(2019, 12, 1), date(2019, 12, 31))),
        ("2020", Phase(date(2020, 1, 1), date(2020, 12, 31))),
        ("yearly", Phase(date(2016, 4, 1), date(2017, 3, 31), date(2018, 3, 31))),
    ],
)
def test_days_follow_from_the_phase(phase: str, days: Phase) -> None:
    assert days_of_phase(phase) == days


@pytest.mark.parametrize("phase", ["future", "", "2020/22", "soon"])
def test_a_phase_without_days_is_refused(phase: str) -> None:
    with pytest.raises(ValueError, match=r"phase|financial year"):
        days_of_phase(phase)


def test_every_duty_can_be_given_and_evidenced() -> None:
    for duty in catalogue().duties.values():
        assert set(duty.given_to) <= KINDS
        assert duty.first <= duty.due
        assert duty.shown_by.endswith(".")
        assert set(duty.evidence) <= set(catalogue().kinds)


def test_a_year_has_what_has_a_day_in_it() -> None:
    def given(year: str) -> set[str]:
        return {each.duty.requirement for each in catalogue().in_force(year)}

    assert given("2016/17") == {
        "PCPC-026", "PCPC-029", "PCPC-030", "PCPC-040", "PCPC-042", "PCPC-073", "PCPC-119", "PCPC-122",
    }  # fmt: skip
    assert {"PCPC-002", "PCPC-122"} <= given("2017/18")
    assert {"PCN-042", "ECD-016", "EHCH-070"} <= given("2023/24")
    assert given("2024/25") == {"EHCH-070"}
    assert given("2018/19") == set()


@pytest.mark.parametrize(
    "wrong",
    [{"evidence": ["gossip"]}, {"evidence": []}, {"first_day": date(2022, 1, 1)}],
)
def test_a_catalogue_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    row = {
        "id": "X-1", "version": 1, "service": "PC", "actor": "PCN", "given_to": ["network"], "per": "organisation",
        "text": "Walk", "source": "000", "first_day": date(2020, 4, 1), "due_day": date(2021, 3, 31), "repeat": "none",
        "evidence": ["document"], "shown_by": "A path.",
    }  # fmt: skip
    told = {
        "version": "1", "from": date(2020, 1, 1), "duties": [row],
        "evidence_kinds": {"document": {"says": "a document", "references": ["DocumentReference"]}},
    }  # fmt: skip
    assert catalogue_of(told).duties["X-1"].due == date(2021, 3, 31)
    with pytest.raises(ValueError, match=r"X-1|twice"):
        catalogue_of(told | {"duties": [row | wrong]})
    with pytest.raises(ValueError, match="twice"):
        catalogue_of(told | {"duties": [row, row]})


def test_reminders_that_have_passed_are_not_sent_and_a_late_duty_has_grace() -> None:
    policy = policy_on(chasing_policies(), date(2020, 7, 1))
    due = date(2020, 9, 30)
    assert policy.reminders(due, date(2020, 7, 1)) == [(28, date(2020, 9, 2)), (7, date(2020, 9, 23))]
    assert policy.reminders(due, date(2020, 9, 10)) == [(7, date(2020, 9, 23))]
    assert policy.escalations("network", due, date(2020, 7, 1)) == [(0, date(2020, 10, 1)), (1, date(2020, 11, 26))]
    assert policy.escalations("practice", date(2020, 6, 30), date(2020, 7, 1))[0] == (0, date(2020, 7, 16))
    assert policy.escalations("national-body", due, date(2020, 7, 1)) == []
    assert policy.escalations("network", date.max, date(2020, 7, 1))[0] == (0, date.max)
    assert policy.reminders(date.min, date(2020, 7, 1)) == []
    assert policy_on(chasing_policies(), date(1990, 1, 1)) is chasing_policies()[0]
