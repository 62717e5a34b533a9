"""`Organization/{id}/$staff-in-post` and `$workforce`: staff of a network beside what is indicated (PCN-014 to 019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.workforce import Line, is_financial_year, workforce
from cohort_service.networks.list_size_rows import network_size
from cohort_service.networks.organisations import Organisation, organisation_with_id
from cohort_service.networks.rights import must_read, must_record
from cohort_service.networks.staff_event import say_recorded
from cohort_service.networks.staff_rows import Post, posts_held, posts_of_role, record_staff, staff_in_post
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def staff(call: OperationCall) -> FhirResponse:
    """GET answers who is in post as of `date`; POST records `post` parameters with `role`, `date`, `wte` and `cost`.

    `cost` is pounds a year of all who are in post in the role, if it is known (PCN-053). A role without anybody left is
    recorded with `wte` 0. Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def indicated(call: OperationCall) -> FhirResponse:
    """The indicative staff of a financial `year`, scaled to the network's list, beside those in post as of `date`.

    Raises FhirError 400, 404.
    """
    year, day = call.one("year"), day_number_or_today(call)
    if not isinstance(year, str) or not is_financial_year(year):
        raise FhirError(Kind.BAD_REQUEST, "year is a financial year such as 2020/21", expression="year")
    async with call.kernel.database.read() as connection:
        network = await _network(call, connection)
        await must_read(call, connection, network, day)
        size, lists = await network_size(connection, network.code, day)
        in_post = await staff_in_post(connection, network.code, day)
    registered = size.registered if lists and not size.missing else None
    whole, roles = workforce(year, registered, in_post)
    parameters: list[dict[str, Any]] = [
        {"name": "year", "valueString": year},
        {"name": "date", "valueDate": date_of(day).isoformat()},
    ]
    if registered is not None:
        parameters.append({"name": "registered", "valueInteger": registered})
    return answer([*parameters, {"name": "additional-staff", "part": _line(whole)},
                   *({"name": "role", "part": _line(each)} for each in roles)])  # fmt: skip


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        network = await _network(call, connection)
        await must_read(call, connection, network, day)
        posts = await posts_held(connection, network.code, day)
    return answer([{"name": "post", "part": _post(post)} for post in posts])


async def _record(call: OperationCall) -> FhirResponse:
    rows, today, posts = rows_asked(call, "post"), today_number(call), []
    async with call.kernel.database.transaction() as connection:
        network = await _network(call, connection)
        await must_record(call, connection, network, today)
        for row in rows:
            role, day, wte = row.text("role"), row.day("date"), row.number("wte", most=10_000)
            if day is not None and day > today:
                row.fault("date", "Staff are in post on a day that has been")
            if role is not None and (role != role.lower() or " " in role):
                row.fault("role", "role is a code in small letters, such as clinical-pharmacist")
            cost = row.number("cost", required=False)
            if role is not None and day is not None and wte is not None:
                posts.append(Post(role, day, wte, cost))
        refuse_faults(rows)
        now = call.kernel.clock.now()
        await record_staff(connection, network.code, posts, call.request.caller.organisation, to_micros(now))
        work = work_of(call, connection, now)
        for role in sorted({post.role for post in posts}):
            held = await posts_of_role(connection, network.code, role)
            await say_recorded(work, network.code, role, held, call.kernel.ids)
    return answer([{"name": "recorded", "valueInteger": len(posts)}])


async def _network(call: OperationCall, connection: Connection) -> Organisation:
    network = await organisation_with_id(connection, call.id)
    if network.kind != NETWORK:
        raise FhirError(Kind.UNPROCESSABLE, "Additional staff belong to a network")
    return network


def _post(post: Post) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [{"name": "role", "valueCode": post.role}, {"name": "wte", "valueDecimal": post.wte}]
    return shown if post.cost is None else [*shown, {"name": "cost", "valueDecimal": post.cost}]


def _line(line: Line) -> list[dict[str, Any]]:
    part: list[dict[str, Any]] = [{"name": "role", "valueCode": line.role}] if line.role else []
    part.append({"name": "in-post", "valueDecimal": line.in_post})
    if line.indicative is not None:
        part += [
            {"name": "indicative", "valueDecimal": line.indicative},
            {"name": "people", "valueInteger": line.people},
            {"name": "source", "valueString": line.source},
        ]
    if line.scaled is not None:
        part.append({"name": "scaled", "valueDecimal": line.scaled})
    return part
