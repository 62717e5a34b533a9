"""A statement in its parts, for engines that do not take it as one text: named relations, and what is asked of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Relation:
    """`body` selects the rows; `columns`, a list in brackets or nothing, renames what they are made of.

    `kept` asks engines that have a word for it to compute it once, or wherever it is named; empty leaves it to them.
    """

    name: str
    columns: str
    body: str
    kept: Literal["", "MATERIALIZED", "NOT MATERIALIZED"] = ""


@dataclass(frozen=True, slots=True)
class Query:
    """`final` reads the relations, of which each reads only those before it."""

    relations: tuple[Relation, ...]
    final: str

    def text(self) -> str:
        """The whole as one statement."""
        parts = [f"{each.name}{each.columns} AS {each.kept} (\n{each.body}\n)" for each in self.relations]
        return f"WITH {', '.join(parts)}\n{self.final}" if parts else self.final

    def shared(self) -> frozenset[str]:
        """The names of the relations that are read in more than one place."""
        names = {each.name for each in self.relations}
        texts = (*(each.body for each in self.relations), self.final)
        read = Counter(word for text in texts for word in _WORD.findall(text) if word in names)
        return frozenset(name for name, places in read.items() if places > 1)
