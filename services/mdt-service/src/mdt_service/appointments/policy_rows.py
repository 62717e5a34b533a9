"""The policy of review appointments: the version that ships, and what was published since."""

from __future__ import annotations

from datetime import date
from typing import Final

from mdt_service.domain.appointments.kinds import MODES
from mdt_service.domain.appointments.review_policy import ReviewPolicy
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode

SHIPPED: Final = ReviewPolicy(
    1, date(2020, 4, 1), MODES, 20, 120,
    "Network Contract DES draft outline service specifications (December 2019) 2.11; 20 and 120 minutes are ours",
)  # fmt: skip


async def review_policies(connection: Connection) -> list[ReviewPolicy]:
    """Every version, the oldest first."""
    rows = await connection.fetch("SELECT * FROM review_appointment_policy ORDER BY version")
    return [SHIPPED, *map(_policy, rows)]


async def publish(connection: Connection, given: ReviewPolicy, author: str, at: int) -> ReviewPolicy:
    """Keep it as the next version, whatever version it says. Hold the policy first."""
    version = 1 + max(each.version for each in await review_policies(connection))
    await connection.execute(
        "INSERT INTO review_appointment_policy (version, first_day, modes, shortest, longest, source, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        version, given.first.isoformat(), encode(list(given.modes)).decode(), given.shortest, given.longest,
        given.source, author, at,
    )  # fmt: skip
    return ReviewPolicy(version, given.first, given.modes, given.shortest, given.longest, given.source)


def _policy(row: Row) -> ReviewPolicy:
    modes = tuple(decode(row["modes"].encode()))
    first = date.fromisoformat(row["first_day"])
    return ReviewPolicy(row["version"], first, modes, row["shortest"], row["longest"], row["source"])
