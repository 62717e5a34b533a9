"""Targets for early diagnosis that Cancer Alliances and places have set, by the day from which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cohort_service.domain.networks.parameters import CancerTarget
from tandem.database.connection import Connection


async def record_targets(connection: Connection, organisation: str, targets: Sequence[Any], author: str) -> None:
    """Record (first day, percent, year by which) of an organisation (a code); again for a day replaces it."""
    await connection.executemany(
        "INSERT INTO cancer_target (organisation, first_day, percent, by_year, author) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (organisation, first_day) DO UPDATE SET percent = excluded.percent,"
        " by_year = excluded.by_year, author = excluded.author",
        [(organisation, *target, author) for target in targets],
    )


async def target_of(connection: Connection, organisation: str, day: int) -> CancerTarget | None:
    """The target an organisation has set that holds on a day."""
    row = await connection.fetchrow(
        "SELECT percent, by_year FROM cancer_target WHERE organisation = $1 AND first_day <= $2"
        " ORDER BY first_day DESC LIMIT 1",
        organisation, day,
    )  # fmt: skip
    return CancerTarget(float(row["percent"]), row["by_year"], "its own") if row is not None else None


async def holders_above(connection: Connection, role: str, network: str, day: int) -> list[str]:
    """The places or Cancer Alliances (by `role`) that a network belongs to on a day, by code."""
    rows = await connection.fetch(
        "SELECT DISTINCT holder FROM network_affiliation WHERE role = $1 AND member = $2 AND holder IS NOT NULL"
        " AND first_day <= $3 AND last_day >= $3 ORDER BY holder",
        role, network, day,
    )  # fmt: skip
    return [row["holder"] for row in rows]
