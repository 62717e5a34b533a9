"""How an operation writes, in its own transaction: as the service, or with the rights of its caller."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.kernel import write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.store import lock
from tandem.fhir.writing import Intent
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def work_of(call: OperationCall, connection: Connection, now: datetime) -> Work:
    """The Work over an open transaction; what is written has the caller's organisation as its author.

    It writes as the service itself: nobody's rights are asked, so the operation has asked them before.
    """
    factory = call.kernel.writing.work_factory
    assert factory is not None, "the runtime sets the work factory"
    request = call.request
    return factory(connection, write_context(request.caller, request.request_id, request.correlation_id), now)


async def put_as_caller(call: OperationCall, connection: Connection, resource: Resource) -> Resource:
    """Create or update under the resource's own id as if the caller had sent it: rights, rules and all.

    Raises FhirError 422 (not valid, a rule of care), 403, 404.
    """
    kernel, request = call.kernel, call.request
    issues = kernel.validator.validate(resource)
    if issues:
        raise FhirError(Kind.INVALID, issues=issues[:100])
    kind, identity = str(resource["resourceType"]), str(resource["id"])
    before = await lock(connection, kind, identity)
    context = write_context(request.caller, request.request_id, request.correlation_id)
    intent = Intent(kind, identity, before, dict(resource), "create" if before is None else "update")
    written = await kernel.writing.apply(connection, intent, context)
    assert written.body is not None
    kept: Resource = decode(written.body)
    return kept
