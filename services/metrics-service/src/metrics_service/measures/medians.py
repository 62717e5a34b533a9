"""What is counted here, from rows: databases count it differently or not at all. By practice; None is the whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median

from metrics_service.domain.measures.figure import Part
from tandem.database.connection import Row


def medians(rows: Sequence[Row]) -> dict[str | None, Part]:
    """The median of the values (rows of practice, patient and value); of how many people."""
    values: dict[str | None, list[float]] = {}
    people: dict[str | None, set[str]] = {}
    for row in rows:
        if row["value"] is not None:
            for name in (row["practice"], None):
                values.setdefault(name, []).append(row["value"])
                people.setdefault(name, set()).add(row["patient"])
    return {name: Part(float(median(each)), None, len(people[name])) for name, each in values.items()}


def intervals(rows: Sequence[Row]) -> dict[str | None, Part]:
    """The days between one and the next of the same group, on average; none where nothing came twice."""
    days: dict[tuple[str | None, str], list[int]] = {}
    for row in rows:
        for name in (row["practice"], None):
            days.setdefault((name, row["in_group"] or ""), []).append(row["day"])
    between: dict[str | None, list[int]] = {}
    for (name, _), each in days.items():
        order = sorted(each)
        between.setdefault(name, []).extend(later - earlier for earlier, later in pairwise(order))
    return {name: Part(mean(gaps), None, 0) for name, gaps in between.items() if gaps}
