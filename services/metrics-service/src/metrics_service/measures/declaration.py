"""Measures: put at every start, evaluated when asked."""

from __future__ import annotations

from metrics_service.evaluate_measure import evaluate_measure
from metrics_service.measures.compare_networks import compare_networks
from metrics_service.measures.data_requirements import data_requirements
from metrics_service.measures.groups_operation import groups
from metrics_service.measures.measure_resource import put_measure_resources
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "compare-networks", compare_networks, level="instance", type="Measure",
            documentation="A measure of each network of a commissioner, ranked, with the networks that are most alike.",
        ),
        Operation(
            "evaluate-measure", evaluate_measure, level="instance", type="Measure", asynchronous=True,
            documentation="The figures of a practice or network from `periodStart` to `periodEnd`, as a MeasureReport.",
        ),
        Operation(
            "groups", groups, level="instance", type="Measure", post_letter="u",
            documentation="To which lists of people a measure applies in a network or a commissioner's area.",
        ),
        Operation(
            "data-requirements", data_requirements, level="instance", type="Measure",
            documentation="The kinds of data that a measure counts, as a Library of the type module-definition.",
        ),
    ),
    seeds=(put_measure_resources,),
)  # fmt: skip
