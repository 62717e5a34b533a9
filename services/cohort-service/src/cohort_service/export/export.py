"""Everything that definitions are judged by, of one moment, written to a folder of Parquet files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

from cohort_service.catalogue.current import current_selection
from cohort_service.export.exported_tables import NEEDED, RECORD
from cohort_service.export.parquet_writer import write_parquet
from cohort_service.export.selection_file import write_selection
from cohort_service.export.snapshot import snapshot


async def export(url: str, folder: Path, as_of: date, *, records: bool = False) -> Mapping[str, int]:
    """Write the tables and what is in force on `as_of`. Answers the rows by table.

    The folder appears when all is written and not before. Raises FileExistsError when it is there and not empty, and
    what `snapshot` and `write_parquet` raise.
    """
    unfinished = _unfinished(folder)
    try:
        rows = {}
        async with snapshot(url) as moment:
            write_selection(unfinished, await current_selection(moment.connection, as_of), as_of)
            for table in (*NEEDED, RECORD) if records else NEEDED:
                rows[table.name] = await write_parquet(table, unfinished, partial(moment.write, table))
        shutil.rmtree(unfinished / "spill", ignore_errors=True)
        unfinished.replace(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return rows


def _unfinished(folder: Path) -> Path:
    """An empty folder beside the one that is to be."""
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    return unfinished
