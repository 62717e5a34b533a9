"""`POST Schedule/[id]/$agree-part`: what an organisation agreed with the PCN to do for the rounds of a home.

EHCH-030, EHCH-035; 000 §3.16 requirement 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.home_rounds.codes import AGREED_PART, PARTS
from mdt_service.home_rounds.answers import must_keep, series_asked
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode
from tandem.fhir.operation_parameters import day_or_today, one_of, only, optional_end, required_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import reference_code
from tandem.identity.references import resolve

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("organization", "part", "agreed", "until", "document")


async def agree_part(call: OperationCall) -> FhirResponse:
    """`organization`, `part` (deliver, take-part, prepare or substitute-for-gp), `agreed` (else today), `until`,
    `document` (Reference to the agreement); the Schedule. What was agreed of the same part before is replaced.

    Raises FhirError 400, 403 for anybody but who keeps the series, 404, 422.
    """
    only(call, _PARAMETERS)
    required_text(call, "part")
    part, agreed, until = one_of(call, "part", PARTS, ""), day_or_today(call, "agreed"), optional_end(call, "until")
    if until is not None and until < agreed:
        raise FhirError(Kind.BAD_REQUEST, "until is not before agreed", expression="until")
    document, now = call.one("document"), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        schedule, series = await series_asked(call, connection, lock=True)
        must_keep(call, series)
        code = await resolved(connection, call.one("organization"), "organization")
        told = [
            {"url": "organization", "valueReference": await reference_to(connection, code)},
            {"url": "part", "valueCode": part}, {"url": "agreed", "valueDate": agreed.isoformat()},
        ]  # fmt: skip
        if until is not None:
            told.append({"url": "until", "valueDate": until.isoformat()})
        if document is not None:
            kinds = ("OrganizationAffiliation", "DocumentReference")
            literal = literal_given(document, "document", kinds)
            told.append({"url": "document", "valueReference": {"reference": literal}})
        kept = []
        for each in schedule.get("extension") or ():
            inner = {one.get("url"): one for one in each.get("extension") or ()}
            named = reference_code((inner.get("organization") or {}).get("valueReference"))
            held = (await resolve(connection, [named]))[named] if named is not None else None
            same = each.get("url") == AGREED_PART and held == code
            if not same or (inner.get("part") or {}).get("valueCode") != part:
                kept.append(each)
        work = work_of(call, connection, now)
        written = await work.put({**schedule, "extension": [*kept, {"url": AGREED_PART, "extension": told}]})
        entry = audit_entry(call.request, "$agree-part", to_micros(now), resource_type="Schedule", resource_id=call.id)
        await record(connection, [entry])
    return FhirResponse(200, encode(written))
