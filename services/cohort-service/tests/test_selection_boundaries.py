"""Whom each criterion selects on the days, at the values and with the counts where its answer changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.selection.compile import excluded_sql, members_sql
from cohort_service.selection.explain import Explained, explain
from cohort_service.selection.selection import Selection, Variant
from tandem_tests.databases import NewDatabase
from tandem_tests.random_cohorts import Example
from tandem_tests.reference_selection import UNKNOWN, Row, Somebody
from tandem_tests.selection_engines import Engine, engines, fill

AS_OF = date(2020, 7, 1)
TODAY = 18444
HALF_A_YEAR_AGO = TODAY - 182
"""1 January 2020."""
# concepts 1 and 2 are products of one substance, so are 4 and 5
VALUE_SETS = {"a": (1,), "b": (3,), "both": (1, 3), "c": (2,), "none": ()}
GROUPS = {"all": ("a", "b", "c")}
TEXT = """\
id: x
version: "1"
title: Some people
description: Some people.
service: AC
status: mandatory
source: A specification
members:
  {members}
"""


@pytest.fixture
async def engine(new_database: NewDatabase) -> AsyncIterator[Engine]:
    async with engines([new_database()], duckdb=False) as (engine,):
        yield engine


def definition(members: str, rest: str = "") -> CohortDefinition:
    return parse_definition(TEXT.format(members=members) + rest, "x.yaml")


def selection_of(made: CohortDefinition, **more: object) -> Selection:
    return Selection({made.id: made}, VALUE_SETS, GROUPS, **more)


def person(
    *facts: Row, orders: tuple[Row, ...] = (), born: int | None = 0, died: int | None = None, left: int | None = None,
    practice: str | None = None, number: int = 1,
) -> Somebody:  # fmt: skip
    return Somebody(number, born, "female", died, left, practice, facts, orders)


def row(
    starts: int, ends: int | None = None, value: float | None = None, *, concept: int = 1, record: int = 1,
    product: int | None = None,
) -> Row:  # fmt: skip
    return Row(concept, starts, ends, record, value, product)


async def selected(engine: Engine, selection: Selection, *people: Somebody, as_of: date = AS_OF) -> set[int]:
    await fill(engine, Example(selection, list(people), as_of))
    sql = members_sql(selection, list(selection.definitions), as_of, engine.dialect, scope="everybody")
    return {member for _, member, *_ in await engine.rows(sql)}


FACTS = [
    ("recorded: {any_of: [a]}", [row(TODAY)], True),
    ("recorded: {any_of: [a]}", [row(TODAY + 1)], False),
    ("recorded: {any_of: [a]}", [row(UNKNOWN)], True),
    ("recorded: {any_of: [a]}", [row(5, TODAY)], False),
    ("recorded: {any_of: [a]}", [row(5, TODAY + 1)], True),
    ("recorded: {any_of: [b]}", [row(5)], False),
    ("recorded: {any_of: [none]}", [row(5)], False),
    ("recorded: {any_of: [none, a]}", [row(5)], True),
    ("not: {recorded: {any_of: [none]}}", [], True),
    ("recorded: {any_of: [a], ever: true}", [row(5, 6)], True),
    ("recorded: {any_of: [a], ever: true}", [row(TODAY + 1)], False),
    ("recorded: {any_of: [a], times: 2}", [row(5), row(6)], False),
    ("recorded: {any_of: [a], times: 2}", [row(5), row(6, record=2)], True),
    ("recorded: {any_of: [a], within: 6 months}", [row(HALF_A_YEAR_AGO, HALF_A_YEAR_AGO + 1)], True),
    ("recorded: {any_of: [a], within: 6 months}", [row(HALF_A_YEAR_AGO - 1)], False),
    ("recorded: {any_of: [a], within: 6 months}", [row(TODAY + 1)], False),
    ("recorded: {any_of: [a], within: 125 years}", [row(UNKNOWN)], False),
    ("recorded: {any_of: [a], older_than: 6 months}", [row(HALF_A_YEAR_AGO)], True),
    ("recorded: {any_of: [a], older_than: 6 months}", [row(HALF_A_YEAR_AGO + 1)], False),
    ("recorded: {any_of: [a], older_than: 6 months}", [row(UNKNOWN)], False),
    ("recorded: {any_of: [a], value: {from: 7.5}}", [row(5, value=7.5)], True),
    ("recorded: {any_of: [a], value: {above: 7.5}}", [row(5, value=7.5)], False),
    ("recorded: {any_of: [a], value: {up_to: 7.5}}", [row(5, value=7.5)], True),
    ("recorded: {any_of: [a], value: {under: 7.5}}", [row(5, value=7.5)], False),
    ("recorded: {any_of: [a], value: {under: 7.5}}", [row(5)], False),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9), row(6, value=8)], False),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9), row(6)], False),
    ("latest: {of: [a], value: {from: 9}}", [row(5), row(6, value=9)], True),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9), row(5)], True),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9, record=1), row(5, record=2)], False),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9), row(TODAY + 1)], True),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=8, record=1), row(5, value=9, record=2)], True),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9, record=1), row(5, value=8, record=2)], False),
    ("latest: {of: [a], value: {from: 9}}", [row(5, value=9), row(TODAY + 1, value=8)], True),
    ("latest: {of: [a], value: {from: 9}, within: 6 months}", [row(HALF_A_YEAR_AGO - 1, value=9)], False),
    ("last_said: {among: [a, b], is: [a]}", [row(5), row(6, concept=3)], False),
    ("last_said: {among: [a, b], is: [a]}", [row(6), row(6, concept=3)], True),
    ("last_said: {among: [a, b], is: [a]}", [row(6, 7), row(5, concept=3)], True),
    ("last_said: {among: [a, b], is: [a]}", [row(TODAY), row(TODAY + 1, concept=3)], True),
    ("categories: {group: all, at_least: 2}", [row(5, 6), row(5, concept=3)], True),
    ("categories: {group: all, at_least: 2}", [row(5), row(6)], False),
    ("categories: {group: all, at_least: 2}", [row(5), row(TODAY + 1, concept=3)], False),
    ("categories: {group: all, at_least: 2, plus: [{sex: female}]}", [row(5)], True),
    ("categories: {group: all, at_least: 0, up_to: 1}", [], True),
    ("categories: {group: all, at_least: 0, up_to: 1}", [row(5), row(5, concept=3)], False),
    ("at_least: {count: 2, of: [{sex: female}, {recorded: {any_of: [a]}}]}", [row(5), row(6)], True),
    ("at_least: {count: 2, of: [{sex: male}, {recorded: {any_of: [a]}}]}", [row(5), row(6)], False),
]


async def test_facts(engine: Engine) -> None:
    people = [person(*facts, number=number) for number, (_, facts, _) in enumerate(FACTS)]
    assert await each_answered(engine, FACTS, people) == [(criterion, held) for criterion, _, held in FACTS]


async def each_answered(
    engine: Engine, cases: list[tuple[str, list[Row], bool]], people: list[Somebody]
) -> list[tuple[str, bool]]:
    """Each criterion with whether it selects the person of the same place, all of them by one statement."""
    made = {f"x-{place}": replace(definition(case[0]), id=f"x-{place}") for place, case in enumerate(cases)}
    selection = Selection(made, VALUE_SETS, GROUPS)
    await fill(engine, Example(selection, people, AS_OF))
    rows = await engine.rows(members_sql(selection, list(made), AS_OF, engine.dialect, scope="everybody"))
    members = {(cohort, number) for cohort, number, *_ in rows}
    return [(case[0], (f"x-{place}", place) in members) for place, case in enumerate(cases)]


ORDERS = [
    ("medicine: {any_of: [a]}", [row(5, TODAY + 1)], True),
    ("medicine: {any_of: [a]}", [row(5, TODAY)], False),
    ("medicine: {any_of: [a]}", [row(TODAY + 1)], False),
    ("medicine: {any_of: [a], within: 6 months}", [row(5, HALF_A_YEAR_AGO + 1)], True),
    ("medicine: {any_of: [a], within: 6 months}", [row(5, HALF_A_YEAR_AGO)], False),
    ("medicine: {any_of: [a], within: 6 months}", [row(TODAY - 5, TODAY - 5)], False),
    ("medicine: {any_of: [a], between: [6 months, 1 day]}", [row(TODAY - 1)], True),
    ("medicine: {any_of: [a], between: [6 months, 1 day]}", [row(TODAY)], False),
    ("medicine: {any_of: [a], between: [6 months, 1 day]}", [row(5, HALF_A_YEAR_AGO)], False),
    ("medicine: {any_of: [a], started_before: 6 months}", [row(HALF_A_YEAR_AGO)], True),
    ("medicine: {any_of: [a], started_before: 6 months}", [row(HALF_A_YEAR_AGO + 1)], False),
    ("medicine: {any_of: [a], started_before: 6 months}", [row(UNKNOWN)], False),
    ("medicine: {any_of: [a], started_before: 6 months}", [row(5, 9), row(TODAY, record=2)], True),
    ("medicines: {at_least: 2}", [row(5), row(5, concept=2)], False),
    ("medicines: {at_least: 2}", [row(5), row(5, concept=3)], True),
    ("medicines: {at_least: 2}", [row(5), row(5, TODAY, concept=3)], False),
    ("medicines: {at_least: 2, except: [b]}", [row(5), row(5, concept=3)], False),
    ("medicines: {at_least: 2, except: [none]}", [row(5), row(5, concept=3)], True),
    ("medicines: {at_least: 1, any_of: [b]}", [row(5)], False),
    ("medicines: {at_least: 1, any_of: [none]}", [row(5)], False),
    # one order with two codings is one; it is kept out, or of a value set, by either
    ("medicines: {at_least: 2}", [row(5, product=1), row(5, concept=3, product=1)], False),
    ("medicines: {at_least: 2}", [row(5, product=1), row(5, concept=3, product=3, record=2)], True),
    ("medicines: {at_least: 2}", [row(5, product=3), row(5, concept=3, product=3, record=2)], False),
    ("medicines: {at_least: 1, except: [b]}", [row(5, product=1), row(5, concept=3, product=1)], False),
    ("medicines: {at_least: 1, except: [b]}", [row(5), row(5, concept=3, record=2)], True),
    ("medicines: {at_least: 1, any_of: [b]}", [row(5, product=1), row(5, concept=3, product=1)], True),
    (
        "together: {first: [a], second: [b], days: 9, within: 6 months}",
        [row(TODAY, product=1), row(TODAY, concept=3, product=1)], False,
    ),
    ("medicines: {at_least: 2, within: 6 months}", [row(5), row(5, HALF_A_YEAR_AGO + 1, concept=3)], True),
    (
        "together: {first: [a], second: [b], days: 0, within: 6 months}",
        [row(TODAY - 9, TODAY - 4), row(TODAY - 5, TODAY, concept=3)], True,
    ),
    (
        "together: {first: [a], second: [b], days: 0, within: 6 months}",
        [row(TODAY - 9, TODAY - 5), row(TODAY - 5, TODAY, concept=3)], False,
    ),
    (
        "together: {first: [b], second: [a], days: 1, within: 6 months}",
        [row(TODAY - 9, TODAY - 5), row(TODAY - 5, TODAY, concept=3)], True,
    ),
    ("together: {first: [a], second: [c], days: 9, within: 6 months}", [row(TODAY), row(TODAY, concept=2)], False),
    (
        "together: {first: [a], second: [b], days: 9, within: 6 months}",
        [row(5, HALF_A_YEAR_AGO), row(HALF_A_YEAR_AGO, concept=3)], False,
    ),
]  # fmt: skip


async def test_medicines(engine: Engine) -> None:
    people = [person(orders=tuple(orders), number=number) for number, (_, orders, _) in enumerate(ORDERS)]
    assert await each_answered(engine, ORDERS, people) == [(criterion, held) for criterion, _, held in ORDERS]


async def test_ages_and_sexes_that_are_not_known_do_not_count(engine: Engine) -> None:
    birthday = (date(1955, 7, 1) - date(1970, 1, 1)).days
    births = (birthday, birthday + 1, None, TODAY + 1)
    people = [person(born=born, number=number) for number, born in enumerate(births, start=1)]
    assert await selected(engine, selection_of(definition("age: {from: 65}")), *people) == {1}
    assert await selected(engine, selection_of(definition("age: {under: 65}")), *people) == {2}
    assert await selected(engine, selection_of(definition("not: {age: {from: 65}}")), *people) == {2, 3, 4}
    assert await selected(engine, selection_of(definition("sex: male")), *people) == set()


async def test_death_and_deregistration_end_membership_on_their_day(engine: Engine) -> None:
    people = [
        person(died=TODAY, number=1), person(died=TODAY + 1, number=2), person(left=TODAY, number=3),
        person(left=TODAY + 1, number=4),
    ]  # fmt: skip
    assert await selected(engine, selection_of(definition("sex: female")), *people) == {2, 4}


async def test_a_definition_selects_from_its_first_day_to_its_last(engine: Engine) -> None:
    selection = selection_of(definition("sex: female", "applies: {from: 2020-07-01, until: 2020-07-02}\n"))
    days = [date(2020, 6, 30), date(2020, 7, 1), date(2020, 7, 2), date(2020, 7, 3)]
    assert [await selected(engine, selection, person(), as_of=day) for day in days] == [set(), {1}, {1}, set()]


async def test_a_variant_and_a_switch_hold_for_their_practices_alone(engine: Engine) -> None:
    people = [person(practice=code, number=number) for number, code in enumerate(("A1", "A2", "A3", None), start=1)]
    nobody = definition("sex: male")
    some = selection_of(definition("sex: female"), variants=(Variant("x", nobody, ("A1", "it's $2")),))
    assert await selected(engine, some, *people) == {2, 3, 4}
    optional = parse_definition(TEXT.format(members="sex: female").replace("mandatory", "optional"), "x.yaml")
    switched = selection_of(optional, variants=(Variant("x", nobody, ("A1",)),), switched_on={"x": ("A1", "A2")})
    assert await selected(engine, switched, *people) == {2}
    assert await selected(engine, selection_of(optional), *people) == set()


RANKED = """\
exclude:
  - {because: has b, when: {recorded: {any_of: [b]}}}
  - {because: has c, when: {recorded: {any_of: [c]}}}
