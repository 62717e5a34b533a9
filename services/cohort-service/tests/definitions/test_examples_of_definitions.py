"""Each shipped definition selects the smallest person it means, and not the nearest one it does not mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import cohort_service.definitions

Examples = Mapping[str, list[dict[str, Any]]]
COHORTS = sorted(path.stem for path in Path(cohort_service.definitions.__path__[0]).glob("*.yaml"))
AS_OF = date(2020, 7, 1)


@pytest.mark.parametrize("cohort", COHORTS)
def test_a_definition_means_these_people_and_not_those(
    cohort: str, people: Any, examples_of: Callable[[str], Examples]
) -> None:
    examples = examples_of(cohort)
    assert examples["in"], "a definition needs somebody it means"
    assert examples["out"], "a definition needs somebody it nearly means"
    for example in (*examples["in"], *examples["out"]):
        people.add(example)
    assert len(set(people.names.values())) == len(people.names), "examples are told apart by `who`"
    days = {example.get("day", AS_OF) for example in (*examples["in"], *examples["out"])}
    members = {day: people.members(cohort, day) for day in days}
    excluded = {day: people.excluded(cohort, day) for day in days}
    for example in examples["in"]:
        day, who = example.get("day", AS_OF), example["who"]
        assert who in members[day], f"{who} is meant"
        if "rank" in example:
            assert members[day][who] == example["rank"], who
    for example in examples["out"]:
        day, who = example.get("day", AS_OF), example["who"]
        assert who not in members[day], f"{who} is not meant"
        told = {reason for name, reason in excluded[day] if name == who}
        assert told == ({example["because"]} if "because" in example else set()), who
