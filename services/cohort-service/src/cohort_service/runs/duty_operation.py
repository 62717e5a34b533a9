"""`GET Group/$duty`: when people were last looked for, when the next run is due, and whether it is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.identification_duty import Standing, gaps_too_long, standing_together
from cohort_service.runs.duties import Duty, duties
from cohort_service.runs.duty_rows import days_covered, standings
from cohort_service.runs.scope import scope_to_see
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import short_text
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def duty(call: OperationCall) -> FhirResponse:
    """Parameters with one `duty` a service: as a whole, and practice by practice.

    Parameters `practice` or `network` (else the caller's own) and `service`. Raises FhirError 400, 403, 404.
    """
    now = call.kernel.clock.now()
    service = short_text(call, "service")
    if service is not None and service not in duties():
        raise FhirError(Kind.BAD_REQUEST, f"A duty is kept for {', '.join(duties())}", expression="service")
    practice, network = code_parameter(call, "practice"), code_parameter(call, "network")
    async with call.kernel.database.read() as connection:
        scope = await scope_to_see(connection, call.request.caller, practice, network, to_micros(now))
        if scope.practices is None:
            raise FhirError(
                Kind.BAD_REQUEST, "Give the practice or the network whose duty is wanted", expression="practice"
            )
        joined = scope.organisation if scope.organisation not in scope.practices else None
        found: list[Parameter] = [{"name": "organisation", "valueString": scope.organisation}]
        for each in [duties()[service]] if service is not None else duties().values():
            stand = await standings(connection, each.rule, scope.practices, joined, london_date(now))
            found.append(await _duty(connection, each, stand))
    return answer(found)


async def _duty(connection: Connection, told: Duty, stand: dict[str, Standing]) -> Parameter:
    found: list[Parameter] = [
        {"name": "service", "valueString": told.rule.service},
        {"name": "source", "valueString": told.source},
        *_standing(standing_together(stand.values())),
    ]
    for practice, standing in stand.items():
        gaps = gaps_too_long(told.rule, await days_covered(connection, told.rule.service, practice))
        found.append(parts("practice", [
            {"name": "practice", "valueString": practice}, *_standing(standing),
            *({"name": "gap", "valuePeriod": {"start": earlier.isoformat(), "end": later.isoformat()}}
              for earlier, later in gaps),
        ]))  # fmt: skip
    return parts("duty", found)


def _standing(standing: Standing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "overdue", "valueBoolean": standing.overdue},
        {"name": "runsInTwelveMonths", "valueInteger": standing.in_twelve_months},
    ]
    if standing.last is not None:
        found.append({"name": "last", "valueDate": standing.last.isoformat()})
    if standing.due is not None:
        found.append({"name": "nextDue", "valueDate": standing.due.isoformat()})
    return found
