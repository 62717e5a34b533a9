"""What is asked about everybody who is registered, counted by one reading of the people.

As it is known now, the versions of a person say of each day once where they were registered: each person is one row,
and nobody has to be told apart from themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from metrics_service.domain.measures.clause import PERSON, Clause, Condition, Population
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part
from metrics_service.measures.statement import Statement
from tandem.database.connection import Row

PeopleAsked = tuple[Clause, tuple[Condition, ...], Clause | None]
"""A clause about everybody, without whom, and the clause that is to find them, too: for a share."""
_MOST = 40
"""Questions in one statement."""


def asked_of_people(definition: Definition) -> Iterator[PeopleAsked]:
    """What a measure asks about everybody: a share, or populations that are counted."""
    above, below = definition.numerator, definition.denominator
    without = {definition.exclusions, ()}
    if isinstance(below, Population) and definition.is_share:
        if _is_everybody(below.clause):
            yield from ((below.clause, each, above.clause) for each in without)
    else:
        populations = [each for each in (above, below) if isinstance(each, Population)]
        yield from ((each.clause, out, None) for each in populations for out in without if _counts(each))
    yield from ((each.clause, (), None) for each in definition.populations.values() if _counts(each))


def _counts(population: Population) -> bool:
    return _is_everybody(population.clause) and population.count in ("people", "things")


def _is_everybody(clause: Clause) -> bool:
    return clause.facts == (PERSON,)


def put_together(asked: Iterable[PeopleAsked]) -> Iterator[Sequence[PeopleAsked]]:
    """Those of one day, that one statement can answer; a question that is alone is left out."""
    by_day: dict[bool, dict[PeopleAsked, None]] = {}
    for each in asked:
        by_day.setdefault(each[0].when == "at-start", {})[each] = None
    for these in by_day.values():
        left = iter(these)
        while len(some := tuple(islice(left, _MOST))) > 1:
            yield some


def counting(statement: Statement, asked: Sequence[PeopleAsked]) -> str:
    """The statement. A row a practice: how many the question at place i is about (d<i>), and how many of them the other
    clause finds (n<i>)."""
    conditions: dict[str, str] = {}

    def columns(texts: Sequence[str]) -> str:
        """Conditions that all hold; each is looked at once for a person, whoever asks."""
        return " AND ".join(conditions.setdefault(text, f"c{len(conditions)}") for text in texts) or "1 = 1"

    found = []
    for place, (clause, exclusions, other) in enumerate(asked):
        among = columns(statement.of_people(clause, exclusions))
        found.append(f"COUNT(*) FILTER (WHERE {among}) AS d{place}")
        if other is None:
            continue
        if _is_everybody(other) and (other.when == "at-start") == (clause.when == "at-start"):
            too = columns(statement.of_people(other))
        else:
            rows = statement.rows(other, anywhere=True)
            # Of homes that are told apart, at the same home.
            here = " AND too.practice = everybody.practice" if statement.apart else ""
            too = f"EXISTS (SELECT 1 FROM ({rows}) AS too WHERE too.patient = everybody.patient{here})"
        found.append(f"COUNT(*) FILTER (WHERE {among} AND {too}) AS n{place}")
    held = "".join(f", {text} AS {name}" for text, name in conditions.items())
    return (
        f"WITH everybody AS MATERIALIZED (SELECT {statement.practice} AS practice, f.patient AS patient{held}"
        f" {statement.registered(asked[0][0])}) SELECT practice, {', '.join(found)} FROM everybody GROUP BY practice"
    )


def answers(
    asked: Sequence[PeopleAsked], rows: Sequence[Row]
) -> Iterator[tuple[PeopleAsked, dict[str | None, Part]]]:
    """By practice that has any, and None for the whole, which is always there."""
    for place, each in enumerate(asked):
        counted = {row["practice"]: (row[f"n{place}"] if each[2] else None, row[f"d{place}"]) for row in rows}
        parts: dict[str | None, Part] = {name: _part(*numbers) for name, numbers in counted.items() if numbers[1]}
        found = sum(number for number, _ in counted.values() if number is not None) if each[2] else None
        parts[None] = _part(found, sum(number for _, number in counted.values()))
        yield each, parts


def _part(found: int | None, people: int) -> Part:
    return Part(float(people), None, people) if found is None else Part(float(found), float(people), found)
