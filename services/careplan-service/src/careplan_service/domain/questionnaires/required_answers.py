"""Which required items of a Questionnaire a response does not answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careplan_service.domain.questionnaires.questionnaire import Condition, Item, Questionnaire
from tandem.fhir.answers_given import answers_given, value_of
from tandem.fhir.body import Resource

_Values = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Missing:
    """A required item without an answer; `within` says that it stands in a group that is there."""

    item: Item
    path: str
    within: bool


def missing_answers(questionnaire: Questionnaire, response: Resource) -> Iterator[Missing]:
    """Every required item that is asked and not answered; of a group that is left out, the group alone."""
    values: dict[str, list[Any]] = {}
    for given in answers_given(response):
        values.setdefault(given.link_id, []).extend(given.value.values())
    yield from _missing(questionnaire.items, response.get("item"), "QuestionnaireResponse", values, False)


def _missing(asked: tuple[Item, ...], given: Any, path: str, values: _Values, within: bool) -> Iterator[Missing]:
    entries: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, entry in enumerate(given or ()):
        entries.setdefault(str(entry.get("linkId")), []).append((place, entry))
    for item in asked:
        held = [(place, entry) for place, entry in entries.get(item.link_id, ()) if is_answered(entry)]
        if not held:
            if item.required and _is_asked(item, values):
                yield Missing(item, f"{path}.item", within)
            continue
        for place, entry in held:
            yield from _missing_below(item, entry, f"{path}.item[{place}]", values)


def _missing_below(item: Item, entry: dict[str, Any], path: str, values: _Values) -> Iterator[Missing]:
    if item.type == "group":
        yield from _missing(item.items, entry.get("item"), path, values, True)
        return
    for place, answer in enumerate(entry.get("answer") or ()):
        yield from _missing(item.items, answer.get("item"), f"{path}.answer[{place}]", values, True)


def is_answered(entry: dict[str, Any]) -> bool:
    """Whether an item, or any item within it, has an answer with a value."""
    if any(value_of(answer) for answer in entry.get("answer") or ()):
        return True
    return any(map(is_answered, entry.get("item") or ()))


def _is_asked(item: Item, values: _Values) -> bool:
    return all(_holds(condition, values.get(condition.question, [])) for condition in item.conditions)


def _holds(condition: Condition, values: list[Any]) -> bool:
    if condition.operator == "exists":
        return bool(values) is condition.value
    equal = any(_comparable(value) == _comparable(condition.value) for value in values)
    return equal if condition.operator == "=" else not equal


def _comparable(value: Any) -> Any:
    return (value.get("system"), value.get("code")) if isinstance(value, dict) else value
