"""Databases of cohort-service filled with a population, by COPY through the row writer that events use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

import asyncpg
from frequencies import Draws, draws
from indexes_away import indexes_away
from population import Somebody, population

from cohort_service.catalogue.product_rows import keep_products
from cohort_service.catalogue.shipped import install_shipped, shipped_value_sets
from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.fact_rows import copy_facts
from cohort_service.service import service
from tandem.database.connection import Database
from tandem.database.migrate import migrate
from tandem_tests.small_work import SmallWork

NOW = datetime(2023, 4, 1, 8, 0, tzinfo=UTC)
_AT_ONCE = 2_000
_LOADED = ("fact", "medicine", "record")


async def prepare(url: str, database: Database) -> Draws:
    """The schema, the shipped catalogue, and a map of products."""
    await migrate(service, url)
    drawn = draws(shipped_value_sets())
    async with database.transaction() as connection:
        await install_shipped(SmallWork(service, connection, NOW))
        await keep_products(connection, drawn.products)
    return drawn


async def fill(url: str, database: Database, *, seed: int, people: int, without_indexes: bool) -> None:
    """Write a population; on PostgreSQL the indexes of facts may be taken away first and made again afterwards."""
    drawn = await prepare(url, database)
    everybody = population(drawn, seed, people)
    if without_indexes:
        async with indexes_away(url, _LOADED):
            await _copy(database, everybody)
    else:
        await _copy(database, everybody)
    await analyse(url, database)


async def analyse(url: str, database: Database) -> None:
    """Have the engine look at its tables, as autovacuum does in time."""
    if database.dialect == "postgresql":
        raw = await asyncpg.connect(url)
        await raw.execute("VACUUM ANALYZE")
        await raw.close()
    else:
        async with database.transaction() as connection:
            await connection.execute("ANALYZE")


async def _copy(database: Database, everybody: Iterable[Somebody]) -> None:
    for batch in _batches(everybody):
        async with database.transaction() as connection:
            await connection.copy_rows("patient", ("id", "practice"), [(each.patient, each.practice) for each in batch])
            people = {each.patient: each.person for each in batch}
            records = [record for each in batch for record in each.records]
            await copy_facts(connection, concepts_of(connection), people, records)


def _batches(everybody: Iterable[Somebody]) -> Iterator[list[Somebody]]:
    source = iter(everybody)
    while batch := list(islice(source, _AT_ONCE)):
        yield batch
