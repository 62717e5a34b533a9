"""The explanation of a cohort, answered for one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cohort_service.selection.explanation import Asked, Tree, explanation
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection, Row
from tandem.record_facts.fact import UNDATED

_NAMED = """
SELECT e.node, r.reference, c.system, c.code, c.display, e.starts, e.ends, e.value FROM ({evidence}) e
JOIN record r ON r.number = e.record JOIN concept c ON c.number = e.concept ORDER BY e.starts, r.reference, c.code"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record that made a node hold, or speaks against it; days as in facts, `starts` is None without a date."""

    reference: str
    system: str
    code: str
    display: str | None
    starts: int | None
    ends: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One node of the tree: whether it holds for the person, and the records that say so, oldest first.

    `against` are the records that speak against the whole: of what holds and should not, within a `not` or what keeps
    people out, and the newest where something else should be the newest. Within a `not` that holds no record is shown.
    """

    text: str
    holds: bool
    evidence: tuple[Evidence, ...] = ()
    children: tuple[Explained, ...] = ()
    against: tuple[Evidence, ...] = ()


_Side = Literal["for", "against", "neither"]


async def explain(connection: Connection, selection: Selection, cohort: str, as_of: date, person: int) -> Explained:
    """Why the person with this number is selected for the cohort on a day, or is not.

    The root holds exactly when members_sql selects the person. Raises KeyError for a cohort not in the selection.
    """
    asked = explanation(selection, cohort, as_of, connection.dialect)
    people = f"[{person}]" if connection.dialect == "sqlite" else [person]
    holds = {row["node"] for row in await connection.fetch(asked.holds_sql, people)}
    evidence: defaultdict[int, list[Evidence]] = defaultdict(list)
    for row in await connection.fetch(_NAMED.format(evidence=asked.evidence_sql), people):
        evidence[row["node"]].append(_evidence(row))
    counts = {row["node"]: row["counted"] for row in await connection.fetch(asked.counts_sql, people)}

    def answered(node: Asked, side: _Side) -> Explained:
        text = f"{node.text} (has {counts.get(node.number, 0)})" if node.counted else node.text
        children = [*node.children, *([in_force(node.other_cohort)] if node.other_cohort else [])]
        held = node.number in holds
        within = _within(side, held) if node.negates else side
        answers = tuple(answered(child, within) for child in children)
        found = tuple(evidence[node.number])
        speaks_for, speaks_against = side == "for" and held, side == ("against" if held else "for")
        return Explained(text, held, found if speaks_for else (), answers, found if speaks_against else ())

    def in_force(trees: Sequence[Tree]) -> Asked:
        return next((tree.root for tree in trees if tree.in_force in holds), trees[-1].root)

    return answered(in_force(asked.trees), "for")


def _within(side: _Side, held: bool) -> _Side:
    """On which side the records stand within a `not` that is held or not."""
    return "against" if side == "for" and not held else "neither"


def _evidence(row: Row) -> Evidence:
    starts = row["starts"] if row["starts"] > UNDATED else None
    return Evidence(row["reference"], row["system"], row["code"], row["display"], starts, row["ends"], row["value"])
