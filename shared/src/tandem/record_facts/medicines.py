"""MedicationRequest and MedicationStatement: medicines, and from when to when they were in use.

http://hl7.org/fhir/R4/medicationrequest.html, http://hl7.org/fhir/R4/medicationstatement.html
"""

from __future__ import annotations

import math
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import after_end_of, first_given, written_on
from tandem.record_facts.fact import UNDATED, Fact
from tandem.record_facts.numbers import number_given

_ORDERED = {"active", "on-hold", "completed", "stopped"}
_NO_ORDER = {"proposal", "option"}
_OVER = {"completed", "stopped"}
_TAKEN = {"active", "on-hold", "completed", "stopped"}
_USUAL_SUPPLY = 28
_LONGEST_SUPPLY = 36_525
_DAYS = {"d": 1, "wk": 7, "mo": 30, "a": 365}


def medicine_facts(resource: Resource) -> list[Fact]:
    """The medicine that the order or statement itself names, while it is `in_use`; see `medications` for others."""
    days = in_use(resource)
    return facts_with(medicine_named(resource), *days, medicine=True) if days is not None else []


def in_use(resource: Resource) -> tuple[int, int | None] | None:
    """The days of a MedicationRequest or MedicationStatement, as in Fact; None for one that says nothing."""
    days = _DAYS_OF.get(str(resource.get("resourceType")))
    return days(resource) if days is not None else None


def _ordered(resource: Resource) -> tuple[int, int | None] | None:
    """From the day it was ordered until `ends`.

    `ends` is the day after dispenseRequest.validityPeriod, where that has an end. Without one an order that is active
    or on hold is open. One that is completed or stopped ends after its supply (expectedSupplyDuration, times one more
    than the repeats; 28 days where none is given). But when it was changed after it was first sent, and was stopped or
    is of a continuous course, it ended on the day it was last written: that is when it was taken off. No such order
    ends later than that day. An issue that is completed may: it was dispensed, and is taken from then on.
    """
    if resource.get("status") not in _ORDERED or resource.get("intent") in _NO_ORDER or resource.get("doNotPerform"):
        return None
    starts = first_given(resource.get("authoredOn"))
    starts = UNDATED if starts is None else starts
    ends = after_end_of((resource.get("dispenseRequest") or {}).get("validityPeriod"))
    if ends is None and resource["status"] in _OVER:
        ends = _end_of_use(resource, starts)
    return starts, ends


def _taken(resource: Resource) -> tuple[int, int | None] | None:
    """The effective time; one that is over without an end was in use on its first day."""
    if resource.get("status") not in _TAKEN:
        return None
    period = resource.get("effectivePeriod") or {}
    starts = first_given(resource.get("effectiveDateTime"), period.get("start"), resource.get("dateAsserted"))
    starts = UNDATED if starts is None else starts
    ends = after_end_of(period)
    if ends is None and resource["status"] in _OVER:
        ends = starts + 1
    return starts, ends


def medicine_named(resource: Resource) -> list[Any]:
    """medicationCodeableConcept, or the code of the contained Medication that is referred to."""
    reference = str((resource.get("medicationReference") or {}).get("reference") or "")
    contained = [
        each.get("code") for each in resource.get("contained") or ()
        if each.get("resourceType") == "Medication" and reference == f"#{each.get('id')}"
    ]  # fmt: skip
    return [resource.get("medicationCodeableConcept"), *contained]


def _end_of_use(resource: Resource, starts: int) -> int:
    written = written_on(resource)
    changed = str((resource.get("meta") or {}).get("versionId", "1")) != "1"
    continuous = "continuous" in codes_in(resource.get("courseOfTherapyType"))
    if written is not None and changed and (continuous or resource["status"] == "stopped"):
        return written
    supplied = starts + _supply(resource.get("dispenseRequest") or {})
    issued = resource["status"] == "completed" and not continuous
    return supplied if written is None or issued else min(supplied, written)


def _supply(dispense: dict[str, Any]) -> int:
    """Days that what was supplied lasts."""
    duration = dispense.get("expectedSupplyDuration") or {}
    days = (number_given(duration.get("value")) or 0) * _DAYS.get(str(duration.get("code") or duration.get("unit")), 0)
    if not days:
        return _USUAL_SUPPLY
    return math.ceil(min(days * (1 + int(dispense.get("numberOfRepeatsAllowed") or 0)), _LONGEST_SUPPLY))


_DAYS_OF = {"MedicationRequest": _ordered, "MedicationStatement": _taken}
