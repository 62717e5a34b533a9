"""`$state`: where this process of a service stands, for the gateway's `$status`."""

from __future__ import annotations

from tandem.fhir.body import encode
from tandem.fhir.events_page import check_service_identity
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.telemetry.state_reader import StateUnreadable

_OLDEST = 1.0


async def state(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """A `tandem.telemetry.state.State`, of our own services alone. Raises FhirError 503 when it cannot be read."""
    check_service_identity(request)
    if kernel.read_state is None:
        raise FhirError(Kind.UNAVAILABLE, "This process has not started yet")
    try:
        found = await kernel.read_state(_OLDEST)
    except StateUnreadable as error:
        raise FhirError(Kind.UNAVAILABLE, f"The database does not answer ({error})") from error
    return FhirResponse(200, encode(found), content_type="application/json")
