"""Tasks in numbers, written by SQL in the form that the store gives them."""

from __future__ import annotations

from typing import Any

import asyncpg
from sample import PRACTICE, PROVIDER, TASKS_EACH, patient_id, task

from tandem.fhir.body import encode
from tandem.fhir.search.extract import extract
from tandem.identity.periods import BEGINNING, FOREVER

_AT = 1_593_590_400_000_000
_WHO = "'00000000-0000-4000-8000-' || lpad(((i - 1) / $1 + 1)::text, 12, '0')"
_TASK = "'10000000-0000-4000-8000-' || lpad(i::text, 12, '0')"


def task_id(number: int) -> str:
    """The id of a seeded Task; Task 1 to 40 are about patient 1, and so on."""
    return f"10000000-0000-4000-8000-{number:012d}"


async def seed(url: str, tasks: int) -> None:
    """So many Tasks, 40 a patient, all of a practice that has access to them."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO organisation (id, code, kind, active)"
        " VALUES ('practice', $1, 'practice', 1), ('team', $2, 'community-provider', 1)",
        PRACTICE, PROVIDER,
    )  # fmt: skip
    patients = [patient_id(number) for number in range(1, tasks // TASKS_EACH + 1)]
    await connection.execute(
        "INSERT INTO patient (id, practice) SELECT u, $2 FROM unnest($1::text[]) u", patients, PRACTICE
    )
    await connection.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends)"
        " SELECT u, $2, 'registered', $3, $4 FROM unnest($1::text[]) u",
        patients, PRACTICE, BEGINNING, FOREVER,
    )  # fmt: skip
    for odd, status in ((1, "requested"), (0, "completed")):
        await _tasks(connection, tasks, status, f"i % 2 = {odd}")
    await connection.execute(
        "SELECT setval('log_id_seq', $1), setval(pg_get_serial_sequence('resource', 'key'), $1)", tasks + 1
    )
    await connection.execute("DELETE FROM outbox")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _tasks(connection: Any, tasks: int, status: str, which: str) -> None:
    model = patient_id(1)
    stamped = {"resourceType": "Task", "id": task_id(1), "meta": {"versionId": "1"}, **task(model, status)}
    body = encode(stamped).decode()
    index = extract("Task", task(model, status), resolved_patient=f"Patient/{model}", base="http://127.0.0.1/fhir")
    numbers = f"generate_series(1, {tasks}) i WHERE {which}"
    await connection.execute(
        "INSERT INTO resource (key, type, id, version, updated, deleted, log_id, patient, author, custodian)"
        f" OVERRIDING SYSTEM VALUE SELECT i, 'Task', {_TASK}, 1, $2::bigint + i, 0, i, {_WHO}, $3, $4 FROM {numbers}",
        TASKS_EACH, _AT, PRACTICE, PROVIDER,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted, body)"
        f" OVERRIDING SYSTEM VALUE SELECT i, 'seed-' || i, 'fhir.Task.create', 'Task', {_TASK}, 1, $2::bigint + i,"
        f" {_WHO}, $3, 1,"
        f" convert_to(replace(replace($4::text, '{model}', {_WHO}), '{task_id(1)}', {_TASK}), 'UTF8') FROM {numbers}",
        TASKS_EACH, _AT, PRACTICE, body,
    )  # fmt: skip
    for param, system, code in index.tokens:
        await connection.execute(
            "INSERT INTO search_token (key, param, system, code)"
            f" SELECT i, $2, $3, replace($4::text, '{model}', {_WHO}) FROM {numbers}",
            TASKS_EACH, param, system, code,
        )  # fmt: skip
    for param, low, high in index.dates:
        await connection.execute(
            f"INSERT INTO search_date (key, param, low, high) SELECT i, $1, $2, $3 FROM {numbers}", param, low, high
        )
