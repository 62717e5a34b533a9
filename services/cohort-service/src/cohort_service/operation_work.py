"""The Work of an operation that writes: in its own transaction, on behalf of the organisation that called it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tandem.database.connection import Connection
from tandem.fhir.kernel import write_context
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def work_of(call: OperationCall, connection: Connection, now: datetime) -> Work:
    """The Work over an open transaction; what is written has the caller's organisation as its author."""
    factory = call.kernel.writing.work_factory
    assert factory is not None, "the runtime sets the work factory"
    request = call.request
    return factory(connection, write_context(request.caller, request.request_id, request.correlation_id), now)
