"""What payments of the scheme add to the declaration of the service."""

from __future__ import annotations

from metrics_service.payments.breakdown_operation import funding_breakdown
from metrics_service.payments.schedule_operation import (
    decide_performance,
    payment_schedule,
    record_payment,
    recover_payment,
)
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "payment-schedule", payment_schedule, type="Measure",
            documentation="What a practice is paid for the scheme, when, and whether it qualifies.",
        ),
        Operation(
            "record-payment", record_payment, type="Measure", letter="u", writes=True,
            documentation="The commissioner records that an instalment or a final payment was made.",
        ),
        Operation(
            "decide-performance", decide_performance, type="Measure", letter="u", writes=True,
            documentation="The commissioner says whether performance under terms of the scheme was satisfactory.",
        ),
        Operation(
            "recover-payment", recover_payment, type="Measure", letter="u", writes=True,
            documentation="The commissioner takes back money that was paid, with the reason.",
        ),
        Operation(
            "funding-breakdown", funding_breakdown, type="Measure", post_letter="u",
            documentation="How a practice deployed the funding, asked for by its commissioner.",
        ),
    )
)  # fmt: skip
