"""The same population has the same members of every shipped cohort on SQLite, PostgreSQL, and DuckDB over Parquet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cohort_service.export.selection_file import read_selection
from tandem_tests.databases import NewDatabase
from tandem_tests.exported import export_with, members_in_files, members_in_tables
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.populations import PHASES, OnePerson, settle, synthea, synthetic

DAYS = (date(2020, 7, 1), PHASES)


@pytest.fixture(params=["synthetic", "synthea"])
def everybody(request: pytest.FixtureRequest) -> list[OnePerson]:
    """All people of a population."""
    if request.param == "synthetic":
        return list(synthetic(600))
    shared: Path = request.getfixturevalue("shared_data")
    found = list(synthea(shared / "synthea"))
    if not found:
        skip_loudly("cohorts of Synthea's people", "there are no bundles in ../shared/data/synthea")
    return found


async def test_all_engines_select_the_same_people(
    everybody: list[OnePerson], new_sqlite_database: NewDatabase, new_postgresql_database: NewDatabase, tmp_path: Path
) -> None:
    found = {}
    for name, url in (("sqlite", new_sqlite_database()), ("postgresql", new_postgresql_database())):
        selection = await settle(url, everybody)
        folder = await export_with(url, tmp_path / name, selection, PHASES)
        kept, kept_for = read_selection(folder)
        assert (kept, kept_for) == (selection, PHASES)
        for day in DAYS:
            found[name, day] = await members_in_tables(url, selection, day)
            found[f"parquet of {name}", day] = members_in_files(folder, kept, day, "duckdb")
    for day in DAYS:
        assert found["sqlite", day], "somebody is selected"
        for engine in ("postgresql", "parquet of sqlite", "parquet of postgresql"):
            assert found[engine, day] == found["sqlite", day], engine
