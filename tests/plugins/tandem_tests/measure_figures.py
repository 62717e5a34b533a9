"""What `$evaluate-measure` answers, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tandem.canonical import BASE
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource

_URL = f"{BASE}/StructureDefinition"
YEAR = ("2020-04-01", "2021-03-31")


@dataclass(slots=True)
class Measured:
    """A summary: numbers by population, of practices by their code, of strata by stratifier and value.

    `against` is what the report says of the target, `before` of the baseline, by the names of their parts.
    """

    value: float | None
    populations: dict[str, float]
    practices: dict[str, dict[str, float]] = field(default_factory=dict)
    strata: dict[str, dict[str, float]] = field(default_factory=dict)
    values: dict[str, dict[str, float]] = field(default_factory=dict)
    against: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    reference: dict[str, Any] = field(default_factory=dict)
    report: Resource = field(default_factory=dict)

    @property
    def numerator(self) -> float:
        """What was counted."""
        return self.populations["numerator"]

    @property
    def denominator(self) -> float:
        """Among what."""
        return self.populations["denominator"]


async def measured(
    client: FhirClient, measure: str, period: tuple[str, str] = YEAR, **asked: str
) -> Measured:  # fmt: skip
    """The figure of a measure over a period, once everybody has heard of everything; of the caller unless `asked`."""
    await client.caught_up()
    query = urlencode({"periodStart": period[0], "periodEnd": period[1], **asked})
    return read(await client.call("GET", f"Measure/{measure}/$evaluate-measure?{query}"))


def read(report: Resource) -> Measured:
    """The numbers of a report."""
    [group] = report["group"]
    practices: dict[str, dict[str, float]] = {}
    for each in _extensions(report, "figure-of-practice"):
        practices[each.pop("practice")["value"]] = each
    strata, values = {}, {}
    for stratifier in group.get("stratifier", []):
        name = stratifier["code"][0]["coding"][0]["code"]
        strata[name] = {each["value"]["text"]: _number(each["population"][0]) for each in stratifier.get("stratum", [])}
        values[name] = {
            each["value"]["text"]: float(each["measureScore"]["value"])
            for each in stratifier.get("stratum", []) if "measureScore" in each
        }  # fmt: skip
    score = group.get("measureScore")

    def said(name: str) -> dict[str, Any]:
        return next(iter(_extensions(report, name)), {})

    return Measured(
        float(score["value"]) if score else None,
        {each["code"]["coding"][0]["code"]: _number(each) for each in group["population"]},
        practices, strata, values, said("figure-against-target"), said("figure-at-baseline"), said("figure-reference"),
        report,
    )  # fmt: skip


def _number(population: dict[str, Any]) -> float:
    exactly = [
        each["valueDecimal"] for each in population.get("extension", []) if each["url"].endswith("/exact-number")
    ]
    return float(exactly[0]) if exactly else float(population["count"])


def _extensions(report: Resource, name: str) -> list[dict[str, Any]]:
    return [
        {each["url"]: next((value for key, value in each.items() if key.startswith("value")), None)
         for each in found["extension"]}
        for found in report.get("extension", []) if found["url"] == f"{_URL}/{name}"
    ]  # fmt: skip
