"""Which free slots are offered to whom: the earliest to people with low needs, continuity to those with complex ones.

"Flexible access for healthier people and joined-up care with continuity for complex conditions" (004 §9, PCN-076).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

LOW: Final = "low"
COMPLEX: Final = "complex"
NEEDS: Final = (LOW, COMPLEX)
CONTINUITY: Final = ("named-professional", "named-gp", "care-coordinator", "key-contact", "responsible-lead")
"""Roles in a person's team whose slots are offered to somebody with complex needs."""


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A free slot: `actors` are the references of whose it is, times microseconds."""

    slot: str
    starts: int
    ends: int
    actors: frozenset[str]


def offered(slots: Iterable[FreeSlot], need: str, known: Collection[str]) -> list[FreeSlot]:
    """The slots in the order in which they are offered; `known` are those who know the person."""
    ordered = sorted(slots, key=lambda each: (each.starts, each.slot))
    return ordered if need == LOW else [each for each in ordered if each.actors & set(known)]
