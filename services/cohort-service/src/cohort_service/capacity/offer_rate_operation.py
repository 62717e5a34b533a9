"""`Organization/{id}/$offer-rate`: the share of people who must be offered a service, and a lower one (SMR-035)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.capacity.offer_rate_rows import agreed, decide, keep_request, requests_of
from cohort_service.capacity.plan_operation import figures
from cohort_service.capacity.planning import Asked, capacity_plan
from cohort_service.domain.capacity.financial_year import first_day, last_day, year_of
from cohort_service.domain.capacity.offer_rate import (
    DECISIONS,
    SOURCE,
    STANDARD_PERCENT,
    RateRequest,
    faults_of_request,
    rate_on,
)
from cohort_service.networks.organisations import Organisation, commissions, organisation_with_id
from cohort_service.networks.rights import must_read
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode
from tandem.fhir.operation_parameters import (
    day_number_or_today,
    one_of,
    optional_text,
    required_day,
    texts,
    today_number,
)
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

AGREED = "tandem.offer-rate.agreed"
_LONGEST = 4000


async def offer_rate(call: OperationCall) -> FhirResponse:
    """GET answers the `target` as of `date` and every request; POST makes a request, or decides one.

    A network asks with `percent`, `from`, `until` (of one financial year), `evidence`, and `attempt` for each thing
    that was tried. Its commissioner decides with `request` (the id), `decision` (approved, declined) and `reason`.
    `service` is SMR unless given. Raises FhirError 400, 403, 404, 409, 422.
    """
    service = optional_text(call, "service") or "SMR"
    if call.request.method == "GET":
        return await _read(call, service)
    return await (_decide(call, service) if "request" in call.parameters else _request(call, service))


async def _read(call: OperationCall, service: str) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        network = await _network(call, connection)
        await must_read(call, connection, network, day)
        rows = await requests_of(connection, network.code, service)
    percent = rate_on(agreed(rows), day)
    source = SOURCE if percent == STANDARD_PERCENT else "agreed with the commissioner"
    return answer([
        {"name": "date", "valueDate": date_of(day).isoformat()},
        {"name": "target", "part": [
            {"name": "percent", "valueDecimal": percent}, {"name": "source", "valueString": source},
        ]},
        *({"name": "request", "part": _shown(row)} for row in rows),
    ])  # fmt: skip


async def _request(call: OperationCall, service: str) -> FhirResponse:
    now, identity = call.kernel.clock.now(), call.kernel.ids.new()
    asked = _asked(call)
    async with call.kernel.database.transaction() as connection:
        network, caller = await _network(call, connection), call.request.caller
        if caller.organisation != network.code:
            await must_read(call, connection, network, today_number(call))
            raise FhirError(Kind.FORBIDDEN, "The network itself asks for a lower offer rate")
        year = Asked(year_of(asked.first), service)
        planned = await capacity_plan(connection, network, year, london_date(now))
        found = faults_of_request(
            asked, planned.plan.rate, planned.plan.hours_available > 0, (first_day(year.year), last_day(year.year))
        )
        if found:
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(each) for each in found])
        evidence = figures(year, planned)
        await keep_request(
            connection, identity, network.code, service, asked, evidence, caller.organisation, to_micros(now)
        )
        rows = await requests_of(connection, network.code, service)
    return answer([{"name": "request", "part": _shown(row)} for row in rows if row["id"] == identity])


async def _decide(call: OperationCall, service: str) -> FhirResponse:
    decision, identity = one_of(call, "decision", DECISIONS, ""), optional_text(call, "request") or ""
    reason, now, caller = optional_text(call, "reason"), call.kernel.clock.now(), call.request.caller
    async with call.kernel.database.transaction() as connection:
        network = await _network(call, connection)
        await must_read(call, connection, network, today_number(call))
        if not await commissions(connection, caller.organisation, network, today_number(call)):
            raise FhirError(Kind.FORBIDDEN, "The commissioner of the network decides on its offer rate")
        rows = [row for row in await requests_of(connection, network.code, service) if row["id"] == identity]
        if not rows:
            raise FhirError(Kind.NOT_FOUND, "There is no such request of this network")
        if decision == "declined" and reason is None:
            raise FhirError(Kind.BUSINESS_RULE, "A request is declined with a reason")
        at = to_micros(now)
        if not await decide(
            connection, network.code, identity, decision, reason, caller.organisation, caller.user, at
        ):
            raise FhirError(Kind.CONFLICT, "This request was decided already; a change of mind is a new request")
        [row] = [row for row in await requests_of(connection, network.code, service) if row["id"] == identity]
        if decision == "approved":
            data = {
                "network": network.code, "service": service, "percent": float(row["percent"]),
                "from": date_of(row["first_day"]).isoformat(), "until": date_of(row["last_day"]).isoformat(),
                "request": identity, "commissioner": caller.organisation,
            }  # fmt: skip
            await work_of(call, connection, now).emit(AGREED, data, key=identity)
    return answer([{"name": "request", "part": _shown(row)}])


def _asked(call: OperationCall) -> RateRequest:
    try:
        percent = float(call.one("percent"))
    except (TypeError, ValueError):
        raise FhirError(Kind.BAD_REQUEST, "percent is a number", expression="percent") from None
    first, last = day_number(required_day(call, "from")), day_number(required_day(call, "until"))
    evidence, attempts = optional_text(call, "evidence") or "", texts(call, "attempt")
    if max(map(len, (evidence, *attempts))) > _LONGEST or len(attempts) > 100:
        raise FhirError(
            Kind.BAD_REQUEST, f"evidence and attempt have at most {_LONGEST} characters", expression="evidence"
        )
    return RateRequest(percent, first, last, evidence, attempts)


def _shown(row: Row) -> list[dict[str, Any]]:
    part: list[dict[str, Any]] = [
        {"name": "id", "valueId": row["id"]},
        {"name": "status", "valueCode": row["decision"] or "requested"},
        {"name": "percent", "valueDecimal": float(row["percent"])},
        {"name": "from", "valueDate": date_of(row["first_day"]).isoformat()},
        {"name": "until", "valueDate": date_of(row["last_day"]).isoformat()},
        {"name": "evidence", "valueString": row["evidence"]},
        *({"name": "attempt", "valueString": each} for each in decode(bytes(row["attempts_json"]))),
        {"name": "plan", "part": decode(bytes(row["plan_json"]))},
        {"name": "at", "valueInstant": to_instant(from_micros(row["at"]))},
    ]
    if row["decision"] is not None:
        part += [{"name": "decided", "valueInstant": to_instant(from_micros(row["decided"]))},
                 {"name": "decided-by", "valueString": row["decided_by"]}]  # fmt: skip
    return part + ([{"name": "reason", "valueString": row["reason"]}] if row["reason"] else [])


async def _network(call: OperationCall, connection: Connection) -> Organisation:
    network = await organisation_with_id(connection, call.id)
    if network.kind != NETWORK:
        raise FhirError(Kind.UNPROCESSABLE, "The offer rate is a network's", expression="network")
    return network
