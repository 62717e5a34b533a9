"""Which search parameters each type has, what they read, and under which number they are stored.

The tables of the services are written one parameter a line: `number name kind paths -> targets`.

- `number` is stored in the search tables as `type number * 1000 + number`: it is never given to another parameter,
  also not when its own one is dropped. Numbers from 901 are common to all types; `number + 500` holds the
  identifiers of a reference, for `:identifier`.
- `kind` is the FHIR type of the parameter (http://hl7.org/fhir/R4/search.html#ptypes); `code` is a token over a
  primitive element, whose code system is implied, `contact` a token over ContactPoint.
- `a.b | c` are element paths; `value{Quantity,Range}` stands for both choices, `telecom[system=email]` for the
  entries where that holds (`@NAME` for an address of `tandem.canonical`), `subject:Patient` for references to that type
  only.
- `targets` are the types that a reference may point to, `*` any. A line that starts with a type name continues.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product

from tandem.canonical import BASE
from tandem.fhir.search.careplan_parameters import CAREPLAN
from tandem.fhir.search.cohort_parameters import COHORT
from tandem.fhir.search.kernel_parameters import KERNEL
from tandem.fhir.search.mdt_parameters import MDT
from tandem.fhir.search.metrics_parameters import METRICS
from tandem.fhir.search.referral_parameters import REFERRAL

IDENTIFIER_COMPANION = 500
OUR_OWN = frozenset({("Appointment", "mode")})
"""Parameters that R4 does not have."""
ANY = ("*",)

_COMMON = """
    901 _profile uri meta.profile
    902 _tag token meta.tag
    903 _security token meta.security
    904 _source uri meta.source
"""
_PUBLIC = {"code": "token", "contact": "token", "deceased": "token"}
_MODIFIERS: dict[str, tuple[str, ...]] = {
    "token": ("missing", "not", "text"),
    "code": ("missing", "not"),
    "contact": ("missing", "not"),
    "deceased": ("not",),
    "reference": ("identifier", "missing"),
    "string": ("contains", "exact", "missing"),
    "date": ("missing",),
    "number": ("missing",),
    "quantity": ("missing",),
    "uri": ("missing",),
    "id": (),
    "updated": (),
}
_MEANING = {
    "token": "a code, or system|code", "code": "a code", "contact": "an address or number", "uri": "the whole URI",
    "deceased": "true or false", "reference": "Type/id, an id, or a URL", "string": "the beginning of the text",
    "date": "a date with a prefix", "number": "a number with a prefix", "quantity": "number|system|unit with a prefix",
    "id": "the resource's id", "updated": "a time with a prefix",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter of one type. `number` is what the search tables store; 0 for those kept in `resource` itself."""

    type_name: str
    name: str
    kind: str
    number: int = 0
    paths: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = field(default=())

    @property
    def type(self) -> str:
        """The FHIR search parameter type."""
        if self.kind in ("id", "updated"):
            return "token" if self.kind == "id" else "date"
        return _PUBLIC.get(self.kind, self.kind)

    @property
    def companion(self) -> int:
        """The number under which a reference's identifiers are stored."""
        return self.number + IDENTIFIER_COMPANION

    @property
    def definition(self) -> str:
        """The canonical URL of its definition: R4's own, or ours."""
        if self.name.startswith("_"):
            return f"http://hl7.org/fhir/SearchParameter/Resource{self.name.replace('_', '-', 1)}"
        if (self.type_name, self.name) in OUR_OWN:
            return f"{BASE}/SearchParameter/{self.type_name}-{self.name}"
        return f"http://hl7.org/fhir/SearchParameter/{self.type_name}-{self.name}"

    @property
    def documentation(self) -> str:
        """One line for the CapabilityStatement."""
        read = " | ".join(f"{self.type_name}.{path}" for path in self.paths) or self.name
        return f"{read}: {_MEANING[self.kind]}"

    def points_to(self, resource_type: str) -> bool:
        """Whether a reference of this parameter may point to the type."""
        return self.kind == "reference" and (self.targets == ANY or resource_type in self.targets)


def _expand(path: str) -> list[str]:
    parts = re.split(r"\{([^}]*)\}", path)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(choice) for choice in product(*choices)]


def _parameter(type_name: str, type_number: int, line: str) -> SearchParameter:
    number, name, kind, rest = line.split(None, 3)
    read, _, targets = rest.partition("->")
    paths = tuple(one for path in read.split("|") for one in _expand(path.strip()))
    return SearchParameter(
        type_name, name, kind, type_number * 1000 + int(number), paths, tuple(targets.split()), _MODIFIERS[kind]
    )


def _lines(table: str) -> list[str]:
    lines: list[str] = []
    for line in table.strip().splitlines():
        if line.lstrip()[0].isdigit():
            lines.append(line.strip())
        else:
            lines[-1] += " " + line.strip()
    return lines


def _declare(type_name: str, type_number: int, table: str) -> dict[str, SearchParameter]:
    own = [_parameter(type_name, type_number, line) for line in _lines(table) + _lines(_COMMON)]
    kept = [SearchParameter(type_name, "_id", "id"), SearchParameter(type_name, "_lastUpdated", "updated")]
    return {parameter.name: parameter for parameter in kept + own}


PARAMETERS: dict[str, dict[str, SearchParameter]] = {
    name: _declare(name, number, table)
    for tables in (COHORT, CAREPLAN, MDT, REFERRAL, METRICS, KERNEL)
    for name, (number, table) in tables.items()
}


def declared(resource_type: str) -> list[SearchParameter]:
    """The parameters of a type, by name. Raises KeyError for a type that is not kept by any service."""
    return sorted(PARAMETERS[resource_type].values(), key=lambda parameter: parameter.name)
