"""FHIR patch interaction with JSON Patch (RFC 6902): http://hl7.org/fhir/R4/http.html#patch"""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import jsonpointer

from tandem.fhir.body import Resource, decode, parse
from tandem.fhir.content import check_resource
from tandem.fhir.etag import check_if_match
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.fhir.written import written_response
from tandem.fhir.writing import Intent

_OPERATIONS = {"add", "remove", "replace", "move", "copy", "test"}
_MAX_OPERATIONS = 1000


async def patch(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """Change parts of the current resource and leave every other value as it was, to the last digit.

    Raises FhirError 400 (not a JSON Patch), 404/410, 412 (If-Match), 422 (a path that is not there, a failed test, or
    a result that is not valid).
    """
    operations = _operations(request.body)
    async with kernel.database.transaction() as connection:
        held = await visible_resource(kernel, connection, request, resource_type, resource_id, lock=True)
        if held is None:
            raise FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
        check_if_match(request, held)
        if held.body is None:
            raise FhirError(Kind.GONE, f"This {resource_type} was deleted")
        after = patched(decode(held.body), operations)
        if after.get("id") != resource_id:
            raise FhirError(Kind.UNPROCESSABLE, "A patch must not change the id", expression=f"{resource_type}.id")
        check_resource(kernel, after, resource_type)
        context = write_context(request.caller, request.request_id, request.correlation_id)
        written = await kernel.writing.apply(
            connection, Intent(resource_type, resource_id, held, after, "patch"), context
        )
    return written_response(kernel, request, written)


def patched(resource: Resource, operations: list[dict[str, Any]]) -> Resource:
    """The resource after the operations. Raises FhirError 422 naming the operation that could not be carried out."""
    result: Any = copy.deepcopy(resource)
    for number, operation in enumerate(operations):
        try:
            result = jsonpatch.JsonPatch([operation]).apply(result)
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, ValueError, KeyError):
            text = f"Operation {number} ({operation['op']}) cannot be carried out on this resource"
            raise FhirError(Kind.UNPROCESSABLE, text) from None
    if not isinstance(result, dict):
        raise FhirError(Kind.UNPROCESSABLE, "The patch leaves no resource")
    return result


def _operations(body: bytes) -> list[dict[str, Any]]:
    value = parse(body)
    if not isinstance(value, list) or not value or len(value) > _MAX_OPERATIONS:
        raise FhirError(Kind.BAD_REQUEST, f"A JSON Patch is an array of 1 to {_MAX_OPERATIONS} operations")
    issues = []
    for number, operation in enumerate(value):
        fault = _fault(operation)
        if fault:
            issues.append(Issue(f"Operation {number}: {fault}"))
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues[:100])
    return value


def _fault(operation: Any) -> str | None:
    if not isinstance(operation, dict):
        return "an operation is an object"
    if operation.get("op") not in _OPERATIONS:
        return "op must be one of add, remove, replace, move, copy, test"
    if not isinstance(operation.get("path"), str):
        return "path is missing"
    if operation["op"] in ("add", "replace", "test") and "value" not in operation:
        return "value is missing"
    if operation["op"] in ("move", "copy") and not isinstance(operation.get("from"), str):
        return "from is missing"
    return None
