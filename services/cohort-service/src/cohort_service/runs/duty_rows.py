"""Which practices were looked through completely, on which days, and where that leaves each of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from cohort_service.domain.identification_duty import DutyRule, Standing, standing
from tandem.clock import from_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.identity.periods import BEGINNING
from tandem.london_days import date_of, london_date


async def standings(
    connection: Connection, rule: DutyRule, practices: Collection[str], network: str | None, day: date
) -> dict[str, Standing]:
    """Where each practice stands on `day`; with a network, from when each joined it."""
    covered = await _days_covered(connection, rule.service, practices)
    joined = await _joined(connection, network) if network is not None else {}
    return {
        practice: standing(rule, covered.get(practice, ()), day, since=joined.get(practice))
        for practice in sorted(practices)
    }


async def days_covered(connection: Connection, service: str, practice: str) -> list[date]:
    """The days on which a practice's people were looked through completely."""
    return (await _days_covered(connection, service, [practice])).get(practice, [])


async def _days_covered(connection: Connection, service: str, practices: Collection[str]) -> dict[str, list[date]]:
    rows = await connection.fetch(
        "SELECT DISTINCT practice, day FROM identification_coverage WHERE service = $1"
        f" AND practice {among(connection.dialect, '$2', 'text')} ORDER BY practice, day",
        service, array(connection.dialect, sorted(practices)),
    )  # fmt: skip
    found: dict[str, list[date]] = {}
    for row in rows:
        found.setdefault(row["practice"], []).append(date_of(row["day"]))
    return found


async def _joined(connection: Connection, network: str) -> dict[str, date]:
    rows = await connection.fetch(
        "SELECT member, MIN(starts) AS starts FROM membership WHERE holder = $1 AND starts > $2 GROUP BY member",
        network, BEGINNING,
    )  # fmt: skip
    return {row["member"]: london_date(from_micros(row["starts"])) for row in rows}
