"""A figure as a MeasureReport: http://hl7.org/fhir/R4/measurereport.html. Rendered, never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from metrics_service.domain.london_days import written
from metrics_service.domain.measure_report import PEOPLE, WAITING, cut_off, identifier
from metrics_service.domain.measures.clauses import value_sets_of
from metrics_service.domain.measures.definition import PER, Definition, Phase
from metrics_service.domain.measures.figure import Figure, Part, value_of
from metrics_service.domain.measures.span import Span
from metrics_service.domain.suppression import shown_part, shown_parts
from metrics_service.measures.answering import answering
from metrics_service.measures.area import Area
from metrics_service.measures.measure_resource import FURTHER, MEASURE_GROUP, POPULATION, STRATIFIER, measure_url
from metrics_service.measures.people_counted import Records
from metrics_service.measures.value_sets import value_sets
from tandem.canonical import BASE
from tandem.clock import from_micros, to_instant
from tandem.fhir.body import Resource
from tandem.small_numbers import MASKED

PRACTICE: Final = f"{BASE}/StructureDefinition/figure-of-practice"
"""Extension, one a practice of the area: `practice`, `numerator`, `denominator`, `value`."""
AGAINST: Final = f"{BASE}/StructureDefinition/figure-against-target"
"""Extension: the target of the financial year and whether the figure is below, within or above it."""
RESPONSIBLE: Final = f"{BASE}/StructureDefinition/responsible"
"""Extension: who answers for the measure, as a kind and as each `organization` that is known, whether it is anybody's
own doing, and whether it counts towards the position of a network."""
KNOWN_AT: Final = f"{BASE}/StructureDefinition/known-at"
"""Extension: the moment whose knowledge counts, when it is not now."""
LEFT_IN: Final = f"{BASE}/StructureDefinition/with-exclusions-left-in"
"""Extension: numerator, denominator and value with those left in whom the exclusions take out."""
WHAT_IF: Final = f"{BASE}/StructureDefinition/what-if"
"""Extension: the parameters that were not those of the definition."""
BASELINE: Final = f"{BASE}/StructureDefinition/figure-at-baseline"
"""Extension: the figure over the days of the baseline (`period`), `change` in the unit and `change-percent`."""
REFERENCE: Final = f"{BASE}/StructureDefinition/figure-reference"
"""Extension: a `number` to read the figure by, with its `source`; nobody aims at it."""
PHASE: Final = f"{BASE}/StructureDefinition/measure-phase"
"""Extension: `name` of the phase of the service on the last day of the period, its first day and its `source`; the name
is not-yet-due before the measure is asked for."""
VALUE_SET: Final = f"{BASE}/StructureDefinition/measure-value-set"
"""Extension, one a value set that was counted by: its id and version, as `id|version`."""
EXACTLY: Final = f"{BASE}/StructureDefinition/exact-number"
"""Extension of a population whose number is no whole one, such as hours or an average: `count` is rounded."""
NO_FIGURE: Final = f"{BASE}/StructureDefinition/no-figure"
"""Extension: why there is no figure."""
COUNTED: Final = f"{BASE}/StructureDefinition/counted-record"
"""Extension of an entry of a list of people: a record that counted."""


@dataclass(frozen=True, slots=True)
class Rests:
    """What a report rests on: positions by log, events not applied yet, and the moment it was made."""

    positions: Mapping[str, int]
    waiting: int
    now: datetime


def measure_report(
    figure: Figure, area: Area, rests: Rests, *, exact: bool, period: Span, what_if: Mapping[str, float] | None = None,
    kind: Literal["summary", "individual", "subject-list"] = "summary", people: Mapping[str, Records] | None = None,
) -> Resource:  # fmt: skip
    """The report of a figure. Unless `exact`, small numbers are masked and others rounded."""
    definition = figure.definition
    shown = _Shown(definition, exact or not definition.suppressed)
    report: Resource = {
        "resourceType": "MeasureReport",
        "extension": [
            *cut_off(rests.positions),
            {"url": WAITING, "valueUnsignedInt": rests.waiting},
            {"url": RESPONSIBLE, "extension": [
                {"url": "responsible", "valueString": definition.responsible},
                *({"url": "organization", "valueReference": _organisation(code)} for code in answering(figure, area)),
                {"url": "attributable", "valueBoolean": definition.attributable},
                {"url": "network-position", "valueBoolean": definition.network_position},
                {"url": "purpose", "valueString": definition.purpose},
            ]},
            *_phase(definition, period), *_value_sets(definition),
            *_compared(figure, shown), *_reference(definition), *_known_at(figure.span),
            *_what_if(what_if or {}),
            *_against(figure, shown),
            *(shown.practice(code, part) for code, part in sorted(shown.table(figure.by_practice).items())),
            *_missing(figure),
        ],
        "status": "complete",
        "type": kind,
        "measure": f"{measure_url(definition)}|{definition.version}",
        "date": to_instant(rests.now),
        "reporter": _organisation(area.code),
        "period": {"start": written(period.first), "end": written(period.last)},
    }  # fmt: skip
    if area.narrowed.patient is not None:
        report["subject"] = {"reference": f"Patient/{area.narrowed.patient}"}
    if definition.direction != "none":
        code = "increase" if definition.direction == "up" else "decrease"
        report["improvementNotation"] = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-improvement-notation", "code": code}]
        }
    report["group"] = [_group(figure, shown, people or {})]
    if people:
        report["contained"] = [_list(name, records) for name, records in people.items()]
    return report


def _organisation(code: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": identifier(code)}


@dataclass(frozen=True, slots=True)
class _Shown:
    """How numbers are given out."""

    definition: Definition
    exact: bool

    def part(self, part: Part) -> Part | None:
        """A part by itself as it is shown; None when it is not."""
        return part if self.exact else shown_part(part, share=self.definition.is_share)

    def table(self, parts: Mapping[str, Part]) -> dict[str, Part | None]:
        """The parts of a table whose total is shown too: what is hidden hides as many others as could give it away."""
        return dict(parts) if self.exact else shown_parts(parts, share=self.definition.is_share)

    def practice(self, code: str, shown: Part | None) -> dict[str, Any]:
        return {"url": PRACTICE, "extension": [
            {"url": "practice", "valueIdentifier": identifier(code)}, *self.parts(shown),
        ]}  # fmt: skip

    def parts(self, shown: Part | None) -> list[dict[str, Any]]:
        if shown is None:
            return [{"url": "numerator", "_valueDecimal": {"extension": [MASKED]}}]
        found: list[dict[str, Any]] = [{"url": "numerator", "valueDecimal": _number(shown.numerator)}]
        if shown.denominator is not None:
            found.append({"url": "denominator", "valueDecimal": _number(shown.denominator)})
        value = value_of(self.definition, shown)
        if value is not None:
            found.append({"url": "value", "valueDecimal": _number(value)})
        return found

    def count(self, code: dict[str, Any], part: Part) -> dict[str, Any]:
        """A population that stands by itself."""
        shown = self.part(part)
        return _masked(code) if shown is None else _counted(code, shown.numerator, shown.people)

    def populations(self, part: Part, shown: Part | None) -> list[dict[str, Any]]:
        """Numerator and, where there is one, denominator: both are hidden where the part is."""
        codes = ["numerator"] if part.denominator is None else ["numerator", "denominator"]
        if shown is None:
            return [_masked(_code(POPULATION, code)) for code in codes]
        found = [_counted(_code(POPULATION, "numerator"), shown.numerator, shown.people)]
        if shown.denominator is not None:
            found.append(_counted(_code(POPULATION, "denominator"), shown.denominator, round(shown.denominator)))
        return found

    def score(self, shown: Part | None) -> dict[str, Any]:
        value = value_of(self.definition, shown) if shown is not None else None
        return {"measureScore": {"value": _number(value), **_unit(self.definition)}} if value is not None else {}


def _masked(code: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "_count": {"extension": [MASKED]}}


def _counted(code: dict[str, Any], number: float, people: int) -> dict[str, Any]:
    whole = number == round(number)
    exactly = [] if whole else [{"url": EXACTLY, "valueDecimal": _number(number)}]
    extensions = [{"url": PEOPLE, "valueUnsignedInt": people}, *exactly]
    return {"extension": extensions, "code": code, "count": round(number)}


def _group(figure: Figure, shown: _Shown, people: Mapping[str, Records]) -> dict[str, Any]:
    definition, whole = figure.definition, figure.whole
    seen = shown.part(whole)
    populations = shown.populations(whole, seen)
    if figure.excluded is not None:
        code = _code(POPULATION, "denominator-exclusion")
        populations.append(shown.count(code, Part(figure.excluded, None, figure.excluded)))
    for each in populations:
        name = each["code"]["coding"][0]["code"]
        if name in people:
            each["subjectResults"] = {"reference": f"#{name}"}
    for name, part in figure.others.items():
        populations.append(shown.count(_code(FURTHER, name), part))
    group: dict[str, Any] = {"code": _code(MEASURE_GROUP, definition.id), "population": populations}
    if figure.included is not None:
        group["extension"] = [{"url": LEFT_IN, "extension": shown.parts(shown.part(figure.included))}]
    if not figure.without_list_size:
        group |= shown.score(seen)
    if figure.strata:
        group["stratifier"] = [_stratifier(name, strata, shown) for name, strata in figure.strata.items()]
    return group


def _stratifier(name: str, strata: Mapping[str, Part], shown: _Shown) -> dict[str, Any]:
    seen = shown.table(strata)
    found = [
        {
            "value": {"text": value},
            "population": shown.populations(part, seen[value]),
            **shown.score(seen[value]),
        }
        for value, part in sorted(strata.items())
    ]
    return {"code": [_code(STRATIFIER, name)], **({"stratum": found} if found else {})}


def _list(name: str, records: Records) -> dict[str, Any]:
    return {
        "resourceType": "List", "id": name, "status": "current", "mode": "snapshot",
        "entry": [
            {
                "extension": [{"url": COUNTED, "valueString": source} for source in sources],
                "item": {"reference": f"Patient/{patient}"},
            }
            for patient, sources in records.items()
        ],
    }  # fmt: skip


def _against(figure: Figure, shown: _Shown) -> list[dict[str, Any]]:
    target = figure.target
    part = shown.part(figure.whole)
    value = value_of(figure.definition, part) if part is not None and not figure.without_list_size else None
    if target is None:
        return []
    parts: list[dict[str, Any]] = [{"url": "year", "valueString": target.year}]
    parts += [
        {"url": name, "valueDecimal": number}
        for name, number in (("minimum", target.minimum), ("maximum", target.maximum)) if number is not None
    ]  # fmt: skip
    if value is not None and target.minimum is not None:
        parts.append({"url": "gap", "valueDecimal": _number(max(0.0, target.minimum - value))})
    if shown.exact and figure.further is not None:
        parts.append({"url": "further", "valueUnsignedInt": figure.further})
    if value is not None:
        place = "below" if target.minimum is not None and value < target.minimum else (
            "above" if target.maximum is not None and value > target.maximum else "within"
        )  # fmt: skip
        parts.append({"url": "position", "valueCode": place})
    return [{"url": AGAINST, "extension": [*parts, {"url": "source", "valueString": target.source}]}]


def _compared(figure: Figure, shown: _Shown) -> list[dict[str, Any]]:
    """The figure over the days of the baseline, and the change since; no change where one of them is not shown."""
    before = figure.baseline
    if before is None:
        return []
    parts = shown.parts(shown.part(before.whole))
    ends = {"start": written(before.span.first), "end": written(before.span.last)}
    change = figure.change if shown.exact else None
    if change is not None:
        parts.append({"url": "change", "valueDecimal": _number(change[0])})
        if figure.flagged:
            parts.append({"url": "flag", "valueCode": figure.definition.watch})
        if change[1] is not None:
            parts.append({"url": "change-percent", "valueDecimal": _number(change[1])})
    return [{"url": BASELINE, "extension": [{"url": "period", "valuePeriod": ends}, *parts]}]


def _reference(definition: Definition) -> list[dict[str, Any]]:
    held = definition.reference
    if held is None:
        return []
    return [{"url": REFERENCE, "extension": [
        {"url": "number", "valueDecimal": _number(held.number)}, {"url": "source", "valueString": held.source},
    ]}]  # fmt: skip


def _phase(definition: Definition, period: Span) -> list[dict[str, Any]]:
    """What the service is to be on the last day of the period; nothing for a measure without phases that is due."""
    day = date.fromordinal(period.last)
    held = definition.phase(day)
    if definition.starts is not None and day < definition.starts:
        held = Phase("not-yet-due", definition.starts, definition.source)
    if held is None:
        return []
    return [{"url": PHASE, "extension": [
        {"url": "name", "valueCode": held.name}, {"url": "from", "valueDate": held.first.isoformat()},
        {"url": "source", "valueString": held.source},
    ]}]  # fmt: skip


def _value_sets(definition: Definition) -> list[dict[str, Any]]:
    known = value_sets()
    named = sorted(value_sets_of(definition))
    return [{"url": VALUE_SET, "valueString": f"{name}|{known[name].version}"} for name in named]


def _missing(figure: Figure) -> list[dict[str, Any]]:
    reasons = [f"No list size was told for {code}" for code in figure.without_list_size]
    if not reasons and figure.definition.unit in PER and not figure.whole.denominator:
        reasons = ["There is nothing to divide by"]
    return [{"url": NO_FIGURE, "valueString": reason} for reason in reasons]


def _known_at(span: Span) -> list[dict[str, Any]]:
    return [] if span.known is None else [{"url": KNOWN_AT, "valueInstant": to_instant(from_micros(span.known))}]


def _what_if(parameters: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        {"url": WHAT_IF, "extension": [
            {"url": "parameter", "valueString": name}, {"url": "value", "valueDecimal": _number(value)},
        ]}
        for name, value in sorted(parameters.items())
    ]  # fmt: skip


def _unit(definition: Definition) -> dict[str, Any]:
    if definition.unit == "percent":
        return {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
    return {"unit": definition.unit}


def _code(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _number(value: float) -> float | int:
    """Rounded to four digits after the point; a whole number without any."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded
