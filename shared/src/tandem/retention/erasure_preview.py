"""`$erasure-preview`: what an erasure would remove here, and what of the person's care is still open. For our services.

It is the erasure itself, undone before anybody can see it: so what it counts is what will go at once. What else names
the person in the log is changed later, and not counted here.
"""

from __future__ import annotations

from typing import Final

from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode
from tandem.fhir.events_page import check_service_identity
from tandem.fhir.kernel import Kernel
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.retention.erasing import erase

_OPEN: Final = {
    "Task": frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold"}),
    "ServiceRequest": frozenset({"active", "on-hold"}),
    "CarePlan": frozenset({"active", "on-hold"}),
    "Appointment": frozenset({"proposed", "pending", "booked", "arrived", "checked-in"}),
}
"""States in which somebody still has something to do for the person, by type."""


class _Undone(Exception):
    """Ends the transaction of a preview."""


async def erasure_preview(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """`{"removed": {table: rows}, "open": {type: number}}` for `?patient=<id>`. Raises FhirError 400, 403."""
    check_service_identity(request)
    patient = dict(request.parameters()).get("patient", "")
    if not is_logical_id(patient):
        raise FhirError(Kind.BAD_REQUEST, "patient is the id of a Patient", expression="patient")
    removed: dict[str, int] = {}
    try:
        async with kernel.database.transaction() as connection:
            care = await open_care(connection, patient)
            removed = (await erase(connection, kernel.service, patient, for_good=False)).rows
            raise _Undone
    except _Undone:
        return FhirResponse(200, encode({"removed": removed, "open": care}), content_type="application/json")


async def open_care(connection: Connection, patient: str) -> dict[str, int]:
    """How many records of the person are in a state in which there is still something to do, by type."""
    rows = await connection.fetch(
        "SELECT r.type, l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.patient = $1 AND r.deleted = 0",
        patient,
    )
    found: dict[str, int] = {}
    for row in rows:
        if row["type"] in _OPEN and decode(row["body"]).get("status") in _OPEN[row["type"]]:
            found[row["type"]] = found.get(row["type"], 0) + 1
    return found
