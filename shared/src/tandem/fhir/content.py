"""From bytes to a resource that may be stored: JSON, type, then every fault of validation at once."""

from __future__ import annotations

import asyncio

from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest

LARGE = 128 * 1024
"""From this many bytes on a body is read in a thread, so that others are answered meanwhile."""


async def checked_resource(kernel: Kernel, request: FhirRequest, resource_type: str) -> Resource:
    """The valid resource in the body. Raises FhirError 400 (unreadable), 413 (too large), 422 (all faults)."""
    check_size(kernel, request.body)
    if len(request.body) < LARGE:
        return _read(kernel, request.body, resource_type)
    return await asyncio.to_thread(_read, kernel, request.body, resource_type)


async def parsed_body(request: FhirRequest) -> Resource:
    """The resource in the body as it was sent, such as a Bundle. Raises FhirError 400 for an unreadable one."""
    if len(request.body) < LARGE:
        return parse_resource(request.body)
    return await asyncio.to_thread(parse_resource, request.body)


def _read(kernel: Kernel, raw: bytes, resource_type: str) -> Resource:
    resource = parse_resource(raw)
    check_resource(kernel, resource, resource_type, raw)
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
