"""Codes have no longest length in FHIR, and indexes have: what a client sends is kept all the same."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.facts.fold import FOREVER, fold
from metrics_service.service import service
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem.fhir.search.folding import bounded

# Nothing that a database could make shorter.
LONG = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(100))
CONCEPT = {"coding": [{"system": "http://codes.example", "code": LONG}]}


@pytest.mark.parametrize(
    "fact",
    [
        Fact("budget", 737_000, status=LONG, category=LONG, detail=LONG),
        Fact("discharge", 737_000, category=LONG, codings=coding_texts(CONCEPT)),
    ],
)
async def test_a_code_of_any_length_is_kept(metrics: Any, fact: Fact) -> None:
    told = Told("Encounter/long", 1, datetime(2020, 7, 1, tzinfo=UTC), None, (fact,))
    async with metrics.database.transaction() as connection:
        await fold(connection, [told])
    [row] = await metrics.rows("SELECT category FROM told_fact")
    assert row["category"].startswith(LONG[:100])


async def test_what_was_kept_at_any_length_is_no_hindrance_to_an_upgrade(database_url: str) -> None:
    await migrate(service, database_url, to="0009")
    database = await open_database(database_url)
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO told_fact (source, version, number, kind, first, dated, category, known_from, known_until)"
            " VALUES ('MeasureReport/1', 1, 0, 'figure', 737000, 1, $1, 1, $2)", LONG, FOREVER,
        )  # fmt: skip
    await migrate(service, database_url)
    async with database.read() as connection:
        kept = await connection.fetchval("SELECT category FROM told_fact")
    await database.close()
    assert kept == (bounded(LONG) if database.dialect == "postgresql" else LONG)
