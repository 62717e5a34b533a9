"""The pathways of areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from referral_service.domain.suspected_cancer.pathways import Pathway
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among


async def pathways_of(connection: Connection, areas: Sequence[str]) -> list[Pathway]:
    """Those of these areas (codes), in the order of the areas; of one area the last to begin first."""
    if not areas:
        return []
    condition, params = among(connection.dialect, "area", 1, sorted(set(areas)))
    rows = await connection.fetch(
        f"SELECT * FROM cancer_pathway WHERE {condition} ORDER BY first_day DESC, pathway", *params
    )
    return sorted(map(_pathway, rows), key=lambda each: areas.index(each.area))


async def all_pathways(connection: Connection) -> list[Pathway]:
    """Those of every area."""
    rows = await connection.fetch("SELECT * FROM cancer_pathway ORDER BY area, first_day DESC, pathway")
    return list(map(_pathway, rows))


async def keep_pathway(connection: Connection, pathway: Pathway, author: str, now: datetime) -> None:
    """Set a pathway; one of the same area, kind and first day is replaced."""
    await connection.execute(
        "INSERT INTO cancer_pathway (area, pathway, first_day, last_day, performer, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (area, pathway, first_day) DO UPDATE SET"
        " last_day = excluded.last_day, performer = excluded.performer, author = excluded.author, at = excluded.at",
        pathway.area, pathway.pathway, pathway.first.isoformat(), pathway.last.isoformat() if pathway.last else None,
        pathway.performer, author, to_micros(now),
    )  # fmt: skip


def _pathway(row: Row) -> Pathway:
    last = date.fromisoformat(row["last_day"]) if row["last_day"] else None
    return Pathway(row["area"], row["pathway"], date.fromisoformat(row["first_day"]), last, row["performer"])
