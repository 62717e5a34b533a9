"""What definitions refer to must exist, and none may refer back to itself."""

from __future__ import annotations

import pytest

from cohort_service.domain.definition_language.check import check_definitions
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import DefinitionError, parse_definition

TEXT = """\
id: {id}
version: "1"
title: Frail people
description: Frail people.
service: AC
status: local
source: A specification, paragraph 1
members:
  all:
    - {criterion}
"""


def definition(name: str, criterion: str) -> CohortDefinition:
    return parse_definition(TEXT.format(id=name, criterion=criterion), f"{name}.yaml")


def told(*definitions: CohortDefinition) -> list[tuple[str, int, str]]:
    with pytest.raises(DefinitionError) as caught:
        check_definitions(definitions, {"frailty-severe", "smoking"}, {"efi"})
    return [(problem.file, problem.line, problem.message) for problem in caught.value.problems]


def test_known_names_pass() -> None:
    check_definitions(
        [
            definition("a", "recorded: {any_of: [smoking]}"),
            definition("b", "any: [{cohort: a}, {categories: {group: efi, at_least: 1, plus: [{cohort: a}]}}]"),
            definition("c", "any: [{cohort: a}, {cohort: b}]"),
        ],
        {"smoking"}, {"efi"},
    )  # fmt: skip


def test_every_unknown_name_is_told_with_what_was_perhaps_meant() -> None:
    made = [
        definition("a", "recorded: {any_of: [frailty-sever]}"),
        definition("b", "categories: {group: elf, at_least: 1}"),
        definition("c", "not: {cohort: nobody}"),
    ]
    assert told(*made) == [
        ("a.yaml", 10, "unknown value set: frailty-sever"),
        ("b.yaml", 10, "unknown group of value sets: elf"),
        ("c.yaml", 10, "unknown cohort: nobody"),
    ]
    with pytest.raises(DefinitionError, match="perhaps frailty-severe"):
        check_definitions(made, {"frailty-severe"}, {"efi"})


@pytest.mark.parametrize(
    ("links", "cycle"),
    [
        ({"a": "a"}, "a -> a"),
        ({"a": "b", "b": "c", "c": "b"}, "b -> c -> b"),
        ({"a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a"),
    ],
)
def test_a_cycle_is_named(links: dict[str, str], cycle: str) -> None:
    made = [definition(name, f"not: {{cohort: {other}}}") for name, other in links.items()]
    assert told(*made) == [(f"{cycle[0]}.yaml", 10, f"a cycle of cohorts: {cycle}")]


def test_an_id_that_stands_twice_is_told() -> None:
    twice = [definition("a", "sex: male"), definition("a", "sex: female")]
    assert told(*twice) == [("a.yaml", 1, "the id stands in two definitions")]
