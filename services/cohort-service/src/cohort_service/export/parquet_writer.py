"""From a stream of CSV to a Parquet file: DuckDB reads it through a pipe, sorts it, on disk if need be, and writes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import duckdb

from cohort_service.export.exported_tables import ExportedTable
from cohort_service.export.snapshot import Sink

MEMORY = "1GB"
"""What DuckDB may hold in memory; what is more lies in a folder beside the files."""


async def write_parquet(table: ExportedTable, folder: Path, produce: Callable[[Sink], Awaitable[None]]) -> int:
    """Write the rows that `produce` gives to its sink. Answers how many there were.

    Raises what `produce` raises, or duckdb.Error; the file is then not to be used.
    """
    read_end, write_end = os.pipe()
    reading = asyncio.create_task(asyncio.to_thread(_take_in, table, folder, read_end))
    try:
        with os.fdopen(write_end, "wb") as pipe:

            async def sink(piece: bytes) -> None:
                # a full pipe blocks, which is what keeps the memory bounded
                await asyncio.to_thread(pipe.write, piece)

            await produce(sink)
    except BrokenPipeError:
        # The reader gave up, and says why.
        await reading
        raise
    except BaseException:
        await asyncio.gather(reading, return_exceptions=True)
        raise
    return await reading


def _take_in(table: ExportedTable, folder: Path, read_end: int) -> int:
    try:
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in table.columns.items())
        order = f" ORDER BY {', '.join(table.sorted_by)}" if table.sorted_by else ""
        with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")}) as engine:
            rows = engine.execute(
                "COPY (SELECT * FROM read_csv($source, header = false, auto_detect = false, delim = ',', quote = '\"',"
                f" escape = '\"', nullstr = '', allow_quoted_nulls = false, parallel = false, columns = {{{columns}}})"
                f"{order}) TO '{_quoted(folder / table.file)}' (FORMAT parquet, COMPRESSION zstd)",
                {"source": f"/dev/fd/{read_end}"},
            ).fetchone()
            return int(rows[0]) if rows else 0
    finally:
        os.close(read_end)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
