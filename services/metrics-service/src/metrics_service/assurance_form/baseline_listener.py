"""Keeps the baseline returns that case registers make, so that a form can be drawn from one."""

from __future__ import annotations

from typing import Final

from metrics_service.domain.assurance_form.form import Baseline
from metrics_service.domain.london_days import first_day, written
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.fhir.body import decode, encode
from tandem.service import Work

RETURNED: Final = "tandem.case-register.baseline-returned"


async def keep_baseline_return(event: Event, work: Work) -> None:
    """A return is never changed, so one that is there already stays as it is."""
    data = event.data or {}
    await work.connection.execute(
        "INSERT INTO baseline_return (practice, number, day, fields_json) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        str(data["practice"]), int(data["number"]), first_day(str(data["date"])), encode(data["fields"]),
    )  # fmt: skip


async def newest_return(connection: Connection, practice: str) -> Baseline | None:
    """The newest return of a practice; None when it made none."""
    row = await connection.fetchrow(
        "SELECT number, day, fields_json FROM baseline_return WHERE practice = $1 ORDER BY number DESC LIMIT 1",
        practice,
    )
    if row is None:
        return None
    return Baseline(row["number"], written(row["day"]), tuple(decode(bytes(row["fields_json"]))))
