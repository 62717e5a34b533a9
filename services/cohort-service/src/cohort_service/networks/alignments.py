"""Which network a care home is aligned to on a day, and with which team."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.codes import CARE_HOME_IN_AREA
from cohort_service.domain.networks.days import Days
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode


@dataclass(frozen=True, slots=True)
class HeldAlignment:
    """An alignment of a home: the affiliation's id, the network's code, and what was agreed."""

    id: str
    network: str
    days: Days
    team: str | None
    agreed: int | None
    responsibilities: tuple[str, ...]


def aligned_network_sql(home: str, day: str) -> str:
    """An SQL expression: the code of the network that a home (an expression) is aligned to on a day (an expression)."""
    return (
        f"(SELECT n.holder FROM network_affiliation n WHERE n.role = '{CARE_HOME_ALIGNMENT}' AND n.member = {home}"
        f" AND n.first_day <= {day} AND n.last_day >= {day} ORDER BY n.first_day DESC LIMIT 1)"
    )


async def alignments_of(connection: Connection, home: str) -> list[HeldAlignment]:
    """All alignments a home has had, has and will have, the latest first."""
    rows = await connection.fetch(
        "SELECT * FROM network_affiliation WHERE role = $1 AND member = $2 AND holder IS NOT NULL"
        " ORDER BY first_day DESC",
        CARE_HOME_ALIGNMENT, home,
    )  # fmt: skip
    return [_alignment(row) for row in rows]


async def alignment_on(connection: Connection, home: str, day: int) -> HeldAlignment | None:
    """The alignment in force on a day; on a day of hand-over the later one."""
    return next((each for each in await alignments_of(connection, home) if day in each.days), None)


async def homes_aligned_to(connection: Connection, network: str, day: int) -> list[str]:
    """The codes of the homes that are aligned to a network on a day."""
    rows = await connection.fetch(
        "SELECT DISTINCT a.member AS home FROM network_affiliation a WHERE a.role = $3 AND a.holder = $1"
        f" AND {aligned_network_sql('a.member', '$2')} = $1 ORDER BY home",
        network, day, CARE_HOME_ALIGNMENT,
    )  # fmt: skip
    return [row["home"] for row in rows]


async def homes_listed_by(connection: Connection, commissioner: str, day: int) -> list[str]:
    """The codes of the homes on a commissioner's list on a day."""
    rows = await connection.fetch(
        "SELECT DISTINCT a.member AS home FROM network_affiliation a WHERE a.role = $3 AND a.holder = $1"
        " AND a.member IS NOT NULL AND a.first_day <= $2 AND a.last_day >= $2 ORDER BY home",
        commissioner, day, CARE_HOME_IN_AREA,
    )  # fmt: skip
    return [row["home"] for row in rows]


async def commissioners_listing(connection: Connection, home: str, day: int) -> list[str]:
    """The codes of the commissioners on whose list a home is, on a day or later."""
    rows = await connection.fetch(
        "SELECT DISTINCT holder FROM network_affiliation WHERE role = $1 AND member = $2 AND last_day >= $3"
        " AND holder IS NOT NULL ORDER BY holder",
        CARE_HOME_IN_AREA, home, day,
    )  # fmt: skip
    return [row["holder"] for row in rows]


def _alignment(row: Row) -> HeldAlignment:
    responsibilities = decode(bytes(row["responsibilities"])) if row["responsibilities"] is not None else []
    return HeldAlignment(
        row["id"], row["holder"], Days(row["first_day"], row["last_day"]), row["team"], row["agreed"],
        tuple(responsibilities),
    )  # fmt: skip
