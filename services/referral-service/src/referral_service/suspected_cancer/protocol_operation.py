"""`ServiceRequest/$suspected-cancer-protocol`: a network's protocol, and publishing the next version (ECD-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.suspected_cancer.protocol import (
    LONGEST,
    NET_STEPS,
    STEPS,
    Protocol,
    RequiredStep,
    interval_given,
    step_given,
)
from referral_service.suspected_cancer.area import area_of_organisation
from referral_service.suspected_cancer.criteria_rows import criteria_on
from referral_service.suspected_cancer.protocol_rows import protocol_of, protocols_of, publish
from referral_service.suspected_cancer.publishing import areas_read, network_publishing
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, optional_day, required_short_text, texts, today
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAME = "$suspected-cancer-protocol"


async def suspected_cancer_protocol(call: OperationCall) -> FhirResponse:
    """GET: every `protocol` of `network` (else the caller's own), and which one is in force on `date` (today).

    POST publishes the next version, in force `from` a day (today): its `source`, the `step`s that are required before a
    referral (`fit-result`, or `fit-result@lower-gi` for one cancer site) and the `interval`s of the safety net
    (`attended=14`, calendar days). By a network, or an operator naming the `network`. Raises FhirError 400, 403, 422.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("network", "date"))
    day, named = day_or_today(call, "date"), code_parameter(call, "network")
    async with call.kernel.database.read() as connection:
        networks = (named,) if named is not None else await areas_read(call, connection)
        found: list[Parameter] = []
        for network in networks:
            current = await protocol_of(connection, network, day)
            found += [_told(each, each == current) for each in await protocols_of(connection, network)]
    await audit_reads(
        call.kernel.database, call.request, _NAME, "ServiceRequest", {None}, to_micros(call.kernel.clock.now())
    )  # fmt: skip
    return answer([on_day("date", day), *found])


async def _publish(call: OperationCall) -> FhirResponse:
    only(call, ("network", "from", "source", "step", "interval"))
    first, source = optional_day(call, "from") or today(call), required_short_text(call, "source")
    if first < today(call):
        text_ = "A protocol begins today or later: a referral is judged by the one of its day"
        raise FhirError(Kind.BUSINESS_RULE, text_, expression="from")
    steps, intervals = _steps(call), _intervals(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        network = await network_publishing(call, connection)
        await _check_sites(connection, network, steps, call)
        await hold(connection, [f"suspected-cancer-protocol/{network}"])
        kept = await publish(
            connection, network, first, source, steps, intervals, call.request.caller.organisation, now
        )  # fmt: skip
        entry = audit_entry(call.request, _NAME, to_micros(now), resource_type="ServiceRequest", status=201)
        await record(connection, [entry])
    return answer([_told(kept, first == today(call))], 201)


def _steps(call: OperationCall) -> list[RequiredStep]:
    given = texts(call, "step")
    try:
        found = [step_given(each) for each in dict.fromkeys(given)]
    except ValueError:
        text_ = f"step is one of {', '.join(STEPS)}, with @[cancer site] for one site only"
        raise FhirError(Kind.BAD_REQUEST, text_, expression="step") from None
    if not found:
        raise FhirError(
            Kind.BAD_REQUEST, "Give at least one step that is required before a referral", expression="step"
        )
    return found


def _intervals(call: OperationCall) -> dict[str, int]:
    try:
        return dict(interval_given(each) for each in texts(call, "interval"))
    except ValueError:
        text_ = f"interval is [step]=[days], days from 0 to {LONGEST}, a step of {', '.join(NET_STEPS)}"
        raise FhirError(Kind.BAD_REQUEST, text_, expression="interval") from None


async def _check_sites(
    connection: Connection, network: str, steps: list[RequiredStep], call: OperationCall
) -> None:  # fmt: skip
    area = await area_of_organisation(connection, network, to_micros(call.kernel.clock.now()))
    criteria = await criteria_on(connection, area.commissioners, today(call))
    sites = criteria.sites if criteria is not None else {}
    if any(each.site is not None and each.site not in sites for each in steps):
        text_ = f"The cancer site of a step is one of {', '.join(sites)}"
        raise FhirError(Kind.UNPROCESSABLE, text_, expression="step")


def _told(protocol: Protocol, current: bool) -> Parameter:
    return parts("protocol", [
        text("network", protocol.network), number("version", protocol.version), on_day("from", protocol.first),
        text("source", protocol.source), yes("inForce", current), *map(_step, protocol.steps),
        *(parts("interval", [coded("step", step), number("days", days)]) for step, days in protocol.intervals.items()),
    ])  # fmt: skip


def _step(each: RequiredStep) -> Parameter:
    inner = [coded("code", each.code), text("text", STEPS[each.code])]
    return parts("step", [*inner, coded("site", each.site)] if each.site is not None else inner)
