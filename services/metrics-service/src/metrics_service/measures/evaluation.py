"""Figures of measures: one statement for each population, for all practices of an area at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from metrics_service.domain.measures.clause import (
    Clause,
    Condition,
    Population,
)
from metrics_service.domain.measures.clauses import value_sets_of
from metrics_service.domain.measures.definition import AVERAGES, Definition
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.domain.measures.span import Span, compared_with
from metrics_service.measures import people_together
from metrics_service.measures.answering import named_by_stratum
from metrics_service.measures.area import Area
from metrics_service.measures.counted_together import Question, answers, counting, put_together, questions_of
from metrics_service.measures.group_rows import applying
from metrics_service.measures.list_sizes import list_sizes
from metrics_service.measures.medians import intervals, medians
from metrics_service.measures.people_together import PeopleAsked, asked_of_people
from metrics_service.measures.statement import PERSONAL, Statement
from metrics_service.measures.targets import target_for
from metrics_service.measures.value_sets import numbers_of
from tandem.database.array_parameters import array
from tandem.database.connection import Connection, Row
from tandem.database.more_room import more_room

# Grouped by person first: PostgreSQL hashes that, where it would sort for COUNT(DISTINCT patient).
_PER_PERSON = "COUNT(*) AS things, SUM(value) AS total, COUNT(value) AS valued"
_COUNTS = {
    "people": "COUNT(patient)",
    "things": "COALESCE(SUM(things), 0)",
    "sum": "COALESCE(SUM(total), 0)",
    "per-week": "COALESCE(SUM(total), 0)",
    "average": "SUM(total) / NULLIF(SUM(valued), 0)",
}
Counts = Mapping[str | None, Part]
"""By practice; None is the whole area, in which each person counts once."""
_ROOM = (32, 2, 128)
"""MiB for a group or a hash: at least, for each practice, and at most. The people of a network do not go to disk."""
_NOTHING = Part(0.0, None, 0)
_NO_FIGURE = Part(0.0, 0.0, 0)
"""An average of nothing: nothing to divide by."""
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_Name = TypeVar("_Name", str, str | None)


async def figures(
    connection: Connection, definitions: Iterable[Definition], area: Area, span: Span, *, strata: bool = False
) -> list[Figure]:
    """The figure of each measure, in their order. With `strata`, also by its stratifiers.

    A measure that was set to apply to other lists in the area is counted so, and its figure has that definition.
    """
    least, each, most = _ROOM
    async with more_room(connection, min(max(least, each * len(area.practices)), most)):
        return await _figures(connection, definitions, area, span, strata=strata)


async def _figures(
    connection: Connection, definitions: Iterable[Definition], area: Area, span: Span, *, strata: bool = False
) -> list[Figure]:
    wanted = [await applying(connection, each, area, span) for each in definitions]
    names = {name for each in wanted for name in value_sets_of(each)}
    numbers = await numbers_of(connection, names)
    statement = Statement(connection.dialect, span, numbers, area.narrowed)
    count = _Counting(connection, area, span, statement)
    await count.count_together(wanted)
    before = await _baselines(connection, wanted, area, span)
    found = []
    for place, each in enumerate(wanted):
        figure = await count.figure(each, strata=strata)
        target = await target_for(connection, each, area, span)
        found.append(replace(figure, target=target, baseline=before.get(place)))
    return found


async def _baselines(
    connection: Connection, definitions: Sequence[Definition], area: Area, span: Span
) -> dict[int, Figure]:
    """By place in `definitions`: what each that has a baseline was in the period it is compared with."""
    alike: dict[Span, list[int]] = {}
    for place, each in enumerate(definitions):
        if each.baseline is not None:
            alike.setdefault(compared_with(each.baseline, span), []).append(place)
    found: dict[int, Figure] = {}
    for before, places in alike.items():
        these = [replace(definitions[place], baseline=None) for place in places]
        found.update(zip(places, await _figures(connection, these, area, before), strict=True))
    return found


class _Counting:
    def __init__(self, connection: Connection, area: Area, span: Span, statement: Statement) -> None:
        self._connection = connection
        self._area = area
        self._span = span
        self._statement = statement
        self._sizes: dict[str, dict[str, float]] = {}
        self._answered: dict[Question, dict[str | None, Part]] = {}
        self._of_people: dict[PeopleAsked, dict[str | None, Part]] = {}
        self._fetched: dict[str, Sequence[Row]] = {}

    async def count_together(self, definitions: Sequence[Definition]) -> None:
        """Count ahead what one statement can count for several measures."""
        if self._span.known is None:
            for asked in people_together.put_together(each for one in definitions for each in asked_of_people(one)):
                rows = await self._fetch(people_together.counting(self._statement, asked))
                self._of_people.update(people_together.answers(asked, rows))
        for questions in put_together(each for definition in definitions for each in questions_of(definition)):
            await self._answer(questions)

    async def _answer(self, questions: Sequence[Question]) -> None:
        rows = await self._fetch(counting(self._statement, questions))
        self._answered.update(answers(questions, rows))

    async def figure(self, definition: Definition, *, strata: bool) -> Figure:
        counted = await self._counts(definition, definition.exclusions)
        missing: tuple[str, ...] = ()
        if definition.denominator in ("list-size", "weighted-list"):
            sizes = await self._list_sizes(definition.denominator)
            missing = tuple(practice for practice in self._area.practices if practice not in sizes)
            counted = _over_lists(counted, sizes, self._area.practices)
        excluded, included = None, None
        if definition.exclusions:
            excluded = await self._excluded(definition)
            left_in = await self._counts(definition, ())
            if definition.denominator in ("list-size", "weighted-list"):
                left_in = _over_lists(left_in, await self._list_sizes(definition.denominator), self._area.practices)
            included = left_in.get(None, _NOTHING)
        return Figure(
            definition, self._span, counted.get(None, _empty(definition)),
            by_practice={practice: part for practice, part in counted.items() if practice is not None},
            strata=await self._strata(definition) if strata or named_by_stratum(definition) else {},
            excluded=excluded, included=included,
            others={name: (await self._population(each, ())).get(None, _NOTHING)
                    for name, each in definition.populations.items()},
            without_list_size=missing,
        )  # fmt: skip

    async def _counts(self, definition: Definition, exclusions: Sequence[Condition]) -> dict[str | None, Part]:
        denominator = definition.denominator
        if not isinstance(denominator, Population):
            counts = await self._population(definition.numerator, exclusions)
            if isinstance(denominator, float):
                return {name: Part(part.numerator, denominator, part.people) for name, part in counts.items()}
            return counts
        if definition.is_share:
            return await self._share(definition.numerator.clause, denominator.clause, exclusions)
        above = await self._population(definition.numerator, exclusions)
        below = await self._population(denominator, exclusions)
        return {
            name: Part(
                above.get(name, _NOTHING).numerator, below.get(name, _NOTHING).numerator,
                above.get(name, _NOTHING).people,
            )
            for name in {*above, *below}
        }  # fmt: skip

    async def _population(self, population: Population, exclusions: Sequence[Condition]) -> dict[str | None, Part]:
        counted = await self._counted(population, exclusions)
        return self._scaled(population, counted)

    async def _counted(self, population: Population, exclusions: Sequence[Condition]) -> dict[str | None, Part]:
        if population.count == "interval":
            rows = self._statement.rows(population.clause, exclusions)
            return intervals(await self._fetch(f"SELECT practice, in_group, day FROM ({rows}) AS found"))
        if population.count == "median":
            rows = self._statement.rows(population.clause, exclusions)
            return medians(await self._fetch(f"SELECT practice, patient, value FROM ({rows}) AS found"))
        of_people = self._of_people.get((population.clause, tuple(exclusions), None))
        if of_people is not None and population.count in ("people", "things"):
            return of_people
        question = (population.clause, tuple(exclusions), population.count)
        if question not in self._answered:
            await self._answer([question])
        return self._answered[question]

    async def _share(self, above: Clause, below: Clause, exclusions: Sequence[Condition]) -> dict[str | None, Part]:
        """How many of the people below are above, too: counted at the practice that they are below at."""
        of_people = self._of_people.get((below, tuple(exclusions), above))
        if of_people is not None:
            return of_people
        # Of homes that are told apart, above at the home that they are below at.
        apart = self._statement.apart
        whom, here = ("practice, patient", " AND a.practice = b.practice") if apart else ("patient", "")
        found = await self._fetch(
            f"WITH below AS (SELECT DISTINCT practice, patient FROM ({self._statement.rows(below, exclusions)}) AS b),"
            f" above AS (SELECT DISTINCT {whom} FROM ({self._statement.rows(above, anywhere=True)}) AS a),"
            " both_of AS (SELECT b.practice, b.patient, a.patient AS counted FROM below b LEFT JOIN above a"
            f" ON a.patient = b.patient{here})"
            " SELECT practice, COUNT(counted) AS n, COUNT(patient) AS d FROM both_of GROUP BY practice"
            " UNION ALL SELECT NULL, COUNT(counted), COUNT(patient)"
            " FROM (SELECT patient, MAX(counted) AS counted FROM both_of GROUP BY patient) AS whole"
        )
        return {row["practice"]: Part(float(row["n"]), float(row["d"]), row["n"]) for row in found}

    async def _excluded(self, definition: Definition) -> int:
        below = definition.denominator
        clause = below.clause if isinstance(below, Population) else definition.numerator.clause
        rows = self._statement.rows(clause, definition.exclusions, excluded=True)
        found = await self._fetch(f"SELECT COUNT(DISTINCT patient) AS people FROM ({rows}) AS found")
        people: int = found[0]["people"]
        return people

    async def _strata(self, definition: Definition) -> dict[str, dict[str, Part]]:
        return {name: await self._stratum(definition, name) for name in definition.stratifiers}

    async def _stratum(self, definition: Definition, name: str) -> dict[str, Part]:
        above, below = definition.numerator, definition.denominator
        if isinstance(below, Population) and definition.is_share and name in PERSONAL:
            rows = self._statement.rows(below.clause, definition.exclusions, strata=(name,))
            found = await self._fetch(
                f"WITH below AS (SELECT DISTINCT patient, s0 FROM ({rows}) AS b),"
                f" above AS (SELECT DISTINCT patient FROM ({self._statement.rows(above.clause, anywhere=True)}) AS a)"
                " SELECT s0, COUNT(DISTINCT a.patient) AS n, COUNT(DISTINCT b.patient) AS d FROM below b"
                " LEFT JOIN above a ON a.patient = b.patient GROUP BY s0"
            )
            return {row["s0"]: Part(float(row["n"]), float(row["d"]), row["n"]) for row in found}
        if above.count in ("median", "interval"):
            return {}
        over = await self._by_stratum(above, definition.exclusions, name)
        if not isinstance(below, Population):
            return over
        under = await self._by_stratum(below, definition.exclusions, name)
        return {
            value: Part(
                over.get(value, _NOTHING).numerator, under.get(value, _NOTHING).numerator,
                over.get(value, _NOTHING).people,
            )
            for value in {*over, *under}
        }  # fmt: skip

    async def _by_stratum(self, population: Population, exclusions: Sequence[Condition], name: str) -> dict[str, Part]:
        rows = self._statement.rows(population.clause, exclusions, strata=(name,))
        found = await self._fetch(
            f"WITH per AS (SELECT s0, patient, {_PER_PERSON} FROM ({rows}) AS found GROUP BY s0, patient)"
            f" SELECT s0, CAST({_COUNTS[population.count]} AS DOUBLE PRECISION) AS counted, COUNT(patient) AS people"
            " FROM per GROUP BY s0"
        )
        counted = {row["s0"]: Part(row["counted"], None, row["people"]) for row in found if row["counted"] is not None}
        return self._scaled(population, counted)

    def _scaled(self, population: Population, counted: dict[_Name, Part]) -> dict[_Name, Part]:
        """Times what the population says; what is counted by the week, divided by the weeks of the period."""
        days = self._span.last - self._span.first + 1
        times = population.times * (7 / days if population.count == "per-week" else 1)
        if times == 1:
            return counted
        return {name: replace(part, numerator=part.numerator * times) for name, part in counted.items()}

    async def _list_sizes(self, which: Any) -> dict[str, float]:
        if which not in self._sizes:
            self._sizes[which] = await list_sizes(self._connection, self._area.practices, self._span, which)
        return self._sizes[which]

    async def _fetch(self, sql: str) -> Sequence[Row]:
        """The rows of a statement, which measures that ask the same share."""
        if sql in self._fetched:
            return self._fetched[sql]
        dialect = self._connection.dialect
        # A statement may not be given what it does not ask for, and a code that somebody sends may hold "$2".
        asked = _LITERAL.sub("", sql)
        params = [array(dialect, self._area.practices)] if "$1" in asked else []
        if "$2" in asked:
            params.append(array(dialect, self._area.organisations))
        self._fetched[sql] = await self._connection.fetch(sql, *params)
        return self._fetched[sql]


def _empty(definition: Definition) -> Part:
    return _NO_FIGURE if definition.numerator.count in AVERAGES else _NOTHING


def _over_lists(
    counted: Mapping[str | None, Part], sizes: Mapping[str, float], practices: Sequence[str]
) -> dict[str | None, Part]:
    """The same over the list of each practice, and over all lists together."""
    # What networks do themselves has no list of its own, and counts in figures that are put together from these.
    found: dict[str | None, Part] = {name: replace(part, denominator=None) for name, part in counted.items()}
    for practice in practices:
        part = counted.get(practice, _NOTHING)
        found[practice] = Part(part.numerator, sizes.get(practice), part.people)
    whole = counted.get(None, _NOTHING)
    known = [sizes[practice] for practice in practices if practice in sizes]
    found[None] = Part(whole.numerator, sum(known) if known else None, whole.people)
    return found
