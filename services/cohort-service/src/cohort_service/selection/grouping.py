"""Rows of many parts together, and counting what is different: how many values of a column each person has.

COUNT(DISTINCT) rather than rows made distinct first: PostgreSQL sorts once for it, where it otherwise fills two tables
by hashes. PostgreSQL 15 was seen to run for ten minutes instead of 1 s, once, where rows were made distinct in
parallel; why is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_AT_ONCE = 400
"""Parts in one UNION ALL: SQLite refuses more than 500."""


def different(column: str, name: str, parts: Iterable[str]) -> str:
    """Rows (person, `name`): how many values of `column` a person has in the rows (person, `column`) of all parts."""
    given = united(list(parts))
    return f"SELECT person, COUNT(DISTINCT {column}) AS {name} FROM ({given}) AS given GROUP BY person"


def united(parts: Sequence[str]) -> str:
    """The rows of all parts; nothing when there are none."""
    while len(parts) > _AT_ONCE:
        groups = (parts[first : first + _AT_ONCE] for first in range(0, len(parts), _AT_ONCE))
        parts = [f"SELECT * FROM ({_union(group)}) AS united" for group in groups]
    return _union(parts)


def _union(parts: Sequence[str]) -> str:
    return "\nUNION ALL ".join(parts)
