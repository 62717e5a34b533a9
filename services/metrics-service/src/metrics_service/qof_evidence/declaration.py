"""What the evidence for the Quality and Outcomes Framework adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.qof_evidence.evidence_operation import qof_cancer_evidence
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "qof-cancer-evidence", qof_cancer_evidence, type="Measure", documents=True,
            documentation="A practice's cancer work of a financial year as evidence for the module of the framework.",
        ),
    )
)  # fmt: skip
