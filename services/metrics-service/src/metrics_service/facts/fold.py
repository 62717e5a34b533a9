"""Facts from what is told. Whatever the order and repetition, the rows are the same in the end.

Each version of a source is kept with the span of time in which it was the newest: what was known on a day is a
condition, and a late correction changes nothing of what was known before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import day_at
from metrics_service.facts.changes import note_changes
from metrics_service.facts.concept_numbers import concept_numbers
from metrics_service.facts.organisations_named import codes_of
from metrics_service.facts.practice_on_day import move_facts_of, practices_on_days
from tandem.clock import from_micros, to_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.search.folding import bounded

FOREVER: Final = 2**62
"""Later than any moment: `known_until` of what is known now."""
_COLUMNS: Final = (
    "source", "version", "number", "kind", "patient", "practice", "first", "dated", "last", "status", "category",
    "detail", "concept", "value", "organisation", "place", "group_source", "known_from", "known_until",
)  # fmt: skip
_KIND, _FIRST = _COLUMNS.index("kind"), _COLUMNS.index("first")
Versions = dict[int, int]
"""Of a source: when each version was written."""


async def fold(connection: Connection, told: Iterable[Told]) -> None:
    """Take in what is told, in one go: one read and a few writes, however many there are."""
    by_source: dict[str, dict[int, Told]] = {}
    for each in told:
        by_source.setdefault(each.source, {}).setdefault(each.number, each)
    if not by_source:
        return
    known = await _versions(connection, list(by_source))
    fresh: list[Told] = []
    spans: list[tuple[int, str, int]] = []
    days: list[tuple[int, str]] = []
    rows: list[tuple[Told, int, int]] = []
    for source, versions in by_source.items():
        before = known.get(source, {})
        new = [each for number, each in versions.items() if number not in before]
        if not new:
            continue
        fresh += new
        all_versions = before | {each.number: to_micros(each.at) for each in new}
        order = sorted(all_versions)
        earliest = min(all_versions.values())
        if before and earliest < min(before.values()):
            days.append((_day(earliest), source))
        for each in new:
            rows.append((each, _until(all_versions, order, each.number), _day(earliest)))
        for number in before:
            ended = _until(all_versions, order, number)
            if ended != _until(before, sorted(before), number):
                spans.append((ended, source, number))
    await _write(connection, fresh, spans, days, rows)


async def _write(
    connection: Connection, fresh: Sequence[Told], spans: Sequence[tuple[int, str, int]],
    days: Sequence[tuple[int, str]], rows: Sequence[tuple[Told, int, int]],
) -> None:  # fmt: skip
    if not fresh:
        return
    versions = [(each.source, each.number, to_micros(each.at)) for each in fresh]
    await connection.copy_rows("told_version", ("source", "number", "known_from"), versions)
    replaced = await _replaced(connection, spans, days)
    if spans:
        await connection.executemany("UPDATE told_fact SET known_until = $1 WHERE source = $2 AND version = $3", spans)
    if days:
        await connection.executemany("UPDATE told_fact SET first = $1 WHERE source = $2 AND dated = 0", days)
        await move_facts_of(connection, [source for _, source in days])
    facts = [fact for each in fresh for fact in each.facts]
    concepts = await concept_numbers(connection, {fact.codings for fact in facts if fact.codings})
    named = {name for fact in facts for name in (fact.organisation, fact.place) if name is not None}
    codes = await codes_of(connection, named)
    found = [
        (each, number, fact, until, earliest if fact.first is None else fact.first)
        for each, until, earliest in rows
        for number, fact in enumerate(each.facts)
    ]
    practices = await practices_on_days(connection, ((each.patient, day) for each, _, _, _, day in found))
    written = [
        _row(each, number, fact, until, day, practices.get((each.patient, day)), concepts, codes)
        for each, number, fact, until, day in found
    ]
    if written:
        await connection.copy_rows("told_fact", _COLUMNS, written)
    await note_changes(connection, chain(replaced, ((str(row[_KIND]), int(str(row[_FIRST]))) for row in written)))


async def _replaced(
    connection: Connection, spans: Sequence[tuple[int, str, int]], days: Sequence[tuple[int, str]]
) -> list[tuple[str, int]]:
    """Kinds and days of facts that hold no more, or not as they did, and the days to which undated ones move."""
    moved = {source: day for day, source in days}
    if not spans and not moved:
        return []
    condition = among(connection.dialect, "$1", "text")
    rows = await connection.fetch(
        f"SELECT source, version, kind, first FROM told_fact WHERE source {condition}",
        array(connection.dialect, {*moved, *(source for _, source, _ in spans)}),
    )
    ended = {(source, version) for _, source, version in spans}
    found = [(row["kind"], row["first"]) for row in rows if (row["source"], row["version"]) in ended]
    found += [(row["kind"], row["first"]) for row in rows if row["source"] in moved]
    return found + [(row["kind"], moved[row["source"]]) for row in rows if row["source"] in moved]


def _row(
    told: Told, number: int, fact: Fact, until: int, day: int, practice: str | None,
    concepts: dict[tuple[str, ...], int], codes: dict[str, str],
) -> tuple[object, ...]:  # fmt: skip
    return (
        told.source, told.number, number, fact.kind, told.patient, practice,
        day, int(fact.first is not None), fact.last,
        _word(fact.status), _word(fact.category), _word(fact.detail), concepts.get(fact.codings), fact.value,
        codes.get(fact.organisation, fact.organisation) if fact.organisation else None,
        codes.get(fact.place, fact.place) if fact.place else None,
        fact.group, to_micros(told.at), until,
    )  # fmt: skip


def _word(said: str | None) -> str | None:
    """Short enough for the index of facts of few records: a code that a client sends may have any length."""
    return bounded(said) if said is not None else None


def _until(versions: Versions, order: Sequence[int], number: int) -> int:
    """Until when this version was the newest: until any later one was written."""
    later = order[bisect_left(order, number) + 1 :]
    return max(versions[number], min(versions[each] for each in later)) if later else FOREVER


def _day(moment: int) -> int:
    return day_at(from_micros(moment))


async def _versions(connection: Connection, sources: Sequence[str]) -> dict[str, Versions]:
    condition = among(connection.dialect, "$1", "text")
    rows = await connection.fetch(
        f"SELECT source, number, known_from FROM told_version WHERE source {condition}",
        array(connection.dialect, sources),
    )
    found: dict[str, Versions] = {}
    for row in rows:
        found.setdefault(row["source"], {})[row["number"]] = row["known_from"]
    return found
