"""Why somebody is on a list, as `$explain` and `$members` of a Group answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class Why:
    """What `$explain` answers: the texts of the rules that hold, of the whole tree, and the records that are named.

    References, codes and dates are those of the evidence of the membership and of the rules that hold; `values` are
    the dates and numbers of the records that the rules show.
    """

    member: bool
    exclusions: tuple[str, ...]
    references: frozenset[str]
    codes: frozenset[str]
    dates: frozenset[str]
    values: frozenset[tuple[str, str]]
    rules: tuple[str, ...]
    rank: int | None

    def says(self, words: str) -> bool:
        """Whether a rule that holds has these words."""
        return any(words.casefold() in rule.casefold() for rule in self.rules)


def why_of(answer: Resource) -> Why:
    """What `$explain` answered."""
    parameters = answer["parameter"]
    rules = list(_holding(each for each in parameters if each["name"] == "rule"))
    named = [part for parts in (parameters, *rules) for part in parts if part["name"] == "evidence"]
    evidence = [{part["name"]: value_of(part) for part in each["part"]} for each in named]
    began = [(str(each.get("date") or each.get("period", {}).get("start")), each) for each in evidence]
    return Why(
        member=_only(parameters, "member") is True,
        exclusions=tuple(value_of(each) for each in parameters if each["name"] == "exclusion"),
        references=frozenset(each["reference"]["reference"] for each in evidence),
        codes=frozenset(each["code"]["code"] for each in evidence),
        dates=frozenset(day for day, _ in began),
        values=frozenset((day, str(each["value"])) for day, each in began if "value" in each),
        rules=tuple(str(_only(parts, "text")) for parts in rules),
        rank=_only(parameters, "rank"),
    )


def value_of(parameter: dict[str, Any]) -> Any:
    """The value[x] of a parameter."""
    return next(value for key, value in parameter.items() if key.startswith("value"))


def _only(parameters: Iterable[dict[str, Any]], name: str) -> Any:
    return next((value_of(each) for each in parameters if each["name"] == name), None)


def _holding(rules: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The parts of each rule that holds, from the outside to the inside."""
    for rule in rules:
        parts = rule["part"]
        if _only(parts, "holds"):
            yield parts
        yield from _holding(part for part in parts if part["name"] == "rule")


def reasons_in(extensions: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The codes of the evidence in the extension of a member."""
    for extension in extensions:
        if extension["url"] == "code":
            yield str(extension["valueCoding"]["code"])
        yield from reasons_in(extension.get("extension") or ())
