"""What is counted of notifications, for /metrics. Labels are names of services and of errors, never of a person."""

from __future__ import annotations

from prometheus_client import Counter

SENT = Counter("tandem_notifications_sent", "Notifications that an endpoint has taken", ["service"])
FAILED = Counter("tandem_notifications_failed", "Attempts that an endpoint did not take", ["service", "reason"])
WITHHELD = Counter(
    "tandem_notifications_withheld", "Matching versions that the organisation may not see now", ["service"]
)
