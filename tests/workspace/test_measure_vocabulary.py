"""A word of a measure that nothing is ever called counts nought, and nobody sees it: here it is found."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import pytest

from careplan_service.plans.shipped_checklist import checklist
from cohort_service.catalogue.shipped import shipped_texts
from cohort_service.domain.case_register.sources import ON_REGISTER
from metrics_service.domain import facts
from metrics_service.domain.measures.clause import PERSON, Clause
from metrics_service.domain.measures.clauses import clauses_of, kinds_of, value_sets_of
from metrics_service.measures.shipped import definitions
from metrics_service.measures.value_sets import value_sets
from tandem.nhs.shipped_referral_kinds import referral_kinds

MEASURES = sorted(definitions())
_MAKERS = ("Fact", "recorded")
REFERRALS = {"referral", "referral-declined"}


@cache
def kinds_of_readers() -> tuple[set[str], set[str]]:
    """The kinds that readers name outright, and all that they may make, by their source."""
    named, made = set(), set()
    for found in iter_modules(facts.__path__):
        module = import_module(f"{facts.__name__}.{found.name}")
        tree = ast.parse(inspect.getsource(module))
        words = {
            each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        }
        words |= {value for value in vars(module).values() if isinstance(value, str)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _MAKERS and call.args:
                outright = set(_outright(call.args[0]))
                named |= outright
                made |= outright or set(_built(call.args[0], words))
    return named, made


def _outright(kind: ast.expr) -> Iterator[str]:
    if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
        yield kind.value
    elif isinstance(kind, ast.IfExp):
        yield from _outright(kind.body)
        yield from _outright(kind.orelse)


def _built(kind: ast.expr, words: set[str]) -> Iterator[str]:
    """What a name may stand for, or end with, is a word of its module."""
    match kind:
        case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), _]):
            yield from (beginning + word for word in words)
        case _:
            yield from words


def described_kinds(text: str) -> set[str]:
    """The kinds in the first column of the tables of docs/measure-facts.md."""
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {kind for cell in cells for kind in re.findall(r"`([^`]+)`", cell)}


@pytest.fixture(scope="module")
def described(pytestconfig: pytest.Config) -> set[str]:
    return described_kinds((pytestconfig.rootpath / "docs" / "measure-facts.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("measure", MEASURES)
def test_every_kind_of_a_measure_is_made_by_a_reader(measure: str) -> None:
    _, made = kinds_of_readers()
    assert kinds_of(definitions()[measure]) <= made | {PERSON}


def test_the_kinds_that_are_described_are_those_that_readers_make(described: set[str]) -> None:
    named, made = kinds_of_readers()
    assert named <= described, "a kind that nobody finds in the documents"
    assert described <= made | {PERSON}, "a kind that nobody tells"


@pytest.mark.parametrize("measure", MEASURES)
def test_every_value_set_of_a_measure_exists(measure: str) -> None:
    assert value_sets_of(definitions()[measure]) <= set(value_sets())


@pytest.mark.parametrize("measure", MEASURES)
def test_every_list_kind_of_referral_and_thing_of_the_checklist_exists(measure: str) -> None:
    lists = {name.removesuffix(".yaml") for name in shipped_texts()} | {ON_REGISTER}
    referred = set(referral_kinds().kinds)
    things = {each.name for each in checklist().things}
    for clause in clauses_of(definitions()[measure]):
        for kinds, words in (({"list-stay"}, lists), (REFERRALS, referred), ({"plan-quality"}, things)):
            if set(clause.facts) <= kinds:
                assert set(clause.category) <= words


def test_a_misspelt_kind_is_found() -> None:
    _, made = kinds_of_readers()
    for kind in ("plan-agread", "prescriptions", "network-role", "staff"):
        assert kind not in made, kind


def test_a_clause_of_lists_is_seen_below_conditions() -> None:
    found = [each for each in clauses_of(definitions()["contacts-outside-target-groups"]) if "list-stay" in each.facts]
    assert found
    assert all(isinstance(each, Clause) and each.category for each in found)
