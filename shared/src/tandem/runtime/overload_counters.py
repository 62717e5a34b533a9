"""Figures of overload for Prometheus. No label holds anything of an organisation or a patient."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

REFUSED = Counter(
    "tandem_overload_refusals_total",
    "Requests refused with 429 or 503 because of load; by lane and reason: share, waiting, wait, bodies, lag,"
    " connections",
    ["lane", "reason"],
)
IN_FLIGHT = Gauge("tandem_requests_in_flight", "Requests that are worked on", ["lane"])
WAITING = Gauge("tandem_requests_waiting", "Requests that wait for a place", ["lane"])
HELD = Gauge("tandem_request_bytes_held", "Bytes of bodies and of answers that are being taken", ["lane"])
CONNECTIONS = Gauge("tandem_http_connections", "Open HTTP connections of this process")
