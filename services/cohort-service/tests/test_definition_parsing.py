"""A definition is read as it is written, and one that is wrong is told with all its faults, lines and remedies."""

from __future__ import annotations

from datetime import date

import pytest

from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Because,
    Bounds,
    Categories,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Parameter,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.domain.definition_language.parse import DefinitionError, parse_definition, with_parameters

DEFINITION = """\
id: many-medicines
version: "2020.1"
title: People taking ten or more medicines
description: What it is.
service: SMR
status: mandatory
source: A specification, paragraph 2.7
requirements: [SMR-010]
applies: {from: 2020-04-01, until: 2021-03-31}
parameters: {medicines: 10}
since: [care-home-stay]
suggests: [structured medication review]
members:
  medicines: {at_least: $medicines}
exclude:
  - because: on the register
    when: {recorded: {any_of: [palliative-care]}}
rank:
  - points: 2
    because: an admission
    when: {sex: female}
"""
FILE = "many-medicines.yaml"


def faults(text: str, file: str = FILE) -> list[tuple[int, str]]:
    """Line and message of every fault; each must also say what is allowed."""
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, file)
    assert all(problem.allowed and problem.file == file for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def with_members(criterion: str) -> str:
    return DEFINITION.replace("medicines: {at_least: $medicines}", criterion).replace("parameters: {medicines: 10}", "")


def members(criterion: str) -> Criterion:
    return parse_definition(with_members(criterion), FILE).members


def test_every_field_is_read() -> None:
    read = parse_definition(DEFINITION, f"definitions/{FILE}")
    assert read.name == "many-medicines@2020.1"
    assert (read.applies_from, read.applies_until) == (date(2020, 4, 1), date(2021, 3, 31))
    assert (read.parameters, read.since, read.requirements) == ({"medicines": 10}, ("care-home-stay",), ("SMR-010",))
    assert read.members == Medicines(Parameter("medicines"))
    assert read.exclude == (Because("on the register", Recorded(("palliative-care",))),)
    assert read.rank == (Because("an admission", Sex("female"), 2),)
    assert read.text == DEFINITION


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("all: [{sex: male}, {age: {from: 18}}]", All((Sex("male"), Age(18)))),
        ("any: [{age: {under: 19}}]", AnyOf((Age(None, 19),))),
        ("not: {cohort: other-people}", Not(InCohort("other-people"))),
        ("at_least: {count: 1, of: [{sex: male}, {sex: female}]}", AtLeast(1, (Sex("male"), Sex("female")))),
        (
            "recorded: {any_of: [a, b], times: 2, within: 6 months, older_than: 1 week}",
            Recorded(("a", "b"), 2, within=Span(6, "months"), older_than=Span(1, "weeks")),
        ),
        ("recorded: {any_of: [a], ever: true}", Recorded(("a",), ever=True)),
        (
            "recorded: {any_of: [a], value: {from: 7.5, under: 9}}",
            Recorded(("a",), value=Bounds(from_=7.5, under=9.0)),
        ),
        ("latest: {of: [bmi], value: {above: 30}}", Latest(("bmi",), Bounds(above=30.0))),
        ("last_said: {among: [a, b], is: [b], within: 2 years}", LastSaid(("a", "b"), ("b",), Span(2, "years"))),
        (
            "medicine: {any_of: [a], between: [6 months, 3 months], started_before: 15 months}",
            Medicine(("a",), between=(Span(6, "months"), Span(3, "months")), started_before=Span(15, "months")),
        ),
        ("medicines: {at_least: 5, except: [a], any_of: [b], within: 1 year}",
         Medicines(5, ("a",), ("b",), Span(1, "years"))),
        ("together: {first: [a], second: [b], days: 28, within: 3 months}",
         Together(("a",), ("b",), 28, Span(3, "months"))),
        ("categories: {group: efi, at_least: 0, up_to: 4, plus: [{sex: male}]}",
         Categories("efi", 0, 4, (Sex("male"),))),
    ],
)  # fmt: skip
def test_every_criterion_is_read(written: str, expected: Criterion) -> None:
    assert members(written) == expected


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title:", "titel:", 3, 'the definition has an unknown field: "titel"'),
        ("service: SMR", "service: GP", 5, 'service is text "GP"'),
        ('version: "2020.1"', "version: 2020.1", 2, 'version is a number "2020.1"'),
        ("id: many-medicines", "id: Many_Medicines", 1, 'id is text "Many_Medicines"'),
        ("id: many-medicines", "id: few-medicines", 1, "the id few-medicines differs from the name of its file"),
        ("until: 2021-03-31", "until: 2019-03-31", 9, "applies ends before it begins"),
        ("from: 2020-04-01", "from: 2020-02-30", 9, 'from is a date "2020-02-30"'),
        ("[SMR-010]", "[10]", 8, 'an entry of requirements is a number "10"'),
        ("{medicines: 10}", "{medicines: ten}", 10, 'the value of a parameter is text "ten"'),
        ("{medicines: 10}", "{medicines: 10, other: 1}", 10, "never used: other"),
        ("$medicines", "$medicine", 14, "at_least is an unknown parameter: $medicine"),
        ("[palliative-care]", "[]", 17, "any_of is an empty list"),
        ("points: 2", "points: 0", 19, 'points is a number "0"'),
        ("title:", "id: many-medicines\ntitle:", 3, "the definition has the field id twice"),
        ("sex: female", "sex: F", 21, 'sex is text "F"'),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert (line, message) in faults(DEFINITION.replace(old, new, 1))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("recorded: {any_of: [a], within: 0 months}", 'within is text "0 months"'),
        ("recorded: {any_of: [a], within: 6 fortnights}", 'within is text "6 fortnights"'),
        ("recorded: {any_of: [a], within: 126 years}", 'within is text "126 years"'),
        ("recorded: {any_of: [a], within: -6 months}", 'within is text "-6 months"'),
        ("recorded: {any_of: [a], within: 3 months, older_than: 6 months}", "the window of recorded is impossible"),
        ("recorded: {any_of: [a], ever: true, within: 3 months}", "recorded has ever and a window"),
        ("recorded: {any_of: [a], ever: false}", 'ever is true or false "false"'),
        ("recorded: {any_of: [a], times: 0}", 'times is a number "0"'),
        ("recorded: {any_of: [a, a]}", 'any_of has "a" twice'),
        ("recorded: {any_of: a}", 'any_of is text "a"'),
        ("recorded: {any_of: [a], value: {}}", "value has no bound"),
        ("recorded: {any_of: [a], value: {from: 5, up_to: 4}}", "the bounds of value exclude each other"),
        ("recorded: {any_of: [a], value: {above: 5, up_to: 5}}", "the bounds of value exclude each other"),
        ("recorded: {any_of: [a], value: {above: 5, from: 5}}", "value has two bounds on one side"),
        ("recorded: {any_of: [a], value: {from: high}}", 'from of value is text "high"'),
        ("age: {from: 65, under: 65}", "the bounds of age exclude each other"),
        ("age: {}", "age has no bound"),
        ("age: {from: 131}", 'from is a number "131"'),
        ("at_least: {count: 2, of: [{sex: male}]}", "at_least counts to 2 of 1 criteria"),
        ("medicine: {any_of: [a], between: [3 months, 6 months]}", "between is in the wrong order"),
        ("medicine: {any_of: [a], between: [3 months]}", "between is a list"),
        ("medicine: {any_of: [a], within: 1 week, between: [6 months, 3 months]}", "medicine has within and between"),
        ("last_said: {among: [a], is: [b]}", "last_said asks for what is not among the choices"),
        ("categories: {group: efi, at_least: 5, up_to: 4}", "the bounds of categories exclude each other"),
        ("together: {first: [a], second: [b], within: 1 week}", "together has no field days"),
        ("recorded: {any_off: [a]}", 'recorded has an unknown field: "any_off"'),
        ("recordet: {any_of: [a]}", 'unknown criterion: "recordet"'),
        ("all: []", "all is an empty list"),
        ("all: [sex]", 'a criterion is text "sex"'),
        ("all: [{sex: male, age: {from: 1}}]", "a criterion has 2 keys"),
    ],
)
def test_an_impossible_criterion_is_told(written: str, message: str) -> None:
    assert (14, message) in faults(with_members(written))


