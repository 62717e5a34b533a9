"""The members of all shipped cohorts, read from the tables and from exported files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cohort_service.export.engines import EngineName, engine_over
from cohort_service.export.export import export
from cohort_service.export.select import members
from cohort_service.export.selection_file import write_selection
from cohort_service.selection.compile import members_sql
from cohort_service.selection.selection import Selection
from tandem.database.connection import open_database
from tandem.london_days import date_of

Membership = tuple[str, str, date | None, int]
"""Cohort, id of the patient, since, rank."""


async def members_in_tables(url: str, selection: Selection, as_of: date) -> set[Membership]:
    """By the service's own database."""
    database = await open_database(url, pool_size=1)
    try:
        async with database.read() as connection:
            sql = members_sql(selection, sorted(selection.definitions), as_of, database.dialect, scope="everybody")
            patients = {row["number"]: row["patient"] for row in await connection.fetch("SELECT * FROM person")}
            rows = await connection.fetch(sql)
    finally:
        await database.close()
    return {
        (row["cohort"], patients[row["person"]], None if row["since"] is None else date_of(row["since"]), row["rank"])
        for row in rows
    }


async def export_with(url: str, folder: Path, selection: Selection, as_of: date) -> Path:
    """Export a database, and keep this selection beside the files."""
    await export(url, folder, as_of)
    write_selection(folder, selection, as_of)
    return folder


def members_in_files(folder: Path, selection: Selection, as_of: date, engine: EngineName) -> set[Membership]:
    """By an engine over exported files."""
    with engine_over(folder, engine) as opened:
        return set(members(opened, selection, sorted(selection.definitions), as_of))
