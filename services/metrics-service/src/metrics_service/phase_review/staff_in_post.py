"""Who is in post at a network, as cohort-service tells of it."""

from __future__ import annotations

from metrics_service.domain.london_days import Day
from metrics_service.facts.fold import FOREVER
from tandem.database.connection import Connection


async def staff_in_post(connection: Connection, network: str, day: Day) -> dict[str, float]:
    """Whole-time equivalents by role on a day."""
    rows = await connection.fetch(
        "SELECT category, SUM(value) AS posts FROM told_fact WHERE kind = 'staff-role' AND organisation = $1"
        " AND known_until = $2 AND first <= $3 AND (last IS NULL OR last > $3) GROUP BY category",
        network, FOREVER, day,
    )  # fmt: skip
    return {row["category"]: float(row["posts"]) for row in rows}
