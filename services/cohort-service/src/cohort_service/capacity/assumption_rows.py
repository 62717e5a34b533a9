"""The assumptions that hold for an organisation: the file's, and what a network says of itself, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from cohort_service.domain.capacity.assumptions import Assumptions, OwnFigure, Version, assumptions_on, versions_of
from tandem.database.connection import Connection, Row
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import day_number
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def published() -> tuple[Version, ...]:
    """The versions of `assumptions.yaml`."""
    text = (files("cohort_service") / "capacity" / "assumptions.yaml").read_text(encoding="utf-8")
    return versions_of(load_yaml(text), day_number)


async def assumptions_of(connection: Connection, network: str | None, day: int) -> Assumptions:
    """What holds for a network (a code) on a day. Raises FhirError 422 for a day before there were any."""
    own = [_own(row) for row in await own_rows(connection, network)] if network is not None else []
    found = assumptions_on(published(), own, day)
    if found is None:
        raise FhirError(Kind.UNPROCESSABLE, "There are no assumptions about capacity for that day")
    return found


async def own_rows(connection: Connection, network: str) -> Sequence[Row]:
    """Every figure a network ever gave, the latest first."""
    return await connection.fetch(
        "SELECT * FROM capacity_assumption WHERE network = $1 ORDER BY number DESC, name", network
    )


async def keep_own(
    connection: Connection, network: str, figures: Sequence[tuple[str, float, int, str]], author: str, at: int
) -> int:
    """Keep (name, value, first day, reason) as one change of the network's; answers its number. Hold it first."""
    highest = await connection.fetchval("SELECT MAX(number) FROM capacity_assumption WHERE network = $1", network)
    number = 1 + int(highest or 0)
    await connection.executemany(
        "INSERT INTO capacity_assumption (network, number, name, value, from_day, reason, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [(network, number, name, value, day, reason, author, at) for name, value, day, reason in figures],
    )
    return number


def _own(row: Row) -> OwnFigure:
    return OwnFigure(row["name"], float(row["value"]), row["from_day"], row["number"], row["reason"])
