"""The resource that an operation is called on, if its caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.store import Stored
from tandem.fhir.visibility import visible_resource

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def asked_resource(
    call: OperationCall, connection: Connection, *, lock: bool = False
) -> tuple[Resource, Stored]:  # fmt: skip
    """The resource of the address with its row, held until the transaction ends when it is locked.

    Raises FhirError 404 when there is none, it is deleted, or the caller may not see it.
    """
    assert call.type is not None and call.id is not None, "declared on the instance"
    held = await visible_resource(call.kernel, connection, call.request, call.type, call.id, lock=lock)
    if held is None or held.body is None:
        raise _absent(call.type)
    return decode(held.body), held


async def asked_about_person(
    call: OperationCall, connection: Connection, *, lock: bool = False
) -> tuple[Resource, str]:  # fmt: skip
    """The same for a record about a person, with the Patient.id; 404 also for one that is about nobody."""
    resource, held = await asked_resource(call, connection, lock=lock)
    if held.patient is None:
        raise _absent(held.type)
    return resource, held.patient


def _absent(resource_type: str) -> FhirError:
    return FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
