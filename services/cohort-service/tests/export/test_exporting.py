"""What the commands write and say, and what they refuse."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from cohort_service.export.exported_tables import NEEDED, ExportedTable
from cohort_service.export.parquet_writer import write_parquet
from cohort_service.export.snapshot import Sink
from tandem.cli.main import main
from tandem_tests.populations import PHASES, settle, synthetic


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of an embedded system with forty people."""
    asyncio.run(settle(f"sqlite:///{tmp_path}/cohort-service.sqlite", synthetic(40)))
    return tmp_path


def tandem(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *map(str, arguments)])


def test_what_the_tables_hold_is_in_the_files(data: Path) -> None:
    result = tandem("export", "--data", data, "--out", data / "out", "--as-of", PHASES, "--records")
    assert result.exit_code == 0, result.output
    with sqlite3.connect(data / "cohort-service.sqlite") as source:
        for line in result.output.splitlines():
            name, count = line.split("\t")
            table = next((each for each in NEEDED if each.name == name), None)
            columns = ", ".join(table.columns) if table else "number, reference, person"
            rows = source.execute(f"SELECT {columns} FROM {name}").fetchall()
            exported = duckdb.sql(f"SELECT * FROM '{data}/out/{name}.parquet'").fetchall()
            assert len(rows) == int(count) > 0
            assert sorted(map(repr, exported)) == sorted(map(repr, rows)), name
    source.close()
    assert sorted(each.name for each in data.glob("out*")) == ["out"]


def test_counts_and_members_agree(data: Path) -> None:
    tandem("export", "--data", data, "--out", data / "out", "--as-of", PHASES)
    chosen = ("--parquet", data / "out", "--cohort", "multimorbidity", "--cohort", "efi-severe")
    counted = dict(line.split("\t") for line in tandem("select", *chosen).output.splitlines())
    assert counted.keys() == {"multimorbidity", "efi-severe"}
    assert int(counted["multimorbidity"]) > 0
    written = tandem("select", *chosen, "--out", data / "members.csv", "--as-of", date(2020, 7, 1))
    with (data / "members.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert written.output == f"{len(rows)} memberships\n"
    assert list(rows[0]) == ["cohort", "patient", "since", "rank"]


def test_a_folder_with_anything_in_it_is_left_alone(data: Path) -> None:
    (data / "out").mkdir()
    (data / "out" / "mine").write_text("mine")
    result = tandem("export", "--data", data, "--out", data / "out")
    assert (result.exit_code, "is not empty" in result.output) == (1, True)
    assert [each.name for each in (data / "out").iterdir()] == ["mine"]


def test_a_database_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    result = tandem("export", "--database", f"sqlite:///{tmp_path}/none.sqlite", "--out", tmp_path / "out")
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "--out", "x"), "give either --data or --database"),
        (("export", "--database", "mysql://x", "--out", "x"), "starts with sqlite:/// or postgresql://"),
        (("select", "--parquet", "."), "was not written by `tandem cohort export`"),
    ],
)
def test_bad_input_is_told(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = tandem(*arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_cohort_is_told_with_those_there_are(data: Path) -> None:
    tandem("export", "--data", data, "--out", data / "out", "--as-of", PHASES)
    result = tandem("select", "--parquet", data / "out", "--cohort", "none")
    assert result.exit_code == 1
    assert "there is no cohort none; there are ac-segment-frailty, " in result.output


async def test_rows_that_are_none_of_the_table_are_an_error_and_nobody_waits(tmp_path: Path) -> None:
    table = ExportedTable("person", {"number": "BIGINT"})

    async def too_much(sink: Sink) -> None:
        for _ in range(1_000):
            await sink(b"not a number\n" * 1_000)

    with pytest.raises(duckdb.Error):
        await write_parquet(table, tmp_path, too_much)


async def test_text_comes_through_as_it_was(tmp_path: Path) -> None:
    table = ExportedTable("t", {"a": "VARCHAR", "b": "DOUBLE"})

    async def rows(sink: Sink) -> None:
        await sink(b'"a ""quoted"", text\nof two lines",1.5\n"",\n,0.1\n')

    assert await write_parquet(table, tmp_path, rows) == 3
    found = duckdb.sql(f"SELECT * FROM '{tmp_path}/t.parquet'").fetchall()
    assert found == [('a "quoted", text\nof two lines', 1.5), ("", None), (None, 0.1)]
