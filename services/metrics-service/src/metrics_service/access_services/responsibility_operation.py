"""`Measure/$access-responsibility`: who is responsible for the access services of a network on a day (PCN-100)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from metrics_service.domain.access_services.responsibility import AccessService, Span, access_services
from metrics_service.network_funding.parties import NetworkSeen, network_seen
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.memberships import holders_of
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import COMMISSIONER

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION: Final = "$access-responsibility"


async def access_responsibility(call: OperationCall) -> FhirResponse:
    """The `network` and each `service`: `code`, `title`, and the span that holds on `date` (today without it).

    A span has `responsible` (practice, network, commissioner), each `organization` of that kind, `contract`, `from` and
    `until` where it has such days, and `source`; `next` is the span after it. Parameter `network`, else the caller.
    Raises FhirError 400, 404, 422 as `network_seen` does.
    """
    only(call, ("network", "date"))
    day, now = optional_day(call, "date") or today(call), to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        seen = await network_seen(call, connection)
        responsible = await _organisations(connection, seen, now)
        network = await reference_to(connection, seen.network)
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), now)
    said: list[Parameter] = [{"name": "network", "valueReference": network}, on_day("date", day)]
    for each in access_services():
        inner = [coded("code", each.code), text("title", each.title), *_span(each.on(day), responsible)]
        said.append(parts("service", [*inner, *_next(each, day, responsible)]))
    return answer(said)


async def _organisations(connection: Connection, seen: NetworkSeen, now: int) -> dict[str, list[Parameter]]:
    """By kind: those of the network today, as references."""
    codes = {
        "practice": seen.practices, "network": (seen.network,),
        "commissioner": await holders_of(connection, seen.network, COMMISSIONER, now),
    }  # fmt: skip
    return {
        kind: [{"name": "organization", "valueReference": await reference_to(connection, code)} for code in held]
        for kind, held in codes.items()
    }


def _next(service: AccessService, day: date, responsible: dict[str, list[Parameter]]) -> list[Parameter]:
    following = service.after(day)
    return [parts("next", _span(following, responsible))] if following is not None else []


def _span(span: Span, responsible: dict[str, list[Parameter]]) -> list[Parameter]:
    found = [coded("responsible", span.responsible), *responsible[span.responsible], text("contract", span.contract)]
    found += [on_day(name, day) for name, day in (("from", span.first), ("until", span.last)) if day is not None]
    if span.intention:
        found.append(yes("intention", True))
    return [*found, text("source", span.source)]
