"""`GET Group/$extract-part?extract=&part=`: the rows of one part, for whoever asked for the extract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.extracts import extract_rows
from cohort_service.extracts.asked import CONTENT_TYPE
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def extract_part(call: OperationCall) -> FhirResponse:
    """The part as NDJSON or CSV, as it was asked for.

    Raises FhirError 400 without an extract and the number of a part, 404 for one that is not there, not complete, not
    the caller's, or older than seven days.
    """
    name, number = short_text(call, "extract"), short_text(call, "part")
    if name is None or number is None or not (number.isascii() and number.isdigit() and len(number) < 9):
        raise FhirError(Kind.BAD_REQUEST, "Give the extract, and the number of the part", expression="extract")
    caller, now = call.request.caller, to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        made = await extract_rows.find(connection, name)
        seen = made is not None and (made.owner == caller.organisation or caller.sees_all)
        body = await extract_rows.part_body(connection, name, int(number), now) if seen else None
    if made is None or body is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such part of an extract that you may fetch")
    await audit_reads(call.kernel.database, call.request, "$extract-part", "Group", set(), now)
    return FhirResponse(200, body, {"Cache-Control": "no-store"}, CONTENT_TYPE[made.format])
