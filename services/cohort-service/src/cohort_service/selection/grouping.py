"""Counting what is different: how many different values of a column each person has.

COUNT(DISTINCT) rather than rows made distinct first: PostgreSQL sorts once for it, where it otherwise fills two tables
by hashes. PostgreSQL 15 was seen to run for ten minutes instead of 1 s, once, where rows were made distinct in
parallel; why is not known.
"""

from __future__ import annotations

from collections.abc import Iterable


def different(column: str, name: str, parts: Iterable[str]) -> str:
    """Rows (person, `name`): how many values of `column` a person has in the rows (person, `column`) of all parts."""
    given = " UNION ALL ".join(parts)
    return f"SELECT person, COUNT(DISTINCT {column}) AS {name} FROM ({given}) AS given GROUP BY person"
