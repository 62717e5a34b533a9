"""FHIR patch interaction with JSON Patch (RFC 6902): http://hl7.org/fhir/R4/http.html#patch"""

from __future__ import annotations

from typing import Any

import jsonpatch
import jsonpointer

from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode, encode, parse, parse_resource
from tandem.fhir.changed_since import check_version
from tandem.fhir.content import check_resource, check_size
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.store import Stored
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import Intent, Written
from tandem.fhir.written import written_response

_OPERATIONS = {"add", "remove", "replace", "move", "copy", "test"}
_MAX_OPERATIONS = 1000
_IMPOSSIBLE = (
    jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, ValueError, LookupError, AttributeError,
    RecursionError,
)  # fmt: skip


async def patch(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """Change parts of the current resource and leave every other value as it was, to the last digit.

    Raises FhirError 400 (not a JSON Patch), 404/410, 412 (If-Match), 422 (a path that is not there, a failed test, or
    a result that is not valid).
    """
    operations = patch_operations(request.body)
    async with kernel.database.transaction() as connection:
        held = await visible_resource(kernel, connection, request, resource_type, resource_id, lock=True)
        if held is None:
            raise FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
        written = await patch_on(kernel, connection, request, held, operations)
    return written_response(kernel, request, written)


async def patch_on(
    kernel: Kernel, connection: Connection, request: FhirRequest, held: Stored, operations: list[dict[str, Any]]
) -> Written:
    """Patch a resource that is held against other writers, in an open transaction."""
    await check_version(kernel, connection, request, held)
    if held.body is None:
        raise FhirError(Kind.GONE, f"This {held.type} was deleted")
    try:
        raw = encode(patched(decode(held.body), operations, kernel.max_resource))
    except RecursionError:
        raise FhirError(Kind.UNPROCESSABLE, "The patch nests its result too deeply") from None
    check_size(kernel, raw)
    # Read as if it had been sent: operations can nest what they add.
    after = parse_resource(raw)
    if after.get("id") != held.id:
        raise FhirError(Kind.UNPROCESSABLE, "A patch must not change the id", expression=f"{held.type}.id")
    check_resource(kernel, after, held.type, raw)
    context = write_context(request.caller, request.request_id, request.correlation_id)
    return await kernel.writing.apply(connection, Intent(held.type, held.id, held, after, "patch"), context)


def patched(resource: Resource, operations: list[dict[str, Any]], most: int) -> Resource:
    """The resource after the operations; it is changed in place.

    Raises FhirError 422 naming the operation that could not be carried out, 413 when copies add more than `most` bytes.
    """
    result: Any = resource
    copied = 0
    for number, operation in enumerate(operations):
        try:
            if operation["op"] == "copy":
                # Copies of copies double in size each time.
                copied += len(encode(jsonpointer.resolve_pointer(result, operation["from"])))
                if copied > most:
                    raise FhirError(Kind.TOO_LARGE, f"The copies of a patch may add up to {most} bytes")
            result = jsonpatch.JsonPatch([operation]).apply(result, in_place=True)
        except _IMPOSSIBLE:
            text = f"Operation {number} ({operation['op']}) cannot be carried out on this resource"
            raise FhirError(Kind.UNPROCESSABLE, text) from None
    if not isinstance(result, dict):
        raise FhirError(Kind.UNPROCESSABLE, "The patch leaves no resource")
    return result


def patch_operations(body: bytes) -> list[dict[str, Any]]:
    """The operations of a JSON Patch. Raises FhirError 400 naming each one that is none."""
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
