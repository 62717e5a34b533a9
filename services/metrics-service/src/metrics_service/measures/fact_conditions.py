"""What a clause asks of a fact itself, as SQL: its kind, its days, its words, when it was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics_service.domain.measures.clause import Clause, Months
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.value_sets import Numbers


class FactConditions:
    """Writes them for one span. Every word comes from a definition, never from a request; numbers are written out."""

    def __init__(self, span: Span, numbers: Mapping[str, Numbers]) -> None:
        self._span = span
        self._numbers = numbers

    def known(self, alias: str) -> list[str]:
        known = self._span.known
        if known is None:
            return [f"{alias}.known_until = {FOREVER}"]
        return [f"{alias}.known_from <= {known}", f"{alias}.known_until > {known}"]

    def of_fact(self, clause: Clause, alias: str, *, dated: bool = True) -> list[str]:
        """The conditions on a fact alone; without `dated`, all but those of its days."""
        where = [of_kinds(alias, clause.facts), *self.known(alias)]
        if dated:
            where += self._days(clause, alias)
        return where + self.words(clause, alias)

    def words(self, clause: Clause, alias: str) -> list[str]:
        """What is asked of its words, codes and numbers, whenever it was."""
        where: list[str] = []
        # Numbers first: they are told apart sooner than texts, and what is asked in a FILTER is asked in this order.
        if clause.codes:
            where.append(self._concepts(clause.codes, alias))
        if clause.not_codes:
            where.append(f"({alias}.concept IS NULL OR NOT {self._concepts(clause.not_codes, alias)})")
        if clause.at_least is not None:
            where.append(f"{alias}.value >= {clause.at_least!r}")
        if clause.at_most is not None:
            where.append(f"{alias}.value <= {clause.at_most!r}")
        if clause.ended_within is not None:
            where.append(f"{alias}.last - {alias}.first <= {clause.ended_within}")
        for column in ("status", "category", "detail", "place", "organisation"):
            if words := getattr(clause, column):
                where.append(f"{alias}.{column} IN ({texts(words)})")
        if clause.not_status:
            where.append(f"({alias}.status IS NULL OR {alias}.status NOT IN ({texts(clause.not_status)}))")
        return where

    def _days(self, clause: Clause, alias: str) -> list[str]:
        first, last, when = self._span.first, self._span.last, clause.when
        column = f"{alias}.first"
        if isinstance(when, Months):
            return [f"{column} BETWEEN {self._span.months_before_end(when.number)} AND {last}"]
        if when == "ended":
            return [f"{alias}.last BETWEEN {first} AND {last}"]
        if when in ("at-end", "at-start"):
            return standing(alias, str(last if when == "at-end" else first))
        if when == "during":
            return [f"{column} <= {last}", f"({alias}.last IS NULL OR {alias}.last > {first})"]
        if when == "ever":
            return [f"{column} <= {last}"]
        if when == "before":
            return [f"{column} < {first}"]
        return [f"{column} BETWEEN {first} AND {last}"]

    def _concepts(self, value_sets: Sequence[str], alias: str) -> str:
        numbers = sorted({number for name in value_sets for number in self._numbers[name]})
        # Nothing that was ever recorded may have a code of it; and IN (NULL) would be unknown, not false.
        return f"{alias}.concept IN ({', '.join(map(str, numbers))})" if numbers else "1 = 0"


def standing(alias: str, day: str) -> list[str]:
    """It holds on that day."""
    return [f"{alias}.first <= {day}", f"({alias}.last IS NULL OR {alias}.last > {day})"]


def of_kinds(alias: str, kinds: Sequence[str]) -> str:
    return f"{alias}.kind = {text(kinds[0])}" if len(kinds) == 1 else f"{alias}.kind IN ({texts(kinds)})"


def affiliated(alias: str, category: str) -> list[str]:
    return [f"{alias}.kind = 'affiliation'", f"{alias}.category = {text(category)}"]


def text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def texts(words: Sequence[str]) -> str:
    return ", ".join(map(text, words))
