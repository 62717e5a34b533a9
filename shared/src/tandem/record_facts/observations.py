"""Observation: what was found, measured or said (http://hl7.org/fhir/R4/observation.html)."""

from __future__ import annotations

import math
from typing import Any

from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import after_end_of, first_given
from tandem.record_facts.fact import UNDATED, Fact
from tandem.record_facts.numbers import number_given

_VOID = {"entered-in-error", "cancelled", "registered"}
_NO = (SNOMED_CT, "373067005")


def observation_facts(resource: Resource) -> list[Fact]:
    """The code with its value, coded answers, and the same of each component.

    Dated by effective[x], else issued. What was answered with no, or could not be found out, says nothing.
    """
    if resource.get("status") in _VOID:
        return []
    period = resource.get("effectivePeriod") or {}
    timing = (resource.get("effectiveTiming") or {}).get("event") or [None]
    starts = first_given(
        resource.get("effectiveDateTime"), resource.get("effectiveInstant"), period.get("start"), timing[0],
        resource.get("issued"),
    )  # fmt: skip
    starts, ends = UNDATED if starts is None else starts, after_end_of(period)
    found: list[Fact] = []
    for said in (resource, *(resource.get("component") or ())):
        found += _answer(said, starts, ends)
    return found


def _answer(said: dict[str, Any], starts: int, ends: int | None) -> list[Fact]:
    if said.get("valueBoolean") is False or said.get("dataAbsentReason"):
        return []
    answer = said.get("valueCodeableConcept")
    if any((system, code) == _NO for system, code, _ in codings_of(answer)):
        return []
    return [*facts_with([said.get("code")], starts, ends, _value(said)), *facts_with([answer], starts, ends)]


def _value(said: dict[str, Any]) -> float | None:
    """The number. Of "<15" that just below 15, of "<=15" 15; ">60" and ">=60" are results without a value.

    http://hl7.org/fhir/R4/datatypes-definitions.html#Quantity.comparator. Laboratories write "<" at the lower end of
    what they measure, and ">60" or ">90" of an eGFR for which they do not calculate more: taken as a number the one
    would still be told right from all bounds above it, the other would come under a bound that it may lie far above.
    """
    quantity = said.get("valueQuantity") or {}
    number = number_given(said.get("valueInteger") if quantity.get("value") is None else quantity["value"])
    if number is None:
        return None
    match quantity.get("comparator"):
        case None | "<=":
            return number
        case "<":
            return math.nextafter(number, -math.inf)
        case _:
            return None
