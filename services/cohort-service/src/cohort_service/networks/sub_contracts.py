"""Who delivers a service for whom: recorded sub-contracts (PCN-068)."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.codes import SUB_CONTRACT
from cohort_service.domain.networks.days import Days
from tandem.database.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class SubContract:
    """Codes: `accountable` answers for the service, `delivers` does it; `id` is the OrganizationAffiliation."""

    id: str
    service: str
    accountable: str
    delivers: str
    days: Days


async def sub_contracts_of(connection: Connection, accountable: str, day: int) -> list[SubContract]:
    """What an organisation has sub-contracted on a day, the newest of each service first."""
    rows = await connection.fetch(
        "SELECT * FROM network_affiliation WHERE role = $1 AND holder = $2 AND member IS NOT NULL AND first_day <= $3"
        " AND last_day >= $3 ORDER BY service, first_day DESC, id",
        SUB_CONTRACT, accountable, day,
    )  # fmt: skip
    return [_contract(row) for row in rows]


async def contractor_for(connection: Connection, accountable: str, service: str, day: int) -> SubContract | None:
    """The sub-contract by which somebody else delivers a service for an organisation on a day."""
    held = await sub_contracts_of(connection, accountable, day)
    return next((each for each in held if each.service == service), None)


def _contract(row: Row) -> SubContract:
    return SubContract(row["id"], row["service"], row["holder"], row["member"], Days(row["first_day"], row["last_day"]))
