"""`POST Group/$register-tool` and `GET Group/$tools`: with what an organisation finds people (SMR-017)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from cohort_service.domain.audit_findings import Tool, tool_code
from cohort_service.runs.scope import Scope, networks_of, scope_to_run
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.operation_parameters import short_text
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def register_tool(call: OperationCall) -> FhirResponse:
    """Register a tool (`tool` is its name) in a version (`toolVersion`), for the practice or network of the caller.

    An operator names the `practice` or `network`. Registering again changes nothing. Raises FhirError 400, 403, 422.
    """
    name, version = short_text(call, "tool"), short_text(call, "toolVersion")
    if name is None or version is None:
        raise FhirError(Kind.BAD_REQUEST, "Give tool and toolVersion", expression="tool")
    code, now = _code(name), to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        scope = await scope_to_run(
            connection, call.request.caller, code_parameter(call, "practice"), code_parameter(call, "network"), now
        )
        if scope.organisation is None:
            raise FhirError(Kind.BAD_REQUEST, "Give the practice or network that chose the tool", expression="practice")
        await connection.execute(
            "INSERT INTO identification_tool (organisation, code, version, name, registered, registered_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation, code, version) DO NOTHING",
            scope.organisation, code, version, name, now, call.request.caller.organisation,
        )  # fmt: skip
        rows = await _rows(connection, [scope.organisation], code, version)
    return answer(map(_told, rows))


async def tools(call: OperationCall) -> FhirResponse:
    """The tools that the caller, or its network, has registered. Raises FhirError 403."""
    async with call.kernel.database.read() as connection:
        now = to_micros(call.kernel.clock.now())
        practice, network = code_parameter(call, "practice"), code_parameter(call, "network")
        scope = await scope_to_run(connection, call.request.caller, practice, network, now)
        rows = await _rows(connection, await _choosers(connection, scope, now), None, None)
    return answer(map(_told, rows))


async def check_registered(connection: Connection, scope: Scope, name: str, version: str, now: int) -> Tool:
    """The tool as it was registered by whom the run is for, or by their network.

    Raises FhirError 422 when it was not, so that a run never names a tool nobody chose.
    """
    code = _code(name)
    rows = await _rows(connection, await _choosers(connection, scope, now), code, version)
    if not rows:
        raise FhirError(
            Kind.UNPROCESSABLE,
            "The tool is not registered in this version; see Group/$register-tool",
            expression="tool",
        )
    return Tool(code, rows[0]["name"], version)


async def _choosers(connection: Connection, scope: Scope, now: int) -> Collection[str] | None:
    if scope.organisation is None:
        return None
    if scope.practices == (scope.organisation,):
        return (scope.organisation, *await networks_of(connection, scope.organisation, now))
    return (scope.organisation,)


async def _rows(
    connection: Connection, organisations: Collection[str] | None, code: str | None, version: str | None
) -> list[Row]:
    conditions, params = ["1 = 1"], list[object]()
    if organisations is not None:
        params.append(array(connection.dialect, organisations))
        conditions.append(f"organisation {among(connection.dialect, '$1', 'text')}")
    for column, value in (("code", code), ("version", version)):
        if value is not None:
            params.append(value)
            conditions.append(f"{column} = ${len(params)}")
    return list(await connection.fetch(
        f"SELECT * FROM identification_tool WHERE {' AND '.join(conditions)} ORDER BY code, registered, organisation",
        *params,
    ))  # fmt: skip


def _told(row: Row) -> Parameter:
    return parts("tool", [
        {"name": "code", "valueCode": row["code"]}, {"name": "name", "valueString": row["name"]},
        {"name": "version", "valueString": row["version"]},
        {"name": "organisation", "valueString": row["organisation"]},
        {"name": "registered", "valueInstant": to_instant(from_micros(row["registered"]))},
    ])  # fmt: skip


def _code(name: str) -> str:
    try:
        return tool_code(name)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, "A tool's name has letters or digits", expression="tool") from None
