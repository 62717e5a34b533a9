"""Versions of requirements, from which day they are in force, and what counts towards them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.requirements.contact import counts
from cohort_service.domain.requirements.leads import is_led
from cohort_service.domain.requirements.phase import NEVER, first_day
from cohort_service.domain.requirements.plan_definition import plan_definition
from cohort_service.domain.requirements.requirement import Amendment, Requirement, StaffCohort, amended, references
from cohort_service.domain.requirements.training import TRAINING_SYSTEM, cohort_of, is_trained
from cohort_service.requirements_catalogue.in_force import all_in_force, requirement_in_force
from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements
from cohort_service.requirements_catalogue.versions import keep_version, version_on, versions_of
from tandem.database.connection import UniqueViolation
from tandem.london_days import day_number
from tandem_tests.small_work import SmallWork

FIRST = Requirement("PC-022", 1, "PC", "PCN", "requirement", "Train.", ("000",), date(2021, 4, 1))
COACH = StaffCohort("urn:role", "coach")


@pytest.mark.parametrize(
    ("phase", "day"),
    [
        ("2020/21", date(2020, 4, 1)), ("2020-06-30", date(2020, 6, 30)), ("2020-04", date(2020, 4, 1)),
        ("2020", date(2020, 1, 1)), ("2020/21 to 2023/24", date(2020, 4, 1)), ("2016-18", date(2016, 4, 1)),
        ("2021/22 onward", date(2021, 4, 1)), ("baseline 2019/20", date(2019, 4, 1)), ("future", NEVER),
        ("before start", None), ("all", None), ("yearly", None), ("2016-10 to 2017-03", date(2016, 10, 1)),
    ],
)  # fmt: skip
def test_the_first_day_of_a_phase(phase: str, day: date | None) -> None:
    assert first_day(phase) == day


def test_references_name_the_document_and_the_paragraph() -> None:
    first, second = references("000 §3.16 r4 community; 001")
    assert first.endswith("(December 2019), paragraph 3.16 r4 community")
    assert second.endswith("(December 2019)")


def test_a_new_version_keeps_what_it_does_not_change() -> None:
    second = amended(FIRST, Amendment(date(2021, 4, 1), staff=(COACH,)))
    assert (second.version, second.staff, second.text, second.evidence) == (2, (COACH,), "Train.", ("000",))
    third = amended(second, Amendment(date(2022, 4, 1), digital=True, staff=(COACH,)))
    assert (third.version, third.staff, third.digital) == (3, (COACH,), True)
    assert third.canonical.endswith("/PlanDefinition/PC-022|3")


@pytest.mark.parametrize(
    "change",
    [Amendment(date(2023, 4, 1)), Amendment(date(2023, 4, 1), staff=(COACH,)),
     Amendment(date(2023, 4, 1), text="Train."), Amendment(date(2021, 3, 31), text="Train more.")],
)  # fmt: skip
def test_a_version_that_changes_nothing_or_begins_too_early_is_refused(change: Amendment) -> None:
    second = amended(FIRST, Amendment(date(2021, 4, 1), staff=(COACH,)))
    with pytest.raises(ValueError, match=r"version|text"):
        amended(second, change)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=6).map(sorted), st.integers(-10, 420))
def test_the_version_on_a_day_is_the_last_that_has_begun(offsets: list[int], offset: int) -> None:
    base = date(2021, 4, 1)
    versions = [FIRST]
    for number, each in enumerate(offsets):
        starts = date.fromordinal(base.toordinal() + each)
        versions.append(amended(versions[-1], Amendment(starts, text=f"Text {number}")))
    day = date.fromordinal(base.toordinal() + offset)
    found = version_on(versions, day_number(day))
    begun = [each for each in versions if each.starts is not None and each.starts <= day]
    assert found == (begun[-1] if begun else FIRST)


@pytest.mark.parametrize(
    ("code", "status", "digital", "answer"),
    [("VR", "finished", True, True), ("VR", "finished", False, False), ("HH", "finished", False, True),
     ("AMB", "cancelled", True, False), ("VR", "entered-in-error", True, False), ("VR", "planned", True, False)],
)  # fmt: skip
def test_a_contact_at_a_distance_counts_where_digital_delivery_is_allowed(
    code: str, status: str, digital: bool, answer: bool
) -> None:
    requirement = amended(FIRST, Amendment(date(2021, 4, 1), text="By video", digital=digital))
    assert counts({"status": status, "class": {"code": code}}, requirement)[0] is answer


@pytest.mark.parametrize(
    ("more", "inside"),
    [({}, True), ({"active": False}, False), ({"period": {"start": "2021-05-02"}}, False),
     ({"period": {"end": "2021-05-01"}}, True), ({"period": {"end": "2021-04-30"}}, False), ({"code": []}, False)],
)  # fmt: skip
def test_a_role_belongs_to_a_cohort_while_it_lasts(more: dict[str, Any], inside: bool) -> None:
    role = {"code": [{"coding": [{"system": "urn:role", "code": "coach"}]}], **more}
    assert (cohort_of(role, (COACH,), date(2021, 5, 1)) == COACH) is inside


def test_training_counts_from_its_day_for_its_own_duty() -> None:
    trained = {"qualification": [{
        "code": {"coding": [{"system": TRAINING_SYSTEM, "code": "PC-022"}]}, "period": {"start": "2021-05-01"},
    }]}  # fmt: skip
    assert is_trained(trained, "PC-022", date(2021, 5, 1))
    assert not is_trained(trained, "PC-022", date(2021, 4, 30))
    assert not is_trained(trained, "PC-028", date(2022, 5, 1))
    assert not is_trained(None, "PC-022", date(2021, 5, 1))


def test_parts_of_personalised_care_are_led_with_it() -> None:
    assert is_led("PAM", {"PC"})
    assert is_led("SMR", {"SMR"})
    assert not is_led("EHCH", {"SMR", "PC"})


def test_a_definition_without_a_day_has_no_period() -> None:
    assert "effectivePeriod" not in plan_definition(Requirement("X", 1, "PC", "PCN", "ask", "?", ("000",), NEVER))


async def switch(work: SmallWork, network: str, requirement: str, day: date, on: bool) -> None:
    await work.connection.execute(
        "INSERT INTO requirement_switch (organisation, requirement, first_day, switched_on, made, made_by)"
        " VALUES ($1, $2, $3, $4, 0, 'T0001')", network, requirement, day_number(day), int(on),
    )  # fmt: skip


async def test_the_last_switch_decides_for_its_network_alone(work: SmallWork) -> None:
    await switch(work, "U1", "PC-022", date(2020, 7, 10), True)
    await switch(work, "U1", "PC-022", date(2020, 9, 1), False)
    days = [date(2020, 7, 9), date(2020, 7, 10), date(2020, 8, 31), date(2020, 9, 1), date(2021, 4, 1)]

    async def on(network: str) -> list[bool]:
        return [await requirement_in_force(work.connection, "PC-022", network, day_number(day)) for day in days]

    assert await on("U1") == [False, True, True, False, False]
    assert await on("U2") == [False, False, False, False, True]
    for day in days:
        versions = [[each] for each in shipped_requirements().values()]
        found = await all_in_force(work.connection, versions, "U1", day_number(day))
        assert ("PC-022" in {each[0].id for each in found}) is (await on("U1"))[days.index(day)]
    with pytest.raises(LookupError):
        await requirement_in_force(work.connection, "PC-999", "U1", 0)


async def test_versions_are_kept_whole_and_one_number_is_given_once(work: SmallWork) -> None:
    first = shipped_requirements()["PC-022"]
    second = amended(first, Amendment(date(2021, 4, 1), "Train.", ("A study",), True, (COACH,)))
    await keep_version(work.connection, second, 0, "T0001")
    assert await versions_of(work.connection, "PC-022") == [first, second]
    assert await versions_of(work.connection, "PC-999") == []
    with pytest.raises(UniqueViolation):
        await keep_version(work.connection, second, 0, "T0001")
