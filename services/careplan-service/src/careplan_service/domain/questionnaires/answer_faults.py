"""Whether one answer is of the type, among the options and within the limits of its question."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from careplan_service.domain.questionnaires.questionnaire import Item
from tandem.fhir.answers_given import value_of
from tandem.fhir.outcome import Issue

_ELEMENTS = {
    "boolean": ("valueBoolean",), "decimal": ("valueDecimal",), "integer": ("valueInteger",), "date": ("valueDate",),
    "dateTime": ("valueDateTime",), "time": ("valueTime",), "string": ("valueString",), "text": ("valueString",),
    "url": ("valueUri",), "choice": ("valueCoding",), "open-choice": ("valueCoding", "valueString"),
    "attachment": ("valueAttachment",), "reference": ("valueReference",), "quantity": ("valueQuantity",),
}  # fmt: skip
"""Which value[x] answers an item of a type (http://hl7.org/fhir/R4/valueset-item-type.html)."""


def answer_faults(item: Item, answer: dict[str, Any], path: str) -> Iterator[Issue]:
    """What is wrong with the value of an answer; an answer without a value is R4's to refuse."""
    for name, value in value_of(answer).items():
        allowed = _ELEMENTS[item.type]
        if name not in allowed:
            text = f"'{item.link_id}' is answered by {' or '.join(allowed)}, as it is of type {item.type}"
            yield Issue(text, f"{path}.{name}", code="value")
        elif name == "valueCoding":
            yield from _option_faults(item, value, f"{path}.{name}")
        elif name in ("valueDecimal", "valueInteger"):
            yield from _limit_faults(item, Decimal(value), f"{path}.{name}")


def _option_faults(item: Item, coding: dict[str, Any], path: str) -> Iterator[Issue]:
    # Without the system a code says nothing (http://hl7.org/fhir/R4/datatypes.html#Coding).
    if item.options and not (coding.get("system") == item.system and coding.get("code") in item.options):
        options = ", ".join(item.options)
        yield Issue(f"'{item.link_id}' is answered by a code of {item.system}: {options}", path, code="code-invalid")


def _limit_faults(item: Item, value: Decimal, path: str) -> Iterator[Issue]:
    if item.low is not None and value < item.low:
        yield Issue(f"'{item.link_id}' is at least {item.low}", path, code="value")
    if item.high is not None and value > item.high:
        yield Issue(f"'{item.link_id}' is at most {item.high}", path, code="value")
    exponent = value.normalize().as_tuple().exponent
    if item.places is not None and isinstance(exponent, int) and -exponent > item.places:
        yield Issue(f"'{item.link_id}' has at most {item.places} decimal place(s)", path, code="value")
