"""Invariants of measures and their reports."""

from __future__ import annotations

from tandem.fhir.validation.invariants.rule import Invariant, either, has

INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Measure.group.stratifier": (
        Invariant(
            "mea-1",
            "A stratifier needs either criteria or components, not both",
            lambda node: has(node, "code", "description", "criteria") != has(node, "component"),
        ),
    ),
    "MeasureReport": (
        Invariant(
            "mrp-1",
            "A report for data collection must have no groups",
            lambda node: node.get("type") != "data-collection" or not has(node, "group"),
            ("group",),
        ),
    ),
    "MeasureReport.group.stratifier.stratum": (either("mrp-2", "value", "component"),),
}
