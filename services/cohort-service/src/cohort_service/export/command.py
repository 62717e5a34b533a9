"""`tandem cohort export` and `tandem cohort select`: a population as Parquet files, and the lists read from them."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import asyncpg
import click
import duckdb

from cohort_service.export.engines import EngineName, MissingEngine, engine_over
from cohort_service.export.export import export as write_export
from cohort_service.export.select import counts as count_members
from cohort_service.export.select import members as select_members
from cohort_service.export.selection_file import read_selection
from tandem.clock import SystemClock
from tandem.london_days import london_date

_folder = click.Path(file_okay=False, path_type=Path)
_day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--data", type=_folder, help="The data folder of an embedded Tandem.")
@click.option("--database", metavar="URL", help="The database of cohort-service: sqlite:///path or postgresql://...")
@click.option("--out", type=_folder, required=True, help="Folder for the files; it must be new or empty.")
@click.option("--as-of", type=_day, help="The day whose definitions and choices are kept; today if not given.")
@click.option("--records", is_flag=True, help="Also the references of the records behind the facts.")
def export(data: Path | None, database: str | None, out: Path, as_of: datetime | None, records: bool) -> None:
    """Write people, facts and medicines as Parquet files, with the definitions in force.

    The files are personal data. Everything in them is of one moment, and the service may run meanwhile.
    """
    if (data is None) == (database is None):
        raise click.UsageError("give either --data or --database")
    url = database or f"sqlite:///{data}/cohort-service.sqlite"
    day = as_of.date() if as_of else london_date(SystemClock().now())
    try:
        rows = asyncio.run(write_export(url, out, day, records=records))
    except (OSError, ValueError, sqlite3.Error, asyncpg.PostgresError, duckdb.Error) as error:
        raise click.ClickException(f"nothing was written: {error}") from error
    for table, count in rows.items():
        click.echo(f"{table}\t{count}")


@click.command()
@click.option("--parquet", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
              help="A folder that `tandem cohort export` has written.")
@click.option("--cohort", "cohorts", multiple=True, help="Only this one; may be given again. All of them if not given.")
@click.option("--as-of", type=_day, help="The day that is looked at; that of the export if not given.")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@click.option("--counts", is_flag=True, help="Say how many people each has; so too when no --out is given.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file for the members.")
def select(
    folder: Path, cohorts: tuple[str, ...], as_of: datetime | None, engine: EngineName, counts: bool, out: Path | None
) -> None:  # fmt: skip
    """Select the members of cohorts from exported files."""
    if counts and out is not None:
        raise click.UsageError("give either --counts or --out")
    try:
        selection, exported = read_selection(folder)
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"{folder} was not written by `tandem cohort export`: {error}") from error
    if unknown := sorted(set(cohorts) - selection.definitions.keys()):
        known = ", ".join(sorted(selection.definitions))
        raise click.ClickException(f"there is no cohort {unknown[0]}; there are {known}")
    asked, day = sorted(set(cohorts) or selection.definitions), as_of.date() if as_of else exported
    try:
        with engine_over(folder, engine) as opened:
            if out is None:
                found = count_members(opened, selection, asked, day)
                said = [f"{cohort}\t{number}" for cohort, number in found.items()]
            else:
                said = [f"{_write(out, select_members(opened, selection, asked, day))} memberships"]
    except (MissingEngine, OSError, duckdb.Error) as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(said))


def _write(file: Path, rows: Iterator[tuple[str, str, date | None, int]]) -> int:
    """Write the rows as CSV, whole or not at all."""
    unfinished, count = file.with_name(f"{file.name}.unfinished"), 0
    with unfinished.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("cohort", "patient", "since", "rank"))
        for row in rows:
            writer.writerow(row)
            count += 1
    unfinished.replace(file)
    return count
