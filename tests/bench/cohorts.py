"""All shipped cohorts over a population, ten of them beside SQL written by hand, and one person evaluated again."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import duckdb
from cohort_equality import same_by_api
from filling import NOW, fill
from hand_written import RULES, together
from places import Place
from population import AS_OF
from ranges import by_ranges

from cohort_service.catalogue.current import current_selection
from cohort_service.export.export import export
from cohort_service.export.exported_tables import NEEDED
from cohort_service.lists.evaluation import evaluate_people
from cohort_service.selection.compile import members_sql
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Dialect
from cohort_service.service import service
from tandem.database.connection import Database, open_database
from tandem_tests.small_work import SmallWork

Ask = Callable[[str], Awaitable[dict[str, int]]]
"""Runs a statement over rows (cohort, ...) and answers how many there are of each cohort."""
_LONG = 60
"""Seconds; what takes longer is not asked again."""
_COUNTED = "SELECT cohort, COUNT(*) AS members FROM ({}) AS m GROUP BY cohort"


async def cohorts(
    place: Place, *, people: int, rounds: int, sqlite: bool, seed: int = 1, people_again: int = 200
) -> dict[str, Any]:
    """Seconds on each engine, with the ratio to SQL written by hand; milliseconds for one person."""
    urls = {"postgresql": place.database("cohort-service")}
    if sqlite:
        urls["sqlite"] = f"sqlite:///{place.folder}/cohort-service.sqlite"
    found: dict[str, Any] = {"people": people, "filled": {}, "engines": {}, "one_person": {}}
    for name, url in urls.items():
        started = time.perf_counter()
        database = await open_database(url, pool_size=2)
        try:
            # the indexes of facts are taken away while a million people are written, and made again
            await fill(url, database, seed=seed, people=people, without_indexes=people > 100_000)
        finally:
            await database.close()
        found["filled"][name] = {"seconds": round(time.perf_counter() - started, 1), "memory_mib": _memory()}
    found |= await measured(urls, place.folder / "parquet", rounds=rounds)
    for name, url in urls.items():
        found["one_person"][name] = await _one_person(url, people, people_again)
    if people <= 5_000:
        found["same_by_api"] = await same_by_api(place.folder, people)
    found["memory_mib"] = _memory()
    return {"cohorts": found}


async def measured(urls: Mapping[str, str], parquet: Path, *, rounds: int) -> dict[str, Any]:
    """What the engines say and take over databases that are filled, and over files exported from the first of them."""
    first = next(iter(urls.values()))
    started = time.perf_counter()
    rows = await export(first, parquet, AS_OF)
    found: dict[str, Any] = {
        "rows": dict(rows), "export_seconds": round(time.perf_counter() - started, 1),
        "parquet_mib": _size(parquet), "engines": {},
    }  # fmt: skip
    selection = await _selection(first)
    for name, url in urls.items():
        opened = _postgresql(url) if name == "postgresql" else _sqlite(url)
        async with opened as ask:
            # numbers of concepts are those of each database
            found["engines"][name] = await _engine(ask, await _selection(url), _dialect(name), rounds)
    if (url := urls.get("postgresql")) is not None:
        found["engines"]["postgresql"] |= await by_ranges(url, await _selection(url), rounds)
    async with _duckdb(parquet) as ask:
        found["engines"]["duckdb"] = await _engine(ask, selection, "duckdb", rounds)
    counts = {name: engine.pop("counts") for name, engine in found["engines"].items()}
    counts["ranges"] = found["engines"]["postgresql"].pop("counts_by_ranges")
    different = [name for name, each in counts.items() if each != counts["postgresql"]]
    if different:
        raise RuntimeError(f"{different} select other people than PostgreSQL")
    found["members"] = sum(counts["postgresql"].values())
    return found


async def _engine(ask: Ask, selection: Selection, dialect: Dialect, rounds: int) -> dict[str, Any]:
    ten = _COUNTED.format(members_sql(selection, list(RULES), AS_OF, dialect, scope="everybody"))
    by_hand = _COUNTED.format(together(selection, AS_OF))
    every = _COUNTED.format(members_sql(selection, sorted(selection.definitions), AS_OF, dialect, scope="everybody"))
    if (ours := await ask(ten)) != (theirs := await ask(by_hand)):
        raise RuntimeError(f"{dialect}: {ours} by definition, {theirs} by hand")
    started = time.perf_counter()
    counts = await ask(every)
    pairs, alls = [], [time.perf_counter() - started]
    for number in range(rounds):
        seconds = {}
        for which, sql in ((ten, "ten"), (by_hand, "hand"))[:: 1 if number % 2 == 0 else -1]:
            seconds[sql] = await _timed(ask, which)
        pairs.append((seconds["ten"], seconds["hand"]))
        if alls[0] < _LONG:
            alls.append(await _timed(ask, every))
    return {
        "ten_by_definition_s": round(median(one for one, _ in pairs), 3),
        "ten_by_hand_s": round(median(one for _, one in pairs), 3),
        "ratio": round(median(one / two for one, two in pairs), 2),
        "all_cohorts": len(selection.definitions), "all_s": round(median(alls), 3), "counts": counts,
    }  # fmt: skip


async def _timed(ask: Ask, sql: str) -> float:
    started = time.perf_counter()
    await ask(sql)
    return time.perf_counter() - started


async def _selection(url: str) -> Selection:
    """What is in force, optional cohorts at every practice."""
    database = await open_database(url, pool_size=1)
    try:
        async with database.read() as connection:
            selection = await current_selection(connection, AS_OF)
            rows = await connection.fetch("SELECT DISTINCT practice FROM patient ORDER BY practice")
    finally:
        await database.close()
    practices = tuple(row["practice"] for row in rows)
    optional = [each.id for each in selection.definitions.values() if each.status == "optional"]
    return replace(selection, switched_on=dict.fromkeys(optional, practices))


@asynccontextmanager
async def _postgresql(url: str) -> AsyncIterator[Ask]:
    raw = await asyncpg.connect(url, server_settings={"jit": "off"})

    async def ask(sql: str) -> dict[str, int]:
        return {row[0]: row[1] for row in await raw.fetch(sql)}

    yield ask
    await raw.close()


@asynccontextmanager
async def _sqlite(url: str) -> AsyncIterator[Ask]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:

        async def ask(sql: str) -> dict[str, int]:
            return dict(raw.execute(sql).fetchall())

        yield ask


@asynccontextmanager
async def _duckdb(parquet: Path) -> AsyncIterator[Ask]:
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(parquet.parent / "spill")}) as raw:
        for table in NEEDED:
            raw.read_parquet(str(parquet / table.file)).create_view(table.name)

        async def ask(sql: str) -> dict[str, int]:
            return dict(raw.execute(sql).fetchall())

        yield ask


async def _one_person(url: str, people: int, times: int) -> dict[str, float]:
    """Everybody of a sample is on their lists; then each is evaluated again, in a transaction of its own."""
    database = await open_database(url, pool_size=1)
    step = max(1, people // times)
    sample = list(range(1, people + 1, step))[:times]
    try:
        await _evaluate(database, sample)
        taken = []
        for number in sample:
            started = time.perf_counter()
            await _evaluate(database, [number])
            taken.append((time.perf_counter() - started) * 1e3)
    finally:
        await database.close()
    taken.sort()
    return {"p50_ms": round(taken[len(taken) // 2], 1), "p95_ms": round(taken[int(len(taken) * 0.95)], 1)}


async def _evaluate(database: Database, people: Sequence[int]) -> None:
    async with database.transaction() as connection:
        await evaluate_people(SmallWork(service, connection, NOW), people)


def _size(folder: Path) -> int:
    """MiB of all its files."""
    return round(sum(file.stat().st_size for file in folder.iterdir()) / 2**20)


def _dialect(name: str) -> Dialect:
    return "postgresql" if name == "postgresql" else "sqlite"


def _memory() -> int:
    """The most that this process has ever held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
