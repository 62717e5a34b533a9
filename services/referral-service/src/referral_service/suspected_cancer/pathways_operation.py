"""`ServiceRequest/$pathways`: where suspected cancer referrals of an area go, from which day (ECD-015, ECD-071)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.suspected_cancer.claim import RAPID_DIAGNOSTIC_CENTRE
from referral_service.domain.suspected_cancer.pathways import Pathway
from referral_service.suspected_cancer.criteria_rows import shipped_criteria
from referral_service.suspected_cancer.pathway_rows import all_pathways, keep_pathway, pathways_of
from referral_service.suspected_cancer.publishing import area_publishing, areas_read
from tandem.clock import to_micros
from tandem.directory import queries
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, optional_end, required_day, required_text
from tandem.fhir.organisation_parameter import code_parameter, resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from datetime import date

    from tandem.fhir.operation import OperationCall

_NAME = "$pathways"


async def pathways(call: OperationCall) -> FhirResponse:
    """GET: every `pathway` of `area` (a network or commissioner, else the caller's own), and which is open on `date`.

    POST sets one: `pathway` (`rapid-diagnostic-centre` or a cancer site), `performer`, `from` and `until` of the `area`
    (else the caller's). One of the same area, pathway and first day is replaced; referrals that were made keep where
    they went and why. Raises FhirError 400, 403, 422.
    """
    return await (_set(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("area", "date"))
    day, area = day_or_today(call, "date"), code_parameter(call, "area")
    async with call.kernel.database.read() as connection:
        if area is None and call.request.caller.sees_all:
            found = await all_pathways(connection)
        else:
            found = await pathways_of(connection, (area,) if area is not None else await areas_read(call, connection))
    await audit_reads(
        call.kernel.database, call.request, _NAME, "ServiceRequest", {None}, to_micros(call.kernel.clock.now())
    )  # fmt: skip
    return answer([on_day("date", day), *(_told(each, day) for each in found)])


async def _set(call: OperationCall) -> FhirResponse:
    only(call, ("area", "pathway", "performer", "from", "until"))
    code, first, last = required_text(call, "pathway"), required_day(call, "from"), optional_end(call, "until")
    known = (
        RAPID_DIAGNOSTIC_CENTRE,
        *dict.fromkeys(site for each in shipped_criteria().values() for site in each.sites),
    )
    if code not in known:
        raise FhirError(Kind.BAD_REQUEST, f"pathway is one of {', '.join(known)}", expression="pathway")
    if last is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "until is not before from", expression="until")
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        area = await area_publishing(call, connection)
        performer = await resolved(connection, call.one("performer"), "performer")
        if await queries.organisation_named(connection, performer) is None:
            raise FhirError(
                Kind.UNPROCESSABLE, "performer is an organisation that is known here", expression="performer"
            )
        pathway = Pathway(area, code, first, last, performer)
        await keep_pathway(connection, pathway, call.request.caller.organisation, now)
        entry = audit_entry(call.request, _NAME, to_micros(now), resource_type="ServiceRequest", status=201)
        await record(connection, [entry])
    return answer([_told(pathway, first)], 201)


def _told(pathway: Pathway, day: date) -> Parameter:
    inner = [
        text("area", pathway.area), coded("code", pathway.pathway), text("performer", pathway.performer),
        on_day("from", pathway.first), yes("open", pathway.is_open(day)),
    ]  # fmt: skip
    return parts("pathway", [*inner, on_day("until", pathway.last)] if pathway.last is not None else inner)
