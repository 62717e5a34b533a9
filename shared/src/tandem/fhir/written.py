"""The answer to a write, as `Prefer: return` asks (http://hl7.org/fhir/R4/http.html#ops)."""

from __future__ import annotations

from tandem.fhir.body import encode
from tandem.fhir.etag import version_headers
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import information
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.writing import Written


def written_response(kernel: Kernel, request: FhirRequest, written: Written) -> FhirResponse:
    """201 for a new resource, 200 for a new version or an identical body, with Location and ETag."""
    headers = version_headers(written.version, written.updated)
    location = f"{kernel.base}/{written.type}/{written.id}/_history/{written.version}"
    if written.created or request.method == "POST":
        headers["Location"] = location
    headers["Content-Location"] = location
    status = 201 if written.created else 200
    if request.prefers("return=minimal") or written.body is None:
        return FhirResponse(status, b"", headers)
    if request.prefers("return=OperationOutcome"):
        text = "Stored as a new version" if written.changed else "Held already; no new version"
        return FhirResponse(status, encode(information(text)), headers)
    return FhirResponse(status, written.body, headers)
