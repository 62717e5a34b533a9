"""The MeasureReport of an evaluated measure: http://hl7.org/fhir/R4/measurereport.html. Rendered, never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metrics_service.domain.london_days import Day, written
from metrics_service.domain.small_numbers import Count, disclosed
from tandem.canonical import BASE, ODS_CODE
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.small_numbers import MASKED

CUT_OFF = f"{BASE}/StructureDefinition/data-cut-off"
"""Extension, one a source: `source` (service), `position` (the last event of its log that is counted)."""
WAITING = f"{BASE}/StructureDefinition/events-waiting"
"""Extension: how many events before the cut-off could not be applied yet, and so are not counted."""
PEOPLE = f"{BASE}/StructureDefinition/people-counted"
"""Extension on a population: how many people its count is about, each once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in one statement: counts by population, positions by source, and events not applied yet."""

    counts: Mapping[str, Count]
    positions: Mapping[str, int]
    waiting: int


def measure_report(
    measure: Resource, organisation: str, first: Day, last: Day, now: datetime, figures: Figures, *, exact: bool = True
) -> Resource:
    """The summary for an organisation (code) over these days, populations in the measure's order.

    Unless `exact`, small numbers are masked and others rounded.
    """
    return {
        "resourceType": "MeasureReport",
        "extension": [*cut_off(figures.positions), {"url": WAITING, "valueUnsignedInt": figures.waiting}],
        "status": "complete",
        "type": "summary",
        "measure": f"{measure['url']}|{measure['version']}",
        "date": to_instant(now),
        "reporter": {"type": "Organization", "identifier": identifier(organisation)},
        "period": {"start": written(first), "end": written(last)},
        "group": [_group(group, figures.counts, exact) for group in measure["group"]],
    }


def cut_off(positions: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    """Extensions that say up to which position each log is counted."""
    return [
        {
            "url": CUT_OFF,
            "extension": [
                {"url": "source", "valueString": source},
                # A log may grow beyond the 31 bits of an integer.
                {"url": "position", "valueDecimal": position},
            ],
        }
        for source, position in sorted(positions.items())
    ]


def _group(group: dict[str, Any], counts: Mapping[str, Count], exact: bool) -> dict[str, Any]:
    populations = []
    for population in group["population"]:
        counted = counts[population["code"]["coding"][0]["code"]]
        populations.append(_population(population["code"], counted if exact else disclosed(counted)))
    return {**({"code": group["code"]} if "code" in group else {}), "population": populations}


def _population(code: dict[str, Any], shown: Count | None) -> dict[str, Any]:
    if shown is None:
        return {"code": code, "_count": {"extension": [MASKED]}}
    people = {"url": PEOPLE, "valueUnsignedInt": shown.people}
    return {"extension": [people], "code": code, "count": shown.count}


def identifier(organisation: str) -> dict[str, str]:
    """The Identifier of an organisation by its code."""
    system, separator, value = organisation.rpartition("|")
    return {"system": system if separator else ODS_CODE, "value": value}
