"""The cohorts for which the measure is used: those shipped, and what was published since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from careplan_service.domain.activation.cohorts import PamCohort
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode


@cache
def shipped_cohorts() -> tuple[PamCohort, ...]:
    """Version 1 of the cohorts of `pam-cohorts.json`."""
    raw = (files("careplan_service") / "activation" / "pam-cohorts.json").read_bytes()
    return tuple(
        PamCohort(each["cohort"], 1, date.fromisoformat(each["from"]), None, each["source"]) for each in decode(raw)
    )


async def all_cohorts(connection: Connection) -> list[PamCohort]:
    """Every version, in the order of cohorts and versions."""
    rows = await connection.fetch("SELECT * FROM pam_cohort ORDER BY cohort, version")
    return sorted([*shipped_cohorts(), *map(_cohort, rows)], key=lambda each: (each.cohort, each.version))


async def publish(
    connection: Connection, cohort: str, first: date, last: date | None, source: str, author: str, at: int
) -> PamCohort:
    """Keep the next version of a cohort. Hold it first."""
    known: Sequence[PamCohort] = await all_cohorts(connection)
    version = 1 + max((each.version for each in known if each.cohort == cohort), default=0)
    await connection.execute(
        "INSERT INTO pam_cohort (cohort, version, first_day, last_day, source, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        cohort, version, first.isoformat(), last.isoformat() if last is not None else None, source, author, at,
    )  # fmt: skip
    return PamCohort(cohort, version, first, last, source)


def _cohort(row: Row) -> PamCohort:
    last = date.fromisoformat(row["last_day"]) if row["last_day"] is not None else None
    return PamCohort(row["cohort"], row["version"], date.fromisoformat(row["first_day"]), last, row["source"])
