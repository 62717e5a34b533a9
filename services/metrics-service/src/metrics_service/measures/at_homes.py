"""The care homes that a statement is narrowed to, as SQL: one that it names, or several that it tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from metrics_service.measures.fact_conditions import FactConditions, text, texts

_CANDIDATES = "h"
STAY = "care-home-stay"


@dataclass(frozen=True, slots=True)
class AtHomes:
    """One way to find facts (f): what is joined, what is asked, and the expression of the home, where homes are told
    apart."""

    join: str = ""
    where: tuple[str, ...] = ()
    home: str = ""


class Homes:
    """Homes by their codes; with `apart`, things are counted by home and not by practice."""

    named = f"{_CANDIDATES}.home"
    """The home, where `join` stands."""

    def __init__(self, facts: FactConditions, codes: Sequence[str], *, apart: bool) -> None:
        self._facts = facts
        self._codes = codes
        self.apart = apart

    @cached_property
    def join(self) -> str:
        """Behind `told_person f` or `told_fact f`: those who ever lived in a home, once for each.

        Whether they did so on the day is asked of them alone: they are few.
        """
        where = [f"c.kind = {text(STAY)}", *self._facts.known("c"), f"c.place IN ({texts(self._codes)})"]
        lived = f"SELECT DISTINCT c.patient, c.place AS home FROM told_fact c WHERE {' AND '.join(where)}"
        return f" JOIN ({lived}) {_CANDIDATES} ON {_CANDIDATES}.patient = f.patient"

    def halves(self, lives: str) -> list[AtHomes]:
        """Facts of those who live in a home (the condition `lives`), and facts that happened there, whomever they are
        about: each fact once for a home. As two halves, for either is found by itself, where `OR` would have every fact
        of the kind looked at."""
        elsewhere = f"(f.place IS NULL OR f.place <> {self.named})"
        return [
            AtHomes(self.join, (lives, elsewhere), self.named if self.apart else ""),
            AtHomes("", (f"f.place IN ({texts(self._codes)})",), "f.place" if self.apart else ""),
        ]
