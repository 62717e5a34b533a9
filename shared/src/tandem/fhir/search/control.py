"""The parameters that shape a result instead of choosing it (http://hl7.org/fhir/R4/search.html#return)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.criteria import find
from tandem.fhir.search.elements import ELEMENTS
from tandem.fhir.search.parameters import SearchParameter
from tandem.fhir.search.refusal import Refused, invalid, listed, shown

LARGEST_COUNT = 1000
DEFAULT_COUNT = 50
TOTALS = ("accurate", "estimate", "none")
TOTAL_METHODS = ("count", "estimate", "none")
SUMMARIES = ("count", "data", "false", "text", "true")
FORMATS = ("json", "application/json", "application/fhir+json", "text/json")
MOST_SORT_KEYS = 5


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of `_sort`."""

    parameter: SearchParameter
    descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """`parameter` leads from a match to a target, or, reversed, from a further resource to a match."""

    parameter: SearchParameter
    targets: tuple[str, ...]


@dataclass(slots=True)
class Control:
    """How the result is to be given."""

    type_name: str
    kept: frozenset[str]
    sort: list[SortKey] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    total: str = "none"
    summary: str = "false"
    elements: list[str] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    revincludes: list[Include] = field(default_factory=list)

    def read(self, name: str, text: str) -> None:
        """Take one parameter in. Raises Refused, or FhirError(NOT_ACCEPTABLE) for another format than JSON."""
        _READERS[name](self, text)

    def _sort(self, text: str) -> None:
        keys, faults = [], []
        for part in text.split(","):
            try:
                keys.append(SortKey(find(self.type_name, part.removeprefix("-")), part.startswith("-")))
            except Refused as refused:
                faults.append(f"_sort: {refused.texts[0]}")
        if faults:
            raise Refused(*faults)
        self.sort = self.sort + keys
        if len(self.sort) > MOST_SORT_KEYS:
            raise invalid(f"_sort takes {MOST_SORT_KEYS} keys at most")

    def _count(self, text: str) -> None:
        if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
            raise invalid(f"_count is a whole number from 0 to {LARGEST_COUNT}")
        if int(text) > LARGEST_COUNT:
            raise Refused(f"_count is {LARGEST_COUNT} at most", code="too-costly")
        self.count = int(text)

    def _total(self, text: str) -> None:
        self.total = _one_of("_total", text, TOTALS)

    def _total_method(self, text: str) -> None:
        # Not of R4: some clients (fhirpy) ask for a total under this name, so it is declared as another one.
        self.total = {"count": "accurate"}.get(_one_of("_totalMethod", text, TOTAL_METHODS), text)

    def _summary(self, text: str) -> None:
        self.summary = _one_of("_summary", text, SUMMARIES)

    def _elements(self, text: str) -> None:
        names = [name.removeprefix(f"{self.type_name}.") for name in text.split(",")]
        unknown = [name for name in names if name not in ELEMENTS[self.type_name]]
        if unknown:
            raise Refused(*(
                f"_elements: {self.type_name} has no element {shown(name)}; it has {listed(ELEMENTS[self.type_name])}"
                for name in unknown
            ))  # fmt: skip
        self.elements += names

    def _format(self, text: str) -> None:
        if text.partition(";")[0].strip().replace(" ", "+") not in FORMATS:
            raise FhirError(Kind.NOT_ACCEPTABLE)

    def _include(self, text: str) -> None:
        source, parameter, target = self._inclusion("_include", text)
        if source != self.type_name:
            raise Refused(f"_include starts from {self.type_name}, the type that is searched")
        targets = self._targets(parameter, target)
        if not targets:
            raise Refused(f"_include: what {parameter.name} refers to is kept by another service")
        self.includes.append(Include(parameter, targets))

    def _revinclude(self, text: str) -> None:
        source, parameter, target = self._inclusion("_revinclude", text)
        if not parameter.points_to(self.type_name) or target not in ("", self.type_name):
            raise Refused(f"_revinclude: {source}.{parameter.name} does not refer to {self.type_name}")
        self.revincludes.append(Include(parameter, (self.type_name,)))

    def _inclusion(self, name: str, text: str) -> tuple[str, SearchParameter, str]:
        parts = text.split(":")
        if len(parts) not in (2, 3):
            raise Refused(f"{name} is written Type:parameter or Type:parameter:Target")
        if parts[0] not in self.kept:
            raise Refused(f"{name}: {shown(parts[0])} is no type of this service; it keeps {listed(self.kept)}")
        parameter = find(parts[0], parts[1])
        if parameter.kind != "reference":
            raise Refused(f"{name}: {parameter.name} is no reference")
        return parts[0], parameter, parts[2] if len(parts) == 3 else ""

    def _targets(self, parameter: SearchParameter, target: str) -> tuple[str, ...]:
        named = (target,) if target else sorted(self.kept)
        return tuple(name for name in named if name in self.kept and parameter.points_to(name))


_READERS: dict[str, Callable[[Control, str], None]] = {
    "_sort": Control._sort, "_count": Control._count, "_total": Control._total,
    "_totalMethod": Control._total_method, "_summary": Control._summary,
    "_elements": Control._elements, "_format": Control._format, "_include": Control._include,
    "_revinclude": Control._revinclude,
}  # fmt: skip
CONTROLS = frozenset(_READERS)
ONCE = CONTROLS - {"_include", "_revinclude"}


def _one_of(name: str, text: str, valid: tuple[str, ...]) -> str:
    if text not in valid:
        raise Refused(f"{name} is one of {listed(valid)}")
    return text
