"""Spark selects the same people from Parquet files as the service's own tables do. Run by `make test-spark`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tandem_tests.exported import export_with, members_in_files, members_in_tables
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.populations import PHASES, settle, synthetic


async def test_spark_selects_the_same_people(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("pyspark") is None:
        skip_loudly("cohorts on Spark", "pyspark is not installed: make test-spark installs it")
    monkeypatch.setenv("SPARK_CONF_DIR", str(Path(__file__).parent))
    selection = await settle(sqlite_url, synthetic(300))
    folder = await export_with(sqlite_url, tmp_path / "parquet", selection, PHASES)
    expected = await members_in_tables(sqlite_url, selection, PHASES)
    assert expected
    assert members_in_files(folder, selection, PHASES, "spark") == expected
