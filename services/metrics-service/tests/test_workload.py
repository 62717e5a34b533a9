"""What a target asks for in hours, and how far staff go."""

from __future__ import annotations

from typing import Any

import pytest

from metrics_service.domain.measures.definition import Definition, Target
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.phase_review.workload import HOURS_OF_A_POST, Load, load_of, together

TARGET = Target("2020/21", 5, 10, "5.6")


def definition(**words: Any) -> Definition:
    shape: dict[str, Any] = {
        "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PC", "source": "none",
        "requirements": ["PC-000"], "responsible": "network", "unit": "per-1000-weighted",
        "numerator": {"fact": "plan"}, "denominator": "weighted-list",
        "workload": {"minutes": 90, "roles": ["a", "b"], "source": "ours"}, **words,
    }  # fmt: skip
    return Reading(shape).definition()


@pytest.mark.parametrize(
    ("unit", "denominator", "needed"),
    [("per-1000-weighted", 50_000.0, 250), ("per-1000-weighted", 50_001.0, 251), ("per-1000-weighted", None, None),
     ("percent", 40.0, 2), ("things", None, 5)],
)  # fmt: skip
def test_what_the_least_of_a_target_comes_to(unit: str, denominator: float | None, needed: int | None) -> None:
    assert load_of(definition(unit=unit), TARGET, denominator, {}).needed == needed


def test_hours_of_the_roles_that_do_it() -> None:
    load = load_of(definition(), TARGET, 1_000, {"a": 0.001, "b": 0.002, "c": 5})
    assert load.hours == 7.5
    assert load.available == pytest.approx(0.003 * HOURS_OF_A_POST)
    assert load.short == pytest.approx(7.5 - 0.003 * HOURS_OF_A_POST)
    assert load_of(definition(), TARGET, 1_000, {"a": 1}).short == 0
    assert load_of(definition(workload=None), TARGET, 1_000, {"a": 1}) == Load(5, None, None)
    assert load_of(definition(), Target("2020/21", None, 3, ""), 1_000, {}).short is None, "nothing is asked for"


def test_the_hours_of_a_role_count_once_for_all_targets() -> None:
    other = definition(workload={"minutes": 60, "roles": ["b"]})
    staff = {"a": 1.0, "b": 2.0}
    loads = [(each, load_of(each, TARGET, 1_000, staff)) for each in (definition(), other)]
    assert together(loads, staff) == Load(None, 12.5, 3 * HOURS_OF_A_POST)
    unknown = (other, load_of(other, TARGET, None, staff))
    assert together([*loads, unknown], staff).hours is None, "what is not known adds up to nothing known"


@pytest.mark.parametrize("wrong", [{"minutes": 5}, {"roles": ["a"]}, {"minutes": 5, "roles": ["a"], "staff": "b"}])
def test_a_workload_names_minutes_and_roles(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionFault):
        definition(workload=wrong)
