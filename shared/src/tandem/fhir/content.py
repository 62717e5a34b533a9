"""From bytes to a resource that may be stored: JSON, type, then every fault of validation at once."""

from __future__ import annotations

from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest


def checked_resource(kernel: Kernel, request: FhirRequest, resource_type: str) -> Resource:
    """The valid resource in the body. Raises FhirError 400 (unreadable), 413 (too large), 422 (all faults)."""
    check_size(kernel, request.body)
    resource = parse_resource(request.body)
    check_resource(kernel, resource, resource_type, request.body)
    return resource


def check_size(kernel: Kernel, raw: bytes) -> None:
    """Raises FhirError 413 for a resource of more bytes than one may have."""
    if len(raw) > kernel.max_resource:
        raise FhirError(Kind.TOO_LARGE, f"One resource may take up to {kernel.max_resource} bytes")


def check_resource(kernel: Kernel, resource: Resource, resource_type: str, raw: bytes | None = None) -> None:
    """Raises FhirError 400 for another type than the address names, 422 with every fault."""
    if resource.get("resourceType") != resource_type:
        raise FhirError(Kind.BAD_REQUEST, f"The body is not a {resource_type}", expression="resourceType")
    issues = kernel.validator.validate(resource, raw)
    if issues:
        raise FhirError(Kind.INVALID, issues=issues[:100])
