"""Request figures for Prometheus: by service, interaction and status. No label holds anything of a patient."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.request import FhirRequest

_REQUESTS = Counter("tandem_fhir_requests_total", "FHIR requests", ["service", "type", "interaction", "status"])
_SECONDS = Histogram(
    "tandem_fhir_request_seconds", "Time to answer a FHIR request", ["service", "interaction"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
_BY_METHOD = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "read", "HEAD": "read"}


def measure_request(service: str, request: FhirRequest, status: int, seconds: float) -> None:
    """Count one request."""
    first, _, rest = request.path.partition("/")
    kind = first if first in OWNER or first in KERNEL_TYPES else "system"
    interaction = _interaction(request.method, first, rest)
    _REQUESTS.labels(service, kind, interaction, str(status)).inc()
    _SECONDS.labels(service, interaction).observe(seconds)


def _interaction(method: str, first: str, rest: str) -> str:
    path = f"{first}/{rest}"
    if "$" in path:
        return "operation"
    if "_history" in path:
        return "history"
    if first == "metadata":
        return "capabilities"
    if not first:
        return "bundle"
    if rest == "_search" or (not rest and method == "GET"):
        return "search-type"
    return _BY_METHOD.get(method, "other")