rank:
  - {points: 2, because: has a, when: {recorded: {any_of: [a]}}}
  - {points: 3, because: is a woman, when: {sex: female}}
since: [a]
"""


async def test_members_come_with_since_and_rank_and_the_excluded_with_their_reason(engine: Engine) -> None:
    selection = selection_of(definition("sex: female", RANKED))
    people = [
        person(row(7), row(5), row(4, 9), row(UNKNOWN), number=1), person(row(UNKNOWN), number=2), person(number=3),
        person(row(5, concept=3), row(5, concept=2), number=4),
    ]  # fmt: skip
    await fill(engine, Example(selection, people, AS_OF))
    members = members_sql(selection, ["x"], AS_OF, engine.dialect, scope="everybody")
    assert await engine.rows(members) == {("x", 1, 5, 5), ("x", 2, None, 5), ("x", 3, None, 3)}
    excluded = excluded_sql(selection, ["x"], AS_OF, engine.dialect, scope="everybody")
    assert await engine.rows(excluded) == {("x", 4, 0), ("x", 4, 1)}
    assert await engine.rows(members_sql(selection, [], AS_OF, engine.dialect, scope="everybody")) == set()
    assert await engine.rows(excluded_sql(selection, [], AS_OF, engine.dialect, scope="people"), [1]) == set()


def nodes(told: Explained) -> dict[str, tuple[bool, list[str]]]:
    """Every node of an explanation by its text: whether it holds, and the codes of its evidence; `-` is against."""
    codes = [each.code for each in told.evidence] + [f"-{each.code}" for each in told.against]
    found = {told.text: (told.holds, codes)}
    for child in told.children:
        found |= nodes(child)
    return found


async def test_an_explanation_tells_every_criterion_with_its_records(engine: Engine) -> None:
    assert engine.connection is not None
    made = definition(
        "any: [{medicines: {at_least: 2}}, {recorded: {any_of: [a]}}, {not: {recorded: {any_of: [b]}}}]", RANKED
    )
    selection = selection_of(made, titles={"a": "Hypertension", "b": "Falls"})
    await fill(engine, Example(selection, [person(row(5), row(6, concept=3), orders=(row(7),))], AS_OF))
    told = await explain(engine.connection, selection, "x", AS_OF, 1)
    assert not told.holds
    assert nodes(told) == {
        "Some people (version 1)": (False, []),
        "Is alive and registered": (True, []),
        "The definition applies on any day": (True, []),
        "At least one of these holds": (True, []),
        "2 or more different medicines are in use (has 1)": (False, []),
        "Hypertension is recorded": (True, ["c1"]),
        "The following does not hold": (False, []),
        "Is not kept out: has b": (False, []),
        "Falls are recorded": (True, ["-c3"]),
        "Is not kept out: has c": (True, []),
        "C is recorded": (False, []),
    }


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ("not: {recorded: {any_of: [a]}}", ["-c1"]),
        ("not: {recorded: {any_of: [c]}}", []),
        ("not: {all: [{recorded: {any_of: [a]}}, {recorded: {any_of: [b]}}]}", ["-c1", "-c3"]),
        ("not: {all: [{recorded: {any_of: [a]}}, {recorded: {any_of: [c]}}]}", []),
        ("not: {not: {recorded: {any_of: [a]}}}", []),
        ("all: [{recorded: {any_of: [a]}}, {not: {recorded: {any_of: [b]}}}]", ["c1", "-c3"]),
        ("last_said: {among: [a, b], is: [a]}", ["-c3"]),
        ("last_said: {among: [a, b], is: [b]}", ["c3"]),
        ("not: {last_said: {among: [a, b], is: [a]}}", []),
        ("not: {last_said: {among: [a, b], is: [b]}}", ["-c3"]),
        ("latest: {of: [both], value: {under: 5}}", ["-c3"]),
        ("latest: {of: [both], value: {from: 5}}", ["c3"]),
        ("not: {latest: {of: [both], value: {under: 5}}}", []),
        ("latest: {of: [c], value: {under: 5}}", []),
    ],
)
async def test_what_speaks_against_a_person_is_shown_where_it_keeps_them_off(
    engine: Engine, members: str, found: list[str]
) -> None:
    assert engine.connection is not None
    selection = selection_of(definition(members))
    await fill(engine, Example(selection, [person(row(5, value=1), row(6, concept=3, value=9))], AS_OF))
    told = await explain(engine.connection, selection, "x", AS_OF, 1)
    assert sorted(code for _, codes in nodes(told).values() for code in codes) == sorted(found)


async def test_another_cohort_is_called_by_its_title_and_shows_what_speaks_against(engine: Engine) -> None:
    assert engine.connection is not None
    other = replace(definition("recorded: {any_of: [a]}"), id="other", title="People with a")
    made = definition("not: {cohort: other}")
    selection = Selection({"x": made, "other": other}, VALUE_SETS, GROUPS, titles={"a": "Hypertension"})
    await fill(engine, Example(selection, [person(row(5))], AS_OF))
    told = nodes(await explain(engine.connection, selection, "x", AS_OF, 1))
    assert told['Meets the definition of "People with a"'] == (True, [])
    assert told["Hypertension is recorded"] == (True, ["-c1"])
    assert not any("other" in text for text in told)


async def test_the_days_on_which_a_definition_applies_are_written_out(engine: Engine) -> None:
    assert engine.connection is not None
    selection = selection_of(definition("sex: female", "applies: {from: 2020-04-01, until: 2021-03-31}\n"))
    await fill(engine, Example(selection, [person()], AS_OF))
    told = nodes(await explain(engine.connection, selection, "x", AS_OF, 1))
    assert told["The definition applies from 1 April 2020 until 31 March 2021"] == (True, [])


async def test_an_explanation_takes_the_definition_of_the_persons_practice(engine: Engine) -> None:
    assert engine.connection is not None
    local = parse_definition(TEXT.format(members="sex: male").replace('"1"', '"2"'), "x.yaml")
    selection = selection_of(definition("sex: female"), variants=(Variant("x", local, ("A1",)),))
    await fill(engine, Example(selection, [person(practice="A1"), person(number=2)], AS_OF))
    texts = [(await explain(engine.connection, selection, "x", AS_OF, number)).text for number in (1, 2, 3)]
    assert texts == ["Some people (version 2)", "Some people (version 1)", "Some people (version 1)"]
