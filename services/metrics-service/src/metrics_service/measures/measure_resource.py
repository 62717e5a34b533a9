"""A definition as a FHIR Measure: http://hl7.org/fhir/R4/measure.html. Put at every start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.measures.shipped import definitions, shapes
from tandem.canonical import BASE
from tandem.fhir.body import Resource
from tandem.service import Work
from tandem.yaml_text import dump_flow

POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
MEASURE_GROUP: Final = f"{BASE}/CodeSystem/measure-group"
FURTHER: Final = f"{BASE}/CodeSystem/measure-further-population"
STRATIFIER: Final = f"{BASE}/CodeSystem/measure-stratifier"
DETAILS: Final = f"{BASE}/StructureDefinition/measure-details"
"""Extension with what FHIR has no element for: service, unit, responsible, stage, data, frequency, consequence, ..."""
TARGET: Final = f"{BASE}/StructureDefinition/measure-target"
"""Extension, one a financial year: `year`, `minimum`, `maximum`, `source`."""
_DIRECTIONS: Final = {"up": ("increase", "Increased score indicates improvement"),
                      "down": ("decrease", "Decreased score indicates improvement")}  # fmt: skip


async def put_measure_resources(work: Work) -> None:
    """Put each; one that is there already makes no new version."""
    for name, definition in definitions().items():
        await work.put(measure_resource(definition, shapes()[name]))


def measure_url(definition: Definition) -> str:
    """The canonical address, without the version."""
    return f"{BASE}/Measure/{definition.id}"


def measure_resource(definition: Definition, shape: Mapping[str, Any]) -> Resource:
    """The Measure; `shape` is what the file holds, whose populations are its criteria."""
    found: Resource = {
        "resourceType": "Measure",
        "id": definition.id,
        "extension": [_details(definition), *(_target(each) for each in definition.targets)],
        "url": measure_url(definition),
        "version": definition.version,
        "name": "".join(word.capitalize() for word in definition.id.split("-")),
        "title": definition.title,
        "status": "active",
        "experimental": False,
        "publisher": "Tandem",
        "description": definition.description,
        "relatedArtifact": [
            {"type": "citation", "label": ", ".join(definition.requirements), "citation": definition.source}
        ],
        "scoring": _concept("measure-scoring", *_scoring(definition)),
        "type": [_concept("measure-type", *_type(definition))],
    }
    if definition.direction in _DIRECTIONS:
        found["improvementNotation"] = _concept("measure-improvement-notation", *_DIRECTIONS[definition.direction])
    if definition.starts is not None or definition.ends is not None:
        found["effectivePeriod"] = {
            **({"start": definition.starts.isoformat()} if definition.starts else {}),
            **({"end": definition.ends.isoformat()} if definition.ends else {}),
        }
    found["group"] = [_group(definition, shape)]
    return found


def _group(definition: Definition, shape: Mapping[str, Any]) -> dict[str, Any]:
    populations = [_population("numerator", "Numerator", shape["numerator"])]
    if shape.get("denominator") is not None:
        populations.append(_population("denominator", "Denominator", shape["denominator"]))
    if shape.get("exclusions"):
        populations.append(_population("denominator-exclusion", "Denominator Exclusion", shape["exclusions"]))
    for name, population in definition.populations.items():
        populations.append(
            {
                "code": {"coding": [{"system": FURTHER, "code": name, "display": population.title or name}]},
                "criteria": _criteria(shape["populations"][name]),
            }
        )
    group: dict[str, Any] = {
        "code": {"coding": [{"system": MEASURE_GROUP, "code": definition.id, "display": definition.title}]},
        "population": populations,
    }
    if definition.stratifiers:
        group["stratifier"] = [
            {"code": {"coding": [{"system": STRATIFIER, "code": name}]}, "criteria": _criteria(name)}
            for name in definition.stratifiers
        ]
    return group


def _population(code: str, display: str, shape: Any) -> dict[str, Any]:
    return {
        "code": {"coding": [{"system": POPULATION, "code": code, "display": display}]}, "criteria": _criteria(shape),
    }  # fmt: skip


def _criteria(shape: Any) -> dict[str, str]:
    text = shape if isinstance(shape, str) else dump_flow(shape)
    return {"language": "text/plain", "expression": text.strip()}


def _scoring(definition: Definition) -> tuple[str, str]:
    if definition.is_share:
        return "proportion", "Proportion"
    if definition.unit in PER:
        return "ratio", "Ratio"
    if definition.numerator.count in ("people", "things"):
        return "cohort", "Cohort"
    return "continuous-variable", "Continuous Variable"


def _type(definition: Definition) -> tuple[str, str]:
    return ("outcome", "Outcome") if definition.stage == "outcome" else ("process", "Process")


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code, "display": display}]}


def _details(definition: Definition) -> dict[str, Any]:
    texts = {
        "service": definition.service, "unit": definition.unit, "responsible": definition.responsible,
        "purpose": definition.purpose, "stage": definition.stage, "data": definition.data,
        "frequency": definition.frequency, "consequence": definition.consequence,
    }  # fmt: skip
    flags = {"attributable": definition.attributable, "headline": definition.headline}
    return {
        "url": DETAILS,
        "extension": [
            *({"url": name, "valueString": text} for name, text in texts.items() if text),
            *({"url": name, "valueBoolean": flag} for name, flag in flags.items()),
        ],
    }


def _target(target: Any) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": "year", "valueString": target.year}]
    parts += [
        {"url": name, "valueDecimal": value}
        for name, value in (("minimum", target.minimum), ("maximum", target.maximum)) if value is not None
    ]  # fmt: skip
    if target.source:
        parts.append({"url": "source", "valueString": target.source})
    return {"url": TARGET, "extension": parts}
