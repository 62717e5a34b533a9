"""The invariants of the data types, each once kept and once broken."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.validation import Validator
from tandem.fhir.validation.invariants import data_types

UCUM = "http://unitsofmeasure.org"
VALUE = "Patient.extension[0].value"
DATA = [{"type": "Patient"}]
EXPRESSION = {"language": "text/cql", "expression": "x"}


def extended(**value: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "extension": [{"url": "https://tandem.example/x", **value}]}


def timing(**repeat: Any) -> dict[str, Any]:
    return extended(valueTiming={"repeat": repeat})


def trigger(**more: Any) -> dict[str, Any]:
    return extended(valueTriggerDefinition=more)


def requirement(**more: Any) -> dict[str, Any]:
    return extended(valueDataRequirement={"type": "Patient", **more})


# key of the invariant: a resource that keeps it, one that breaks it, and the expression of the fault
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "ext-1": (extended(valueString="x"), extended(), "Patient.extension[0]"),
    "per-1": (
        extended(valuePeriod={"start": "2026", "end": "2026-02"}),
        extended(valuePeriod={"start": "2026-03", "end": "2026-02"}), VALUE,
    ),
    "rng-2": (
        extended(valueRange={"low": {"value": 1}, "high": {"value": 1}}),
        extended(valueRange={"low": {"value": 2}, "high": {"value": 1}}), VALUE,
    ),
    "rat-1": (
        extended(valueRatio={"numerator": {"value": 1}, "denominator": {"value": 2}}),
        extended(valueRatio={"numerator": {"value": 1}}), VALUE,
    ),
    "qty-3": (
        extended(valueQuantity={"value": 1, "code": "kg", "system": UCUM}),
        extended(valueQuantity={"value": 1, "code": "kg"}), f"{VALUE}.code",
    ),
    "age-1": (
        extended(valueAge={"value": 80, "code": "a", "system": UCUM}),
        extended(valueAge={"value": 0, "code": "a", "system": UCUM}), VALUE,
    ),
    "cnt-3": (
        extended(valueCount={"value": 2, "code": "1", "system": UCUM}),
        extended(valueCount={"value": 2, "code": "kg", "system": UCUM}), VALUE,
    ),
    "drt-1": (
        extended(valueDuration={"value": 2, "code": "h", "system": UCUM}),
        extended(valueDuration={"value": 2, "code": "h", "system": "x:y"}), VALUE,
    ),
    "dis-1": (
        extended(valueDistance={"value": 2, "code": "m", "system": UCUM}),
        extended(valueDistance={"code": "m", "system": UCUM}), VALUE,
    ),
    "cpt-2": (
        extended(valueContactPoint={"system": "phone", "value": "1"}),
        extended(valueContactPoint={"value": "1"}), f"{VALUE}.value",
    ),
    "att-1": (
        extended(valueAttachment={"data": "aGVs", "contentType": "text/plain"}),
        extended(valueAttachment={"data": "aGVs"}), f"{VALUE}.data",
    ),
    "exp-1": (extended(valueExpression=EXPRESSION), extended(valueExpression={"language": "text/cql"}), VALUE),
    "drq-1": (
        requirement(codeFilter=[{"path": "code"}]),
        requirement(codeFilter=[{"path": "code", "searchParam": "code"}]), f"{VALUE}.codeFilter[0]",
    ),
    "drq-2": (
        requirement(dateFilter=[{"path": "date"}]),
        requirement(dateFilter=[{"valueDateTime": "2026"}]), f"{VALUE}.dateFilter[0]",
    ),
    "trd-1": (trigger(type="data-added", data=DATA), trigger(type="data-added", data=DATA, timingDate="2026"), VALUE),
    "trd-2": (
        trigger(type="data-added", data=DATA, condition=EXPRESSION),
        trigger(type="named-event", name="x", condition=EXPRESSION), f"{VALUE}.condition",
    ),
    "trd-3": (trigger(type="periodic", timingDate="2026"), trigger(type="periodic"), VALUE),
    "tim-1": (timing(duration=1, durationUnit="h"), timing(duration=1), f"{VALUE}.repeat.duration"),
    "tim-2": (timing(period=1, periodUnit="d"), timing(period=1), f"{VALUE}.repeat.period"),
    "tim-4": (timing(duration=0, durationUnit="h"), timing(duration=-1, durationUnit="h"), f"{VALUE}.repeat.duration"),
    "tim-5": (timing(period=0, periodUnit="h"), timing(period=-1, periodUnit="h"), f"{VALUE}.repeat.period"),
    "tim-6": (
        timing(period=1, periodMax=2, periodUnit="h"),
        timing(periodMax=2, periodUnit="h"), f"{VALUE}.repeat.periodMax",
    ),
    "tim-7": (
        timing(duration=1, durationMax=2, durationUnit="h"),
        timing(durationMax=2, durationUnit="h"), f"{VALUE}.repeat.durationMax",
    ),
    "tim-8": (timing(count=1, countMax=2), timing(countMax=2), f"{VALUE}.repeat.countMax"),
    "tim-9": (timing(offset=5, when=["MORN"]), timing(offset=5, when=["C"]), f"{VALUE}.repeat"),
    "tim-10": (timing(when=["MORN"]), timing(when=["MORN"], timeOfDay=["10:00:00"]), f"{VALUE}.repeat"),
}  # fmt: skip


def test_every_invariant_has_a_case() -> None:
    keys = {rule.key for rules in data_types.INVARIANTS.values() for rule in rules}
    assert set(CASES) == keys


@pytest.mark.parametrize("key", CASES)
def test_a_resource_that_keeps_it_is_accepted(validator: Validator, key: str) -> None:
    assert validator.validate(CASES[key][0]) == []


@pytest.mark.parametrize("key", CASES)
def test_a_resource_that_breaks_it_is_told_so(validator: Validator, key: str) -> None:
    _, broken, expression = CASES[key]
    told = [issue for issue in validator.validate(broken) if issue.text.endswith(f"({key})")]
    assert [(issue.expression, issue.code) for issue in told] == [(expression, "invariant")]
