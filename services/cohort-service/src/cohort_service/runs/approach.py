"""By which approach people at rising risk are found: the commissioner's standard one where there is one (AC-035)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cohort_service.catalogue.current import current_catalogue
from cohort_service.runs.duties import duties
from cohort_service.runs.scope import Scope, commissioners_of, every_practice, is_commissioner
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import optional_day, short_text, texts
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class Approach:
    """`cohorts` stratify in place of the local ones; none is the local approach."""

    name: str
    cohorts: tuple[str, ...] = ()


LOCAL = Approach("local")


async def approach_of(connection: Connection, service: str | None, scope: Scope, day: date, now: int) -> Approach:
    """The approach of a run. Raises FhirError 422 when not all of the people have the same one."""
    duty = duties().get(service or "")
    if duty is None or duty.stages is None:
        return LOCAL
    standards = await _standards(connection, str(service), day)
    if not standards:
        return LOCAL
    found = set()
    for practice in scope.practices if scope.practices is not None else await every_practice(connection):
        of = [each for each in await commissioners_of(connection, practice, now) if each in standards]
        found.add(Approach(f"standard {of[0]}", standards[of[0]]) if of else LOCAL)
    if len(found) > 1:
        raise FhirError(Kind.UNPROCESSABLE, "Not all of these practices have one approach; run network by network")
    return found.pop() if found else LOCAL


async def set_standard_approach(call: OperationCall) -> FhirResponse:
    """`POST Group/$standard-approach`: the `cohort`s (repeated) by which a commissioner wants people at risk found.

    `service` is AC, `from` a day (else today); no cohort takes the approach back. An operator names the `commissioner`.
    Raises FhirError 400, 403 for anybody else, 422 for a cohort without a definition in force.
    """
    now = call.kernel.clock.now()
    service = short_text(call, "service") or "AC"
    duty, cohorts = duties().get(service), sorted({*texts(call, "cohort")})
    if duty is None or duty.stages is None:
        raise FhirError(Kind.BAD_REQUEST, "A standard approach is set for AC", expression="service")
    day = optional_day(call, "from") or london_date(now)
    if day < london_date(now):
        raise FhirError(
            Kind.UNPROCESSABLE, "from lies in the past; lists that were made do not change", expression="from"
        )
    caller = call.request.caller
    commissioner = code_parameter(call, "commissioner") or caller.organisation
    if commissioner != caller.organisation and not caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "A commissioner sets its own standard approach")
    async with call.kernel.database.transaction() as connection:
        if not await is_commissioner(connection, commissioner):
            raise FhirError(Kind.FORBIDDEN, "A standard approach is set by a commissioner")
        definitions = (await current_catalogue(connection)).definitions
        if any(cohort not in definitions for cohort in cohorts):
            raise FhirError(Kind.UNPROCESSABLE, "No definition is in force for one of these cohorts")
        await connection.execute(
            "INSERT INTO standard_approach (commissioner, service, from_day, cohorts, made, made_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (commissioner, service, from_day) DO UPDATE SET"
            " cohorts = excluded.cohorts, made = excluded.made, made_by = excluded.made_by",
            commissioner, service, day_number(day), " ".join(cohorts), to_micros(now), caller.organisation,
        )  # fmt: skip
    await audit_reads(call.kernel.database, call.request, "$standard-approach", "Group", set(), to_micros(now))
    return answer([
        {"name": "commissioner", "valueString": commissioner}, {"name": "service", "valueString": service},
        {"name": "from", "valueDate": day.isoformat()},
        *({"name": "cohort", "valueCode": cohort} for cohort in cohorts),
    ])  # fmt: skip


async def _standards(connection: Connection, service: str, day: date) -> dict[str, tuple[str, ...]]:
    rows = await connection.fetch(
        "SELECT commissioner, cohorts FROM standard_approach WHERE service = $1 AND from_day <= $2 ORDER BY from_day",
        service, day_number(day),
    )  # fmt: skip
    latest = {row["commissioner"]: tuple(row["cohorts"].split()) for row in rows}
    return {commissioner: cohorts for commissioner, cohorts in latest.items() if cohorts}
