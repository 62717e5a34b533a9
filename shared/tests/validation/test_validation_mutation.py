"""Whatever is done to a valid resource, validation answers with issues: it raises nothing and quotes nothing."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.fhir.body import encode, parse
from tandem.fhir.validation import Validator

TASK: dict[str, Any] = {
    "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order", "priority": "urgent",
    "meta": {"profile": ["https://tandem.example/task"], "lastUpdated": "2026-02-01T10:00:00.5Z"},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">Visit</p></div>'},
    "contained": [{"resourceType": "Patient", "id": "p", "name": [{"given": ["Ann"], "period": {"start": "2020"}}]}],
    "for": {"reference": "#p", "type": "Patient"}, "focus": {"reference": "ServiceRequest/1"},
    "authoredOn": "2026-02-01", "lastModified": "2026-02-02T09:00:00+01:00", "_authoredOn": {"id": "a"},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}], "text": "Home visit"},
    "executionPeriod": {"start": "2026-02-01", "end": "2026-02-03"},
    "input": [
        {"type": {"text": "a"}, "valueQuantity": {"value": Decimal("1.50"), "system": "x:y", "code": "kg"}},
        {"type": {"text": "b"}, "valueTiming": {"repeat": {"period": 1, "periodUnit": "d", "when": ["MORN"]}}},
        {"type": {"text": "c"}, "valueRange": {"low": {"value": 1}, "high": {"value": 2}}},
    ],
    "extension": [{"url": "x:y", "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}}],
    "note": [{"text": "x", "time": "2026-02-01T10:00:00Z", "authorReference": {"reference": "Practitioner/1"}}],
}  # fmt: skip

MARK = "Quux9434765919"
texts = ("#", "#p", "", " ", "\u0000", "2020-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from([MARK, *texts]),
)
names = st.sampled_from(
    ["id", "extension", "value", "valueString", "_status", "contained", "reference", "start", MARK, ""]
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for step, below in steps for place in places(below, (*path, step)))]


PLACES = places(TASK)[1:]


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """The Task with up to three values replaced, taken away or added."""
    mutant = copy.deepcopy(TASK)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        holder: Any = mutant
        try:
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = draw(values)
            if draw(st.booleans()) and isinstance(holder, dict):
                holder[draw(names)] = draw(values)
            elif draw(st.booleans()):
                del holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took this place away
    return mutant


@settings(max_examples=300, deadline=None)
@given(mutant=mutants())
def test_any_mutant_gives_issues_and_no_exception(validator: Validator, mutant: dict[str, Any]) -> None:
    issues = validator.validate(mutant)
    assert all(issue.text and issue.code and issue.severity == "error" for issue in issues)
    assert MARK not in " ".join(issue.text for issue in issues)
    raw = encode(mutant)
    resource = parse(raw)
    assert validator.validate(resource, raw) == validator.validate(resource)


def test_the_task_itself_is_valid(validator: Validator) -> None:
    assert validator.validate(TASK) == []


def test_numbers_of_any_size_and_values_that_are_no_json_give_issues(validator: Validator) -> None:
    for value in (10**40, Decimal("1E+999999999"), Decimal("NaN"), float("inf"), object(), "\ud800", {1, 2}):
        assert validator.validate({**TASK, "description": value})
        assert validator.validate({**TASK, "input": [{"type": {"text": "a"}, "valueInteger": value}]})
