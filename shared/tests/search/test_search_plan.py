"""What PostgreSQL makes of a search for one person's tasks among 100,000."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.search.parameters import PARAMETERS
from tandem.fhir.search.predicates import Params
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.sql import page_sql

TASKS = 100_000


def seen_by_practice(alias: str, params: Params) -> str:
    organisation = params.add("A81001")
    return (
        f"EXISTS (SELECT 1 FROM access a WHERE a.patient = {alias}.patient AND a.organisation = {organisation}) "
        f"OR ({alias}.patient IS NULL AND {alias}.custodian = {organisation})"
    )


async def fill(store: Any) -> None:
    task = PARAMETERS["Task"]
    numbers = f"generate_series(1, {TASKS}) AS n"
    statuses = "(ARRAY['completed','completed','completed','completed','requested','accepted'])[1 + n % 6]"
    tokens = {"status": statuses, "patient": "'Patient/p' || n % 10000", "subject": "'Patient/p' || n % 10000",
              "intent": "'order'", "owner": "'Organization/o' || n % 50", "identifier": "'i' || n"}  # fmt: skip
    async with store.database.transaction() as connection:
        await connection.execute(
            f"INSERT INTO log (id, event_id, kind, type, resource_id, version, at, body) OVERRIDING SYSTEM VALUE "
            f"SELECT n, n::text, 'x', 'Task', 't' || n, 1, n, '{{}}'::bytea FROM {numbers}"
        )
        await connection.execute(
            "INSERT INTO resource (key, type, id, version, updated, log_id, patient) OVERRIDING SYSTEM VALUE "
            f"SELECT n, 'Task', 't' || n, 1, n, n, 'p' || n % 10000 FROM {numbers}"
        )
        for name, code in tokens.items():
            await connection.execute(
                f"INSERT INTO search_token (key, param, code) SELECT n, {task[name].number}, {code} FROM {numbers}"
            )
        await connection.execute(
            "INSERT INTO search_date (key, param, low, high) "
            f"SELECT n, {task['authored-on'].number}, n * 1000000::bigint, (n + 1) * 1000000::bigint FROM {numbers}"
        )
        await connection.execute(
            "INSERT INTO access (patient, organisation, reason, starts, ends) "
            "SELECT 'p' || n, 'A81001', 'r', 0, 9 FROM generate_series(1, 5000) AS n"
        )
    async with store.database.read() as connection:
        await connection.execute("ANALYZE")


async def plan(connection: Any, name: str, pairs: list[tuple[str, str]]) -> str:
    sql, values = page_sql(parse_query("Task", pairs, False), seen_by_practice, "postgresql", limit=51)
    await connection.execute(f"PREPARE {name} AS {sql}")
    literals = ", ".join(f"'{value}'" for value in values)
    return "\n".join(str(row[0]) for row in await connection.fetch(f"EXPLAIN EXECUTE {name} ({literals})"))


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
async def test_searches_read_indexes_only(store: Any) -> None:
    await fill(store)
    searches = [
        [("patient", "Patient/p7"), ("status", "requested")],
        [("patient", "Patient/p7"), ("status", "requested,accepted"), ("_sort", "-authored-on")],
        [("patient", "Patient/p7"), ("authored-on", "ge1970-01-01T00:00:10Z"), ("status:not", "completed")],
        [("patient.identifier", "9000000009"), ("status", "requested")],
        [("identifier", "i77")],
        [("_id", "t5")],
    ]
    async with store.database.transaction() as connection:
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
            for number, pairs in enumerate(searches):
                shown = await plan(connection, f"s{number}_{mode}", pairs)
                assert "Seq Scan on resource" not in shown, shown
                assert "Seq Scan on search_" not in shown, shown
                assert "Seq Scan on log" not in shown, shown
                if pairs[0][0] == "patient":
                    driving = next(
                        line for line in reversed(shown.splitlines()) if "Patient/p7" in line or "$1" in line
                    )
                    assert str(PARAMETERS["Task"]["patient"].number) in driving

        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        shown = await plan(connection, "common", [("status", "completed")])
        # In the order of the index: what is read does not grow with how common the code is.
        assert "Index Only Scan using search_token_code" in shown
        assert "Bitmap" not in shown
        assert "Seq Scan" not in shown
