"""What assurance forms add to the declaration of the service."""

from __future__ import annotations

from metrics_service.assurance_form.baseline_listener import RETURNED, keep_baseline_return
from metrics_service.assurance_form.form_operation import assurance_form
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("keep-baseline-return", (RETURNED,), keep_baseline_return),),
    operations=(
        Operation(
            "assurance-form", assurance_form, type="MeasureReport", post_letter="u", documents=True,
            documentation="What a practice gives before the scheme begins, drawn from its case register.",
        ),
    ),
)  # fmt: skip
