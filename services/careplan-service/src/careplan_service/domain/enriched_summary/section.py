"""One section of an enriched summary: a heading, lines in words, and the records behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tandem.canonical import ENRICHED_SUMMARY_SECTION
from tandem.fhir.body import Resource

_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


@dataclass(frozen=True, slots=True)
class Section:
    """`entries` are the records that the lines tell of. `away`: their owner did not answer, so nothing can be said."""

    code: str
    title: str
    lines: tuple[str, ...] = ()
    entries: tuple[Resource, ...] = ()
    away: bool = False
    within: tuple[Section, ...] = ()

    def resource(self) -> dict[str, Any]:
        """As Composition.section has it: http://hl7.org/fhir/R4/composition.html."""
        made: dict[str, Any] = {
            "title": self.title, "code": {"coding": [{"system": ENRICHED_SUMMARY_SECTION, "code": self.code}]},
            "text": {"status": "generated", "div": _narrative(self._said())},
        }  # fmt: skip
        if self.entries:
            made["entry"] = [{"reference": reference_of(each)} for each in self.entries]
        elif self.away:
            made["emptyReason"] = {"coding": [{"system": _EMPTY, "code": "unavailable"}]}
        if self.within:
            made["section"] = [each.resource() for each in self.within]
        return made

    def records(self) -> list[Resource]:
        """Its records and those of the sections within it."""
        return [*self.entries, *(record for each in self.within for record in each.records())]

    def _said(self) -> Sequence[str]:
        lines = list(self.lines)
        if self.away:
            lines.append("Not all of this is available just now")
        return lines or ["Nothing is recorded"]


def reference_of(record: Resource) -> str:
    """Such as `Condition/1`."""
    return f"{record['resourceType']}/{record['id']}"


def _narrative(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>'
