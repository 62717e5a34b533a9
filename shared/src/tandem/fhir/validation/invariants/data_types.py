"""Invariants of the data types (http://hl7.org/fhir/R4/datatypes.html)."""

from __future__ import annotations

from collections.abc import Callable

from tandem.fhir.validation.dates import not_after
from tandem.fhir.validation.invariants.rule import (
    Invariant,
    Node,
    child,
    either,
    has,
    has_choice,
    needs,
    not_both,
    number,
    one_of,
)

_UCUM = "http://unitsofmeasure.org"
_MEALS = frozenset(("C", "CM", "CD", "CV"))


def _extension(node: Node) -> bool:
    return has(node, "extension") != has_choice(node, "value")


def _range(node: Node) -> bool:
    low, high = child(node, "low"), child(node, "high")
    least, most = number(low.get("value")), number(high.get("value"))
    comparable = low.get("code") == high.get("code") and low.get("unit") == high.get("unit")
    return least is None or most is None or not comparable or least <= most


def _ratio(node: Node) -> bool:
    numerator, denominator = has(node, "numerator"), has(node, "denominator")
    return numerator == denominator and (numerator or has(node, "extension"))


def _in_ucum(node: Node) -> bool:
    coded = has(node, "code") or not has(node, "value")
    return coded and ("system" not in node or node["system"] == _UCUM)


def _age(node: Node) -> bool:
    value = number(node.get("value"))
    return _in_ucum(node) and (value is None or value > 0)


def _count(node: Node) -> bool:
    value = number(node.get("value"))
    whole = value is None or value == value.to_integral_value()
    return _in_ucum(node) and node.get("code", "1") == "1" and whole


def _measured(node: Node) -> bool:
    return not has(node, "code") or (node.get("system") == _UCUM and has(node, "value"))


def _not_negative(name: str) -> Callable[[Node], bool]:
    def holds(node: Node) -> bool:
        value = number(node.get(name))
        return value is None or value >= 0

    return holds


def _offset(node: Node) -> bool:
    if not has(node, "offset"):
        return True
    when = node.get("when")
    events = [one for one in when if isinstance(one, str)] if isinstance(when, list) else []
    return has(node, "when") and _MEALS.isdisjoint(events)


def _timing_or_data(node: Node) -> bool:
    return not (has(node, "data") and has_choice(node, "timing"))


def _trigger(node: Node) -> bool:
    kind = node.get("type")
    if not isinstance(kind, str):
        return True
    needs_data = kind.startswith("data-")
    return not (
        (kind == "named-event" and not has(node, "name"))
        or (kind == "periodic" and not has_choice(node, "timing"))
        or (needs_data and not has(node, "data"))
    )


_QUANTITY = needs("qty-3", "code", "system")

INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Extension": (Invariant("ext-1", "An extension must have either a value or extensions, and not both", _extension),),
    "Period": (
        Invariant("per-1", "The start must not be after the end", lambda n: not_after(n.get("start"), n.get("end"))),
    ),
    "Range": (Invariant("rng-2", "The low end must not be above the high end", _range),),
    "Ratio": (Invariant("rat-1", "A ratio must have both a numerator and a denominator", _ratio),),
    "Quantity": (_QUANTITY,),
    "SimpleQuantity": (_QUANTITY,),
    "Age": (_QUANTITY, Invariant("age-1", "An age must be above zero and have a UCUM code", _age)),
    "Count": (_QUANTITY, Invariant("cnt-3", "A count must be a whole number whose code is 1", _count)),
    "Duration": (_QUANTITY, Invariant("drt-1", "A coded duration must have a UCUM code and a value", _measured)),
    "Distance": (_QUANTITY, Invariant("dis-1", "A coded distance must have a UCUM code and a value", _measured)),
    "ContactPoint": (needs("cpt-2", "value", "system"),),
    "Attachment": (needs("att-1", "data", "contentType"),),
    "Expression": (one_of("exp-1", "An expression or a reference to one is needed", "expression", "reference"),),
    "DataRequirement.codeFilter": (either("drq-1", "path", "searchParam"),),
    "DataRequirement.dateFilter": (either("drq-2", "path", "searchParam"),),
    "TriggerDefinition": (
        Invariant("trd-1", "Either timing or data, not both", _timing_or_data),
        needs("trd-2", "condition", "data"),
        Invariant("trd-3", "A named event needs a name, a periodic one a timing, a data event data", _trigger),
    ),
    "Timing.repeat": (
        needs("tim-1", "duration", "durationUnit"),
        needs("tim-2", "period", "periodUnit"),
        Invariant("tim-4", "duration must not be negative", _not_negative("duration"), ("duration",)),
        Invariant("tim-5", "period must not be negative", _not_negative("period"), ("period",)),
        needs("tim-6", "periodMax", "period"),
        needs("tim-7", "durationMax", "duration"),
        needs("tim-8", "countMax", "count"),
        Invariant("tim-9", "An offset needs a when, and one other than C, CM, CD or CV", _offset),
        not_both("tim-10", "timeOfDay", "when"),
    ),
}
