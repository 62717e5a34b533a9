"""A published Questionnaire as far as a response is held to it (http://hl7.org/fhir/R4/questionnaire.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource

_CORE = "http://hl7.org/fhir/StructureDefinition"


@dataclass(frozen=True, slots=True)
class Condition:
    """When an item is asked: the question it depends on, `exists`, `=` or `!=`, and the value compared with."""

    question: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Item:
    """A question or a group. `options` are display texts by code; empty when any answer of the type will do."""

    link_id: str
    text: str
    type: str
    required: bool
    repeats: bool
    system: str | None
    options: Mapping[str, str]
    low: Any
    high: Any
    places: int | None
    conditions: tuple[Condition, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """`name` is its id and the last step of its address; `links` are all its items by linkId."""

    name: str
    version: str
    title: str
    items: tuple[Item, ...]
    links: Mapping[str, Item]


def questionnaire_of(resource: Resource) -> Questionnaire:
    """Read a Questionnaire. Raises ValueError for a condition that responses could not be held to."""
    items = tuple(map(_item, resource["item"]))
    links = {item.link_id: item for item in _all(items)}
    return Questionnaire(resource["id"], resource["version"], resource["title"], items, links)


def _all(items: Iterable[Item]) -> Iterable[Item]:
    for item in items:
        yield item
        yield from _all(item.items)


def _item(body: dict[str, Any]) -> Item:
    limits = {
        extension["url"].removeprefix(f"{_CORE}/"): next(v for k, v in extension.items() if k != "url")
        for extension in body.get("extension") or ()
    }
    codings = [option["valueCoding"] for option in body.get("answerOption") or ()]
    return Item(
        link_id=body["linkId"],
        text=body["text"],
        type=body["type"],
        required=body.get("required", False),
        repeats=body.get("repeats", False),
        system=codings[0]["system"] if codings else None,
        options={coding["code"]: coding["display"] for coding in codings},
        low=limits.get("minValue"),
        high=limits.get("maxValue"),
        places=limits.get("maxDecimalPlaces"),
        conditions=tuple(map(_condition, body.get("enableWhen") or ())),
        items=tuple(map(_item, body.get("item") or ())),
    )


def _condition(body: dict[str, Any]) -> Condition:
    if body["operator"] not in ("exists", "=", "!="):
        raise ValueError(f"a condition by {body['operator']} is not understood")
    value = next(value for key, value in body.items() if key.startswith("answer"))
    return Condition(body["question"], body["operator"], value)
