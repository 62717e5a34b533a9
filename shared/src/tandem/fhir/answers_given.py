"""What a QuestionnaireResponse answers, read in its order (http://hl7.org/fhir/R4/questionnaireresponse.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import QUESTIONNAIRE
from tandem.fhir.body import Resource

_PREFIX: Final = f"{QUESTIONNAIRE}/"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: `section` is the linkId of the outermost item, `value` the element such as `{"valueDate": "2020"}`.

    `place` is the FHIRPath of the answer.
    """

    section: str
    link_id: str
    value: dict[str, Any]
    place: str


def questionnaire_named(canonical: Any) -> tuple[str, str | None] | None:
    """Name and version that `QuestionnaireResponse.questionnaire` asks for, when its address is one of ours."""
    if not isinstance(canonical, str) or not canonical.startswith(_PREFIX):
        return None
    name, _, version = canonical[len(_PREFIX) :].partition("|")
    return name, version or None


def answers_given(response: Resource) -> Iterator[Given]:
    """Every answer that has a value."""
    for place, item in enumerate(response.get("item") or ()):
        path = f"QuestionnaireResponse.item[{place}]"
        yield from _of_item(item, str(item.get("linkId")), path)


def _of_item(item: dict[str, Any], section: str, path: str) -> Iterator[Given]:
    for place, answer in enumerate(item.get("answer") or ()):
        at = f"{path}.answer[{place}]"
        value = value_of(answer)
        if value:
            yield Given(section, str(item.get("linkId")), value, at)
        yield from _of_items(answer.get("item"), section, at)
    yield from _of_items(item.get("item"), section, path)


def _of_items(items: Any, section: str, path: str) -> Iterator[Given]:
    for place, item in enumerate(items or ()):
        yield from _of_item(item, section, f"{path}.item[{place}]")


def value_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The `value[x]` of an answer by its name; empty when it has none."""
    return {name: value for name, value in answer.items() if name.startswith("value")}
