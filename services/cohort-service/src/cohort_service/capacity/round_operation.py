"""`Organization/{id}/$round-capacity`: hours of GPs that home rounds need, and those paid for (EHCH-086)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.capacity.assumption_rows import assumptions_of
from cohort_service.domain.capacity.home_round import round_capacity
from cohort_service.networks.alignments import homes_aligned_to
from cohort_service.networks.organisations import organisation_with_id, practices_of, reference_of
from cohort_service.networks.rights import must_read
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def capacity_of_rounds(call: OperationCall) -> FhirResponse:
    """Hours a year for the homes that are aligned to the network as of `date`, for its own residents there.

    Read by the network and its commissioner. Raises FhirError 400, 404, 422.
    """
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        network = await organisation_with_id(connection, call.id)
        await must_read(call, connection, network, day)
        if network.kind != NETWORK:
            raise FhirError(Kind.UNPROCESSABLE, "Care homes are aligned to a network")
        assumptions = await assumptions_of(connection, network.code, day)
        found = round_capacity(await _residents(connection, network.code, day), assumptions)
        homes = [
            {"name": "home", "part": [
                {"name": "organization", "valueReference": await reference_of(connection, home)},
                {"name": "hours-needed", "valueDecimal": round(hours, 1)},
            ]}
            for home, hours in found.by_home.items()
        ]  # fmt: skip
    return answer([
        {"name": "date", "valueDate": date_of(day).isoformat()},
        {"name": "assumptions", "valueString": assumptions.version},
        {"name": "homes", "valueInteger": found.homes},
        {"name": "residents", "valueInteger": found.residents},
        {"name": "hours-needed", "valueDecimal": round(found.needed, 1)},
        {"name": "hours-funded", "valueDecimal": round(found.funded, 1)},
        {"name": "shortfall", "valueDecimal": round(found.shortfall, 1)},
        *homes,
    ])  # fmt: skip


async def _residents(connection: Connection, network: str, day: int) -> dict[str, int]:
    """Home -> how many live there on the day who are registered with a practice of the network."""
    homes = await homes_aligned_to(connection, network, day)
    practices = await practices_of(connection, network, day)
    rows = await connection.fetch(
        "SELECT s.home, COUNT(DISTINCT s.patient) AS n FROM care_home_stay s JOIN patient p ON p.id = s.patient"
        f" AND p.deleted = 0 AND p.practice {among(connection.dialect, '$2', 'text')}"
        f" WHERE s.home {among(connection.dialect, '$1', 'text')} AND s.first_day <= $3 AND s.last_day >= $3"
        " AND NOT EXISTS (SELECT 1 FROM person d WHERE d.patient = p.id AND (d.died <= $3 OR d.left_on <= $3))"
        " GROUP BY s.home",
        array(connection.dialect, homes), array(connection.dialect, practices), day,
    )  # fmt: skip
    return dict.fromkeys(homes, 0) | {row["home"]: row["n"] for row in rows}
