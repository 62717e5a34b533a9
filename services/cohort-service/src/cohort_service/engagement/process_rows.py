"""The rows of the screening processes that networks published."""

from __future__ import annotations

from collections.abc import Collection

from cohort_service.domain.engagement.sequence import ProcessStep, ScreeningProcess
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row, UniqueViolation
from tandem.fhir.body import decode, encode


class VersionHeld(Exception):
    """A version of this name, or one from the same day, is published already."""


async def publish(connection: Connection, process: ScreeningProcess, made: int, by: str) -> None:
    """Keep a version, `made` microseconds. Raises VersionHeld: what was published never changes."""
    same_day = await connection.fetchval(
        "SELECT 1 FROM screening_process WHERE organisation = $1 AND (from_day = $2 OR version = $3)",
        process.network, process.from_day, process.version,
    )  # fmt: skip
    if same_day is not None:
        raise VersionHeld
    body = encode({"cohorts": list(process.cohorts), "steps": [[each.channel, each.after] for each in process.steps]})
    try:
        await connection.execute(
            "INSERT INTO screening_process (organisation, version, from_day, process, made, made_by)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            process.network, process.version, process.from_day, body, made, by,
        )  # fmt: skip
    except UniqueViolation:
        # Two published at once: the look before the write saw neither.
        raise VersionHeld from None


async def processes_of(connection: Connection, networks: Collection[str]) -> list[ScreeningProcess]:
    """Every version of these networks, by network and day."""
    rows = await connection.fetch(
        "SELECT organisation, version, from_day, process FROM screening_process"
        f" WHERE organisation {among(connection.dialect, '$1', 'text')} ORDER BY organisation, from_day",
        array(connection.dialect, sorted(networks)),
    )
    return [_process(row) for row in rows]


def _process(row: Row) -> ScreeningProcess:
    held = decode(bytes(row["process"]))
    steps = tuple(ProcessStep(channel, after) for channel, after in held["steps"])
    return ScreeningProcess(row["organisation"], row["version"], row["from_day"], tuple(held["cohorts"]), steps)
