"""The trace of an operation that was refused as if there were nothing: the practice finds who tried (AuditEvent).

What was tried is the instance in the address, the person that `patient` names, and every record that another
parameter names as `Encounter/[id]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tandem.clock import to_micros
from tandem.fhir.auditing import audit_refusal
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.outcome import FhirError
from tandem.fhir.person_parameter import person_named

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall

_MOST = 20


async def audit_refused_operation(call: OperationCall, name: str) -> None:
    """One entry with status 404 for each thing that was tried, under the name of the operation (`$explain`)."""
    tried = {(call.type, call.id)} if call.type is not None and call.id is not None else set()
    tried |= set(_records(call))
    async with call.kernel.database.read() as connection:
        for value in call.parameters.get("patient", [])[:_MOST]:
            if (patient := await _person(connection, value)) is not None:
                tried.add(("Patient", patient))
    at = to_micros(call.kernel.clock.now())
    for resource_type, resource_id in sorted(tried)[:_MOST]:
        await audit_refusal(call.kernel.database, call.request, name, resource_type, resource_id, at)


def _records(call: OperationCall) -> Iterator[tuple[str, str]]:
    for name, values in call.parameters.items():
        for value in values if name != "patient" else ():
            reference = value.get("reference") if isinstance(value, dict) else value
            if isinstance(reference, str):
                kind, _, identity = reference.partition("/")
                if kind in call.kernel.types and is_logical_id(identity):
                    yield kind, identity


async def _person(connection: Connection, value: Any) -> str | None:
    try:
        found = await person_named(connection, value)
    except FhirError:
        # It names nobody, in no form that there is: there is nobody to tell of it.
        return None
    return found if found is not None and is_logical_id(found) else None
