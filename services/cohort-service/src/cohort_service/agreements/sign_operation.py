"""`OrganizationAffiliation/{id}/$sign`: the caller's organisation signs an agreement that it is a party to (AC-033)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cohort_service.agreements.document_rows import resources_of
from cohort_service.agreements.parties import known_as
from cohort_service.domain.agreements.signing import signed
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_USER = re.compile(r"(?:.*/)?((?:Practitioner|PractitionerRole|Person)/[A-Za-z0-9\-.]{1,64})")


async def sign(call: OperationCall) -> FhirResponse:
    """The OrganizationAffiliation with the signature; the other resources of the same agreement are signed with it.

    The party is the token's organisation, and its fhirUser is kept as the one who signed. Raises FhirError 403 without
    a user or when the organisation is no party, 404, 409 when it has signed already, 422 when the agreement has ended.
    """
    kernel, request = call.kernel, call.request
    if call.parameters:
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, "$sign has no parameter: who signs is said by the token")
    match = _USER.fullmatch(request.caller.user or "")
    if match is None:
        raise FhirError(Kind.FORBIDDEN, "A person signs: the token has to name its fhirUser")
    now = kernel.clock.now()
    async with kernel.database.transaction() as connection:
        party = await known_as(connection, request.caller.organisation)
        work = work_of(call, connection, now)
        assert call.id is not None, "declared on the instance"
        written = {}
        for name in await resources_of(connection, call.id):
            # Reading takes the row: of two parties that sign at once, the second adds to what the first wrote.
            held = await work.read("OrganizationAffiliation", name)
            if held is not None:
                written[name] = await work.put(signed(held, party, match[1], now, london_date(now)))
        if call.id not in written:
            raise FhirError(Kind.NOT_FOUND, "There is no such agreement")
        entry = audit_entry(
            request, "$sign", to_micros(now), resource_type="OrganizationAffiliation", resource_id=call.id
        )
        await record(connection, [entry])
    return FhirResponse(200, encode(written[call.id]))
