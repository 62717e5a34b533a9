"""Definitions as large and as many as they may be: every engine takes the statement that they become."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import pytest

from cohort_service.domain.definition_language.criteria import MOST_CRITERIA
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.selection.compile import excluded_sql, members_sql, ranked_sql
from cohort_service.selection.evidence import evidence_of_members_sql
from cohort_service.selection.explain import explain
from cohort_service.selection.selection import Selection, Variant
from tandem_tests.databases import NewDatabase
from tandem_tests.random_cohorts import Example
from tandem_tests.reference_selection import Row, Somebody
from tandem_tests.selection_engines import Engine, engines, fill

AS_OF = date(2020, 7, 1)
TODAY = 18444
TEXT = """\
id: {name}
version: "1"
title: Some people
description: Some people.
service: AC
status: mandatory
source: A specification
members:
  {members}
"""
VALUE_SETS = {f"v{number}": (number,) for number in range(1, MOST_CRITERIA)}
MANY = 1_100
"""More definitions than one compound SELECT of SQLite may have parts, twice over."""


@pytest.fixture
async def engine(new_database: NewDatabase) -> AsyncIterator[Engine]:
    async with engines([new_database()], duckdb=False) as (engine,):
        yield engine


def somebody(number: int, *concepts: int, practice: str = "A1") -> Somebody:
    facts = tuple(Row(concept, TODAY - 9, None, record) for record, concept in enumerate(concepts, start=1))
    return Somebody(number, 0, "female", None, None, practice, facts, ())


def definition(name: str, members: str, rest: str = "") -> CohortDefinition:
    return parse_definition(TEXT.format(name=name, members=members) + rest, f"{name}.yaml")


async def test_a_definition_of_the_largest_size_selects_ranks_and_explains(engine: Engine) -> None:
    half = MOST_CRITERIA // 2
    members = "any: [" + ", ".join(f"{{recorded: {{any_of: [v{place}]}}}}" for place in range(1, half)) + "]"
    rank = "".join(
        f"  - {{points: 1, because: r{place}, when: {{recorded: {{any_of: [v{place}]}}}}}}\n"
        for place in range(1, half + 1)
    )
    selection = Selection({"x": definition("x", members, f"rank:\n{rank}")}, VALUE_SETS, {})
    await fill(engine, Example(selection, [somebody(1, 7, half - 1), somebody(2, half)], AS_OF))
    assert engine.connection is not None
    rows = await engine.connection.fetch(members_sql(selection, ["x"], AS_OF, engine.dialect, scope="everybody"))
    assert [(row["person"], row["rank"]) for row in rows] == [(1, 2)]
    told = await explain(engine.connection, selection, "x", AS_OF, 1)
    assert told.holds


async def test_the_evidence_of_many_people_is_not_searched_again_for_each(engine: Engine) -> None:
    members = "at_least: {count: 2, of: [" + ", ".join(f"{{recorded: {{any_of: [v{n}]}}}}" for n in range(1, 11)) + "]}"
    selection = Selection({"x": definition("x", members)}, VALUE_SETS, {})
    people = [somebody(number, *range(1, 11)) for number in range(1, 201)]
    await fill(engine, Example(selection, people, AS_OF))
    assert engine.connection is not None
    sql, numbers = evidence_of_members_sql(selection, "x", AS_OF, engine.dialect), [each.number for each in people]
    assert len(await engine.rows(sql, numbers)) == 2_000
    if engine.dialect == "sqlite":
        return  # its plans do not tell how often a relation was read
    plan = await engine.connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", numbers)
    nodes = _nodes(json.loads(plan[0][0])[0]["Plan"])
    read = [node["Actual Loops"] for node in nodes if node["Node Type"] == "CTE Scan"]
    assert len(read) > 20
    assert max(read) == 1


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


async def test_any_number_of_definitions_is_asked_in_one_statement(engine: Engine) -> None:
    exclude = "exclude:\n  - {because: v1, when: {recorded: {any_of: [v1]}}}\n"
    rank = "rank:\n  - {points: 3, because: v2, when: {recorded: {any_of: [v2]}}}\n"
    made = {f"x{number}": definition(f"x{number}", "sex: female", exclude + rank) for number in range(MANY)}
    selection = Selection(made, VALUE_SETS, {})
    await fill(engine, Example(selection, [somebody(1, 1), somebody(2, 2)], AS_OF))
    assert engine.connection is not None
    for asked, person in ((members_sql, 2), (excluded_sql, 1), (ranked_sql, 2)):
        rows = await engine.connection.fetch(asked(selection, list(made), AS_OF, engine.dialect, scope="everybody"))
        assert {(row["cohort"], row["person"]) for row in rows} == {(name, person) for name in made}
        assert len(rows) == MANY


async def test_any_number_of_networks_may_choose_for_themselves(engine: Engine) -> None:
    base = definition("x", "sex: male")
    own = definition("x", "sex: female")
    variants = tuple(Variant("x", own, (f"A{number}",)) for number in range(MANY))
    other = definition("y", "cohort: x")
    selection = Selection({"x": base, "y": other}, VALUE_SETS, {}, variants=variants)
    await fill(engine, Example(selection, [somebody(1, practice=f"A{MANY - 1}"), somebody(2, practice="B1")], AS_OF))
    assert engine.connection is not None
    rows = await engine.connection.fetch(members_sql(selection, ["x", "y"], AS_OF, engine.dialect, scope="everybody"))
    assert sorted((row["cohort"], row["person"]) for row in rows) == [("x", 1), ("y", 1)]
