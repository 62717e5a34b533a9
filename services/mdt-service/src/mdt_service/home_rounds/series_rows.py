"""The rows of the series."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

from mdt_service.domain.home_rounds.agreed_parts import AgreedPart
from mdt_service.duties.area import stands_above
from tandem.database.connection import Connection, Row
from tandem.identity.references import resolve


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series: its home (a code or `Organization/id`), who keeps it (code), its days, its named team, agreed parts."""

    schedule: str
    home: str
    owner: str
    active: bool
    first: int
    last: int | None
    team: tuple[str, ...]
    parts: tuple[AgreedPart, ...]


async def keep_series(connection: Connection, row: SeriesRow) -> None:
    """Keep what a Schedule says now."""
    await forget_series(connection, row.schedule)
    await connection.execute(
        "INSERT INTO round_series (schedule, home, owner, active, first_day, last_day, team, parts)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.schedule, row.home, row.owner, int(row.active), row.first, row.last, json.dumps(row.team),
        json.dumps([asdict(each) for each in row.parts]),
    )  # fmt: skip


async def forget_series(connection: Connection, schedule: str) -> None:
    """The Schedule is no series any more."""
    await connection.execute("DELETE FROM round_series WHERE schedule = $1", schedule)


async def series_row(connection: Connection, schedule: str | None) -> SeriesRow | None:
    """The series of a Schedule's id, with the organisations of its parts resolved to codes as far as they are known."""
    row = await connection.fetchrow("SELECT * FROM round_series WHERE schedule = $1", schedule)
    return await _read(connection, row) if row is not None else None


async def series_of_home(connection: Connection, homes: Collection[str], owner: str) -> SeriesRow | None:
    """The latest active series that an organisation keeps for a home, under any of its names."""
    rows = await connection.fetch(
        "SELECT * FROM round_series WHERE owner = $1 AND active = 1 ORDER BY first_day DESC, schedule", owner
    )
    found = next((row for row in rows if row["home"] in homes), None)
    return await _read(connection, found) if found is not None else None


async def areas_of(connection: Connection, series: SeriesRow, at: int) -> set[str]:
    """Whose policies bear on a series at a moment (microseconds): its keeper and who stands above it."""
    return {series.owner} | await stands_above(connection, series.owner, at)


async def _read(connection: Connection, row: Row) -> SeriesRow:
    parts = [AgreedPart(**each) for each in json.loads(row["parts"])]
    codes = await resolve(connection, (each.organisation for each in parts))
    resolved = tuple(
        AgreedPart(codes[each.organisation] or each.organisation, each.part, each.agreed, each.until) for each in parts
    )
    return SeriesRow(
        row["schedule"], row["home"], row["owner"], bool(row["active"]), row["first_day"], row["last_day"],
        tuple(json.loads(row["team"])), resolved,
    )  # fmt: skip
