"""Declared operations: http://hl7.org/fhir/R4/operations.html. Declared like types, so routed and authorised alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.events_page import events_page, heads, taken_from_others
from tandem.fhir.job_requests import job_status, start_job
from tandem.fhir.kernel import Kernel, check_scope
from tandem.fhir.loading import load_part
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.refused_operation import audit_refused_operation
from tandem.fhir.registration import registration
from tandem.fhir.request import FhirRequest, FhirResponse, check_json_wanted
from tandem.fhir.timeline import PERSON_OPERATIONS, timeline
from tandem.identity.own_record import refuse_people
from tandem.retention.erasure_preview import erasure_preview
from tandem.service import Operation
from tandem.subscriptions.operations import OPERATIONS as SUBSCRIPTION_OPERATIONS
from tandem.telemetry.state_operation import state

_KERNEL_OPERATIONS = {
    "$events": events_page, "$event-heads": heads, "$events-taken": taken_from_others, "$registration": registration,
    "$load": load_part,
    "$job": job_status, "$state": state, "$erasure-preview": erasure_preview,
}  # fmt: skip
"""Of the kernel itself. All but `$job` are for operators and our own services."""


@dataclass(frozen=True, slots=True)
class OperationCall:
    """What an operation handler gets: where it was called and with which parameters (name to list of values)."""

    kernel: Kernel
    request: FhirRequest
    type: str | None
    id: str | None
    parameters: dict[str, list[Any]]

    def one(self, name: str) -> Any:
        """The only value of a parameter, or None. Raises FhirError 400 when there are several."""
        values = self.parameters.get(name, [])
        if len(values) > 1:
            raise FhirError(Kind.BAD_REQUEST, f"{name} may be given once", expression=name)
        return values[0] if values else None


async def call_operation(kernel: Kernel, request: FhirRequest, segments: list[str]) -> FhirResponse:
    """Carry out `$name` on the system, a type or an instance.

    Raises FhirError 404 for an operation that is not declared there, 403 without the scope, 405 for a wrong method.
    A 404 of the operation itself leaves the trace that a refused read leaves.
    """
    name = segments[-1]
    if not _makes_documents(kernel, name[1:]):
        check_json_wanted(request)
    if len(segments) == 1 and name in _KERNEL_OPERATIONS:
        refuse_people(request.caller)
        return await _KERNEL_OPERATIONS[name](kernel, request)
    if len(segments) == 3 and segments[0] == "Patient" and name in PERSON_OPERATIONS:
        # Of the kernel: every service has a part in it, whoever owns Patient.
        return await timeline(kernel, request, segments[1], name)
    resource_type = segments[0] if len(segments) > 1 else None
    if resource_type is not None:
        kernel.check_type(resource_type)
    resource_id = segments[1] if len(segments) > 2 else None
    if len(segments) > 3 or (resource_id is not None and not is_logical_id(resource_id)):
        raise FhirError(Kind.NOT_FOUND, f"There is no operation {name[:64]} at this address")
    operation = _declared(kernel, name[1:], resource_type, resource_id)
    if not operation.for_people:
        refuse_people(request.caller)
    letter = operation.post_letter if request.method == "POST" and operation.post_letter else operation.letter
    check_scope(request.caller, resource_type or operation.scope or "*", letter)
    if request.method not in ("GET", "POST") or (request.method == "GET" and operation.writes):
        raise FhirError(Kind.METHOD_NOT_ALLOWED, f"{name} takes POST", headers={"Allow": "POST"})
    call = OperationCall(kernel, request, resource_type, resource_id, _parameters(request))
    if operation.asynchronous and request.prefers("respond-async"):
        return await start_job(kernel, request, operation, call.parameters, resource_type, resource_id)
    try:
        answer: FhirResponse = await operation.handler(call)
    except FhirError as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            await audit_refused_operation(call, name)
        raise
    return answer


def _makes_documents(kernel: Kernel, name: str) -> bool:
    return any(operation.name == name and operation.documents for operation in kernel.service.operations)


def _declared(kernel: Kernel, name: str, resource_type: str | None, resource_id: str | None) -> Operation:
    level = "system" if resource_type is None else "type" if resource_id is None else "instance"
    for operation in (*kernel.service.operations, *SUBSCRIPTION_OPERATIONS):
        if operation.name == name and operation.level == level and operation.type == resource_type:
            return operation
    raise FhirError(Kind.NOT_FOUND, f"There is no operation ${name[:64]} at this address")


def _parameters(request: FhirRequest) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, value in request.parameters():
        if name != "_format":
            found.setdefault(name, []).append(value)
    if request.method == "POST" and request.body:
        for name, value in body_parameters(parse_resource(request.body)):
            found.setdefault(name, []).append(value)
    # PostgreSQL holds no such character, so it is refused before anything is looked up; in a query it was already.
    if b"\\u0000" in request.body and _holds_null(found):
        raise FhirError(Kind.BAD_REQUEST, "A parameter holds a null character")
    return found


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_null(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(map(_holds_null, value))
    return isinstance(value, str) and "\x00" in value


def body_parameters(body: Resource) -> list[tuple[str, Any]]:
    """Name and value of each of a Parameters; any other resource is the parameter `resource`. Raises FhirError 400."""
    if body["resourceType"] != "Parameters":
        return [("resource", body)]
    pairs: list[tuple[str, Any]] = []
    given = body.get("parameter", [])
    if not isinstance(given, list):
        raise FhirError(Kind.BAD_REQUEST, "parameter is a list", expression="Parameters.parameter")
    for parameter in given:
        if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
            raise FhirError(Kind.BAD_REQUEST, "Every parameter has a name", expression="Parameters.parameter")
        values = [value for key, value in parameter.items() if key.startswith("value") or key == "resource"]
        pairs += [(parameter["name"], value) for value in values]
    return pairs
