"""`PlanDefinition/$switch`: a requirement on or off for one network from a day on (PCN-004)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.networks.organisations import Organisation, commissions
from cohort_service.requirements_catalogue.visible_requirements import visible_versions
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, only, required_day, required_text, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisations import NETWORK
from tandem.identity.reference_rights import kind_of_caller
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def switch(call: OperationCall) -> FhirResponse:
    """Switch `requirement` `on` (default true) or off for `network` `from` a day; by an operator or its commissioner.

    A second switch for the same day takes the place of the first. Raises FhirError 400, 403, 404 and 422.
    """
    only(call, ("requirement", "network", "from", "on"))
    starts = required_day(call, "from")
    name, on = required_text(call, "requirement"), flag(call, "on", default=True)
    caller, now, day = call.request.caller, to_micros(call.kernel.clock.now()), day_number(today(call))
    async with call.kernel.database.transaction() as connection:
        network = await resolved(connection, call.one("network"), "network")
        await visible_versions(connection, caller, name, day)
        if await kind_of_caller(connection, network) != NETWORK:
            raise FhirError(Kind.UNPROCESSABLE, "Requirements are switched for a network", expression="network")
        theirs = Organisation("", network, NETWORK)
        if not caller.sees_all and not await commissions(connection, caller.organisation, theirs, day):
            raise FhirError(Kind.FORBIDDEN, "Requirements are switched by an operator or by the network's commissioner")
        await connection.execute(
            "INSERT INTO requirement_switch (organisation, requirement, first_day, switched_on, made, made_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation, requirement, first_day)"
            " DO UPDATE SET switched_on = excluded.switched_on, made = excluded.made, made_by = excluded.made_by",
            network, name, day_number(starts), int(on), now, caller.organisation,
        )  # fmt: skip
        await record(connection, [audit_entry(call.request, "$switch", now, resource_type="PlanDefinition")])
    parameters: list[Parameter] = [
        {"name": "requirement", "valueString": name}, {"name": "network", "valueString": network},
        {"name": "from", "valueDate": starts.isoformat()}, {"name": "on", "valueBoolean": on},
    ]  # fmt: skip
    return answer(parameters)