def test_all_faults_are_told_at_once_and_in_order() -> None:
    text = DEFINITION.replace("service: SMR", "service: GP").replace("sex: female", "sex: F").replace("title", "titel")
    assert [line for line, _ in faults(text)] == [1, 3, 5, 21]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("members: [}", "this is not YAML: "),
        ("id: \x00", "a character that YAML does not know"),
        ("id: \ud800", "a character that YAML does not know"),
        ("- id: x", "the definition is a list"),
        ("members: &a {not: *a}", "a reference (*name) to another part of the file"),
        ("members: " + "{not: " * 60 + "x" + "}" * 60, "criteria within criteria without end"),
        ("!!python/object/apply:os.getcwd []", "the definition is a list"),
    ],
)
def test_what_is_no_definition_at_all_is_told(text: str, message: str) -> None:
    line, told = faults(text)[0]
    assert line == 1
    assert told.startswith(message)


def test_a_definition_has_no_more_criteria_than_a_statement_can_hold() -> None:
    plain = DEFINITION.split("parameters:")[0]

    def with_criteria(members: int, ranked: int) -> str:
        each = "recorded: {any_of: [falls]}"
        return plain + "members:\n  any:\n" + f"    - {each}\n" * members + (
            "rank:\n" + f"  - {{points: 1, because: a fall, when: {{{each}}}}}\n" * ranked
        )  # fmt: skip

    assert len(parse_definition(with_criteria(150, 49), FILE).rank) == 49
    assert [message for _, message in faults(with_criteria(150, 60))] == ["too many criteria"]
    assert [message for _, message in faults(with_criteria(300, 1))] == ["too many criteria"]
    assert len(parse_definition(with_criteria(1, 300), FILE, held=True).rank) == 300, "installed when it was allowed"


def test_a_definition_may_keep_no_list_and_then_has_nothing_that_only_a_list_has() -> None:
    plain = DEFINITION.split("since:")[0] + "members:\n  medicines: {at_least: $medicines}\n"
    assert parse_definition(plain, FILE).listed
    assert not parse_definition(f"list: false\n{plain}", FILE).listed
    assert [message for _, message in faults(f"list: false\n{DEFINITION}")] == [
        f"{name} belongs to a list, and list: false keeps none" for name in ("since", "suggests", "rank")
    ]
    for wrong in ("true", "no list", "[]"):
        assert faults(f"list: {wrong}\n{plain}")[0][1].startswith("list is ")


def test_parameters_may_be_tried_and_are_checked_like_the_file() -> None:
    definition = parse_definition(DEFINITION, FILE)
    assert with_parameters(definition, {"medicines": 8}).parameters == {"medicines": 8}
    for values, message in (({"medicines": 0}, "at_least is $medicines, which is 0"),
                            ({"age": 65}, "there is no parameter age to change")):  # fmt: skip
        with pytest.raises(DefinitionError, match=message.replace("$", r"\$")):
            with_parameters(definition, values)
