"""FHIR `$validate`: http://hl7.org/fhir/R4/resource-operation-validate.html"""

from __future__ import annotations

from tandem.fhir.body import Resource, encode, parse_resource
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind, Outcome, information
from tandem.fhir.request import FhirRequest, FhirResponse


async def validate(kernel: Kernel, request: FhirRequest, resource_type: str) -> FhirResponse:
    """Every fault of the resource, or that there is none; 200 either way. Nothing is stored.

    Takes the resource itself or Parameters with a `resource`. Raises FhirError 400 for a body that is neither.
    """
    sent = parse_resource(request.body)
    resource = _subject(sent)
    if resource.get("resourceType") != resource_type:
        raise FhirError(Kind.BAD_REQUEST, f"The body is not a {resource_type}", expression="resourceType")
    issues = kernel.validator.validate(resource)
    body = Outcome(Kind.INVALID, issues).resource() if issues else information("No faults were found")
    return FhirResponse(200, encode(body))


def _subject(sent: Resource) -> Resource:
    if sent["resourceType"] != "Parameters":
        return sent
    for parameter in sent.get("parameter") or ():
        if (
            isinstance(parameter, dict)
            and parameter.get("name") == "resource"
            and isinstance(parameter.get("resource"), dict)
        ):
            resource: Resource = parameter["resource"]
            return resource
    raise FhirError(Kind.BAD_REQUEST, "Parameters for $validate need a parameter named resource")
