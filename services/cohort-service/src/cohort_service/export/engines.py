"""The engines that read exported files: DuckDB on one machine, Spark on many (an extra). The statement is the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from cohort_service.export.exported_tables import NEEDED, RECORD
from cohort_service.selection.query import Query
from cohort_service.selection.statement import Dialect

EngineName = Literal["duckdb", "spark"]
_ROWS_AT_ONCE = 20_000


class MissingEngine(Exception):
    """The engine is not installed."""


class Engine(Protocol):
    """One engine with a view of each exported file, by the name of its table."""

    dialect: Dialect

    def rows(self, query: Query) -> Iterator[tuple[Any, ...]]:
        """What a statement answers, a piece in memory at a time."""
        ...


@contextmanager
def engine_over(folder: Path, name: EngineName) -> Iterator[Engine]:
    """The engine over an exported folder. Raises MissingEngine."""
    files = {table.name: folder / table.file for table in (*NEEDED, RECORD) if (folder / table.file).exists()}
    opened = _duckdb(files) if name == "duckdb" else _spark(files)
    with opened as engine:
        yield engine


@contextmanager
def _duckdb(files: dict[str, Path]) -> Iterator[Engine]:
    import duckdb

    with duckdb.connect() as connection:
        for table, file in files.items():
            connection.read_parquet(str(file)).create_view(table)
        yield _DuckDb(connection)


class _DuckDb:
    dialect: Dialect = "duckdb"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, query: Query) -> Iterator[tuple[Any, ...]]:
        found = self._connection.execute(query.text())
        while batch := found.fetchmany(_ROWS_AT_ONCE):
            yield from batch


@contextmanager
def _spark(files: dict[str, Path]) -> Iterator[Engine]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingEngine("Spark is an extra: pip install 'cohort-service[spark]', and Java 17 or later") from error
    building = SparkSession.builder.appName("tandem cohort select")
    building = building.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    session = building.getOrCreate()
    try:
        session.sparkContext.setLogLevel("ERROR")
        for table, file in files.items():
            session.read.parquet(str(file)).createOrReplaceTempView(table)
        yield _Spark(session)
    finally:
        session.stop()


class _Spark:
    """A view for each relation, as one text over all cohorts is more than Spark plans in bearable time.

    Spark writes a relation out wherever it is named, with all that it names in turn: some 70 cohorts would read files
    3,700 times. What is named in several places is therefore computed where it stands and kept (in memory and on disk,
    by the executors), and what reads it is planned anew.
    """

    dialect: Dialect = "spark"

    def __init__(self, session: Any) -> None:
        self._session = session

    def rows(self, query: Query) -> Iterator[tuple[Any, ...]]:
        shared = query.shared()
        for relation in query.relations:
            named = f"SELECT * FROM ({relation.body}) AS named{relation.columns}" if relation.columns else relation.body
            found = self._session.sql(named)
            if relation.name in shared:
                found = found.localCheckpoint()
            found.createOrReplaceTempView(relation.name)
        for row in self._session.sql(query.final).toLocalIterator():
            yield tuple(row)
