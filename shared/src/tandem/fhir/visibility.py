"""Fetching a resource only if the caller may see it."""

from __future__ import annotations

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.kernel import Kernel
from tandem.fhir.request import FhirRequest
from tandem.fhir.store import CURRENT_SELECT, Stored, hold, stored
from tandem.identity.access import visible


async def visible_resource(
    kernel: Kernel,
    connection: Connection,
    request: FhirRequest,
    resource_type: str,
    resource_id: str,
    *,
    lock: bool = False,
) -> Stored | None:
    """The current row of a resource, deleted ones included; None when there is none or the caller may not see it."""
    if lock:
        await hold(connection, [(resource_type, resource_id)])
    params: list[object] = [resource_type, resource_id]
    clause = visible(
        request.caller, "r", params, to_micros(kernel.clock.now()), resource_type=resource_type,
        registered_only=kernel.registered_only(),
    )  # fmt: skip
    row = await connection.fetchrow(f"{CURRENT_SELECT} AND ({clause})", *params)
    return stored(row) if row is not None else None
