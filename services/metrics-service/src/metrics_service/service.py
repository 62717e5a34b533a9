"""metrics-service: did it help?

It owns measures and reports. From the events of the others it keeps facts, counts them when asked, and shows the
figures to the practice, its network and its commissioner.
"""

from __future__ import annotations

from metrics_service.evaluate_measure import evaluate_measure
from metrics_service.fact_handler import KINDS, keep_fact
from metrics_service.measure_seeds import put_measures
from metrics_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Listener, Operation, ResourceType, Service

service = Service(
    name="metrics-service",
    types=tuple(ResourceType(name) for name in OWNED_TYPES["metrics-service"]),
    metadata=metadata,
    migrations="metrics_service:migrations",
    listeners=(Listener("keep-fact", KINDS, keep_fact),),
    operations=(
        Operation(
            "evaluate-measure", evaluate_measure, level="instance", type="Measure",
            documentation="The figures of a practice or network from `periodStart` to `periodEnd`, as a MeasureReport.",
        ),
    ),
    seeds=put_measures,
)  # fmt: skip
