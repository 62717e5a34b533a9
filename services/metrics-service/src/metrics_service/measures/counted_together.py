"""Populations that read the same facts of the same people, counted by one statement.

Ten measures of prescribing read the prescriptions of a year ten times when each has a statement of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from metrics_service.domain.measures.clause import PERSON, Clause, Condition, Counted, Population
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part
from metrics_service.measures.statement import Statement
from tandem.database.connection import Row

Question = tuple[Clause, tuple[Condition, ...], Counted]
"""What is counted of whom, without whom, and how."""
_SUMMED: tuple[Counted, ...] = ("sum", "per-week", "average")
_COUNTS: tuple[Counted, ...] = ("people", "things", *_SUMMED)
_MOST = 40
"""Questions in one statement."""


def questions_of(definition: Definition) -> Iterator[Question]:
    """What is counted for a measure, but for shares, which ask whether those above are among those below."""
    populations = [] if definition.is_share else [definition.numerator, definition.denominator]
    for each in (population for population in populations if isinstance(population, Population)):
        yield each.clause, definition.exclusions, each.count
        if definition.exclusions:
            yield each.clause, (), each.count
    for each in definition.populations.values():
        yield each.clause, (), each.count


def put_together(questions: Iterable[Question]) -> Iterator[Sequence[Question]]:
    """Those that one statement can answer; a question that shares its facts with no other is left out."""
    alike: dict[tuple[Clause, tuple[Condition, ...]], dict[Question, None]] = {}
    for question in questions:
        clause, exclusions, count = question
        if count in _COUNTS and clause.facts != (PERSON,):
            alike.setdefault((clause.without_words, exclusions), {})[question] = None
    for each in alike.values():
        left = iter(each)
        while len(some := tuple(islice(left, _MOST))) > 1:
            yield some


def counting(statement: Statement, questions: Sequence[Question]) -> str:
    """The statement. A row a practice: for the clause at place i of `clauses_of`, how many things (n<i>), of how many
    people (p<i>), and, where a question asks for it, their total (t<i>) and how many have a number (v<i>). And a row
    without practice: p<i> is how often somebody is among the people of a further practice."""
    clauses = clauses_of(questions)
    first, exclusions, _ = questions[0]
    rows = statement.rows(first.without_words, exclusions, told_apart=clauses)
    summed = [place for place, clause in enumerate(clauses) if _is_summed(clause, questions)]
    # As integers: PostgreSQL adds bigint up as numeric, which is slow.
    each = [f"CAST(COUNT(*) FILTER (WHERE w{i}) AS INTEGER) AS n{i}" for i in range(len(clauses))]
    for i in summed:
        each.append(f"SUM(value) FILTER (WHERE w{i}) AS t{i}")
        each.append(f"CAST(COUNT(value) FILTER (WHERE w{i}) AS INTEGER) AS v{i}")
    found = [f"SUM(n{i}) AS n{i}, COUNT(patient) FILTER (WHERE n{i} > 0) AS p{i}" for i in range(len(clauses))]
    found += [f"SUM(t{i}) AS t{i}, SUM(v{i}) AS v{i}" for i in summed]
    further = [f"0, SUM(k{i} - 1) FILTER (WHERE k{i} > 1)" for i in range(len(clauses))] + ["0, 0" for _ in summed]
    times = ", ".join(f"COUNT(*) FILTER (WHERE n{i} > 0) AS k{i}" for i in range(len(clauses)))
    return (
        f"WITH per AS (SELECT practice, patient, {', '.join(each)} FROM ({rows}) AS found GROUP BY practice, patient)"
        f" SELECT practice, {', '.join(found)} FROM per GROUP BY practice"
        f" UNION ALL SELECT NULL, {', '.join(further)} FROM"
        f" (SELECT {times} FROM per WHERE patient IS NOT NULL GROUP BY patient HAVING COUNT(*) > 1) AS again"
    )


def clauses_of(questions: Sequence[Question]) -> list[Clause]:
    """Each clause once, in the order of the questions."""
    return list(dict.fromkeys(clause for clause, _, _ in questions))


def _is_summed(clause: Clause, questions: Sequence[Question]) -> bool:
    return any(asked == clause and count in _SUMMED for asked, _, count in questions)


def answers(questions: Sequence[Question], rows: Sequence[Row]) -> Iterator[tuple[Question, dict[str | None, Part]]]:
    """By practice, None for the whole, as if each had been asked by itself: where it found nothing is no part."""
    clauses = clauses_of(questions)
    [further] = [row for row in rows if row["practice"] is None]
    for question in questions:
        clause, _, count = question
        i = clauses.index(clause)
        found = [row for row in rows if row["practice"] is not None and row[f"n{i}"]]
        parts: dict[str | None, Part] = {row["practice"]: part for row in found if (part := _part([row], count, i, 0))}
        if whole := _part(found, count, i, further[f"p{i}"] or 0):
            parts[None] = whole
        yield question, parts


def _part(rows: Sequence[Row], count: Counted, i: int, again: int) -> Part | None:
    # PostgreSQL adds integers up as decimal numbers.
    people = int(sum(row[f"p{i}"] for row in rows) - again)
    if count == "people":
        return Part(float(people), None, people)
    if count == "things":
        return Part(float(sum(row[f"n{i}"] for row in rows)), None, people)
    total = sum((row[f"t{i}"] for row in rows if row[f"t{i}"] is not None), 0.0)
    if count != "average":
        return Part(total, None, people)
    valued = sum(row[f"v{i}"] for row in rows)
    return Part(total / valued, None, people) if valued else None
