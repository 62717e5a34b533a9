"""Where words stand in the databases of an embedded system."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path


def databases(data: Path) -> list[Path]:
    """The databases of an embedded system."""
    return sorted(data.glob("*.sqlite"))


def traces(data: Path, words: set[str]) -> Iterator[str]:
    """Where any of these words stands, in any column of any table of any database."""
    for path in databases(data):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                cursor = connection.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    for name, value in zip(names, row, strict=True):
                        shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                        if any(word.casefold() in shown.casefold() for word in words):
                            yield f"{path.stem}.{table}.{name}: {shown[:160]}"
