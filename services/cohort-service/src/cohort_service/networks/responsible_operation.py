"""`Patient/{id}/$responsible`: who delivers the care home requirements for a resident.

EHCH-018, EHCH-021, EHCH-093.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.responsibility import (
    Circumstances,
    Responsibility,
    chose_another_practice,
    responsibilities,
)
from cohort_service.networks.organisations import reference_of
from cohort_service.networks.people import Belonging, belonging_of, must_see_person
from cohort_service.networks.sub_contracts import contractor_for
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_number_or_today
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_SERVICE = "EHCH"


async def responsible(call: OperationCall) -> FhirResponse:
    """Home, aligned network and team, practice, and a `responsibility` for each requirement, as of `date`.

    For who lives in no care home there is only the practice. Raises FhirError 400, 404.
    """
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        patient = await must_see_person(call, connection)
        person = await belonging_of(connection, patient, day)
        about = await _circumstances(connection, person, day)
        shown = await _belonging(connection, person)
        if person.home is not None:
            another = {"name": "chose-another-practice", "valueBoolean": chose_another_practice(about)}
            shown += [another, *[await _shown(connection, each) for each in responsibilities(about)]]
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$responsible", "Patient", {patient}, now)
    return answer([{"name": "date", "valueDate": date_of(day).isoformat()}, *shown])


async def _circumstances(connection: Connection, person: Belonging, day: int) -> Circumstances:
    network = person.alignment.network if person.alignment else None
    contract = await contractor_for(connection, person.practice, _SERVICE, day) if person.practice else None
    of_network = await contractor_for(connection, network, _SERVICE, day) if network else None
    return Circumstances(
        person.practice, person.networks, network, contract.delivers if contract else None,
        of_network.delivers if of_network else None,
    )  # fmt: skip


async def _belonging(connection: Connection, person: Belonging) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    if person.home is not None:
        shown.append({"name": "care-home", "valueReference": await reference_of(connection, person.home)})
    if person.alignment is not None:
        network = await reference_of(connection, person.alignment.network)
        shown.append({"name": "aligned-network", "valueReference": network})
        if person.alignment.team is not None:
            shown.append({"name": "team", "valueReference": {"reference": person.alignment.team}})
    if person.practice is not None:
        shown.append({"name": "practice", "valueReference": await reference_of(connection, person.practice)})
    for network_of_practice in sorted(person.networks):
        named = await reference_of(connection, network_of_practice)
        shown.append({"name": "network-of-practice", "valueReference": named})
    return shown


async def _shown(connection: Connection, held: Responsibility) -> dict[str, Any]:
    part = [
        {"name": "requirement", "valueInteger": held.requirement},
        {"name": "accountable", "valueReference": await reference_of(connection, held.accountable)},
        {"name": "delivers", "valueReference": await reference_of(connection, held.delivers)},
    ]
    return {"name": "responsibility", "part": part}
