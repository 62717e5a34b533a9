"""Tasks of many providers, for the inbox of one of them: one provider has as much to do however many Tasks there are.

A model Task goes through the rows of the store (body, search rows, clock), and SQL writes it out for each number, in
pieces, with what tells one Task from another put in its place.
"""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from indexes_away import indexes_away
from sample import PRACTICE, PROVIDER, TASKS_EACH, patient_id, task
from seeding import task_id

from mdt_service.domain.tasks.due import due_of, kind_of
from tandem.fhir.body import encode
from tandem.fhir.search.extract import extract
from tandem.fhir.search.ordered_pairs import with_pairs
from tandem.identity.organisations import reference_code
from tandem.identity.periods import BEGINNING, FOREVER

OWNERS: Final = 200
OPEN: Final = 2_000
"""Tasks that the first provider has to do; of all others it has done as many as any of them."""
FIRST: Final = "R0000"
FIRST_ORGANIZATION: Final = "20000000-0000-4000-8000-000000000000"
STATUS: Final = "requested"
_AT: Final = 1_593_590_400_000_000
_DAY: Final = 86_400_000_000
_AT_ONCE: Final = 50_000
_INDEXED: Final = ("resource", "log", "search_token", "search_date", "search_string", "search_number", "task_clock")
_HERE = "replace(replace(replace(replace({0}, $1, patient), $2, task), $3, owner), $4, organisation)"
_MODEL = (patient_id(1), task_id(1), PROVIDER, FIRST_ORGANIZATION)


async def seed_inbox(url: str, tasks: int) -> None:
    """So many Tasks of 200 providers in an empty database of mdt-service, about a person for each 40."""
    raw = await asyncpg.connect(url)
    people = tasks // TASKS_EACH
    await _directory(raw, people)
    await raw.execute(
        "CREATE TEMP TABLE piece (i bigint, patient text, task text, owner text, organisation text, status text)"
    )
    await raw.execute("CREATE TEMP TABLE pair (owner text, status text, number int)")
    await raw.copy_records_to_table("pair", records=_pairs())
    async with indexes_away(url, _INDEXED):
        for first in range(1, tasks + 1, _AT_ONCE):
            await _piece(raw, first, min(first + _AT_ONCE - 1, tasks), every=tasks // OPEN, people=people)
    await raw.execute(
        "SELECT setval('log_id_seq', $1), setval(pg_get_serial_sequence('resource', 'key'), $1)", tasks + 1
    )
    await raw.execute("VACUUM ANALYZE")
    await raw.close()


def _pairs() -> list[tuple[str, str, int]]:
    """The numbers under which an owner's Tasks of a status stand in order."""
    found = []
    for number in range(OWNERS):
        for status in (STATUS, "completed"):
            model = _model(status)
            model["owner"]["reference"] = f"Organization/{FIRST_ORGANIZATION[:-12]}{number:012d}"
            model["owner"]["identifier"]["value"] = f"R{number:04d}"
            dates = with_pairs("Task", extract("Task", model), _AT).dates
            found += [(f"R{number:04d}", status, param) for param, _, _ in dates if param < 0]
    return found


def _model(status: str) -> dict[str, Any]:
    model: dict[str, Any] = task(_MODEL[0], status)
    model["owner"]["reference"] = f"Organization/{FIRST_ORGANIZATION}"
    return model


async def _directory(raw: Any, people: int) -> None:
    organisations = (
        "SELECT n, 'R' || lpad(n::text, 4, '0') AS code,"
        " '20000000-0000-4000-8000-' || lpad(n::text, 12, '0') AS id FROM generate_series(0, $1 - 1) n"
    )
    await raw.execute(
        f"INSERT INTO organisation (id, code, kind, active) SELECT id, code, 'community-provider', 1"
        f" FROM ({organisations}) o", OWNERS,
    )  # fmt: skip
    await raw.execute(
        f"INSERT INTO directory_organisation (id, code, name, kind) SELECT id, code, 'Team ' || n, 'community-provider'"
        f" FROM ({organisations}) o", OWNERS,
    )  # fmt: skip
    who = "'00000000-0000-4000-8000-' || lpad(n::text, 12, '0')"
    await raw.execute(
        f"INSERT INTO patient (id, practice) SELECT {who}, $2 FROM generate_series(1, $1) n", people, PRACTICE
    )
    # As of the registered practice: with its neighbours away a service serves nobody else.
    await raw.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends)"
        f" SELECT {who}, code, 'registered', $3, $4 FROM generate_series(1, $1) n, unnest($2::text[]) code",
        people, [FIRST, PRACTICE], BEGINNING, FOREVER,
    )  # fmt: skip


async def _piece(raw: Any, first: int, last: int, *, every: int, people: int) -> None:
    await raw.execute("TRUNCATE piece")
    await raw.execute(
        "INSERT INTO piece SELECT i, '00000000-0000-4000-8000-' || lpad((abs(hashint8(i)::bigint) % $4 + 1)::text, 12,"
        " '0'), '10000000-0000-4000-8000-' || lpad(i::text, 12, '0'), 'R' || lpad(n::text, 4, '0'),"
        " '20000000-0000-4000-8000-' || lpad(n::text, 12, '0'), status FROM (SELECT i, CASE WHEN i % $3 = 0 THEN 0"
        " ELSE abs(hashint8(i + 7)::bigint) % $5 END AS n, CASE WHEN i % $3 = 0 THEN 'requested'"
        " WHEN abs(hashint8(i + 7)::bigint) % $5 = 0 OR i % 10 > 0 THEN 'completed' ELSE 'requested' END AS status"
        " FROM generate_series($1::bigint, $2::bigint) i) numbered",
        first, last, every, people, OWNERS,
    )  # fmt: skip
    for status in (STATUS, "completed"):
        await _tasks(raw, status)


async def _tasks(raw: Any, status: str) -> None:
    """Those of the piece with this status."""
    model = _model(status)
    stamped = {"resourceType": "Task", "id": _MODEL[1], "meta": {"versionId": "1"}, **model}
    body = encode(stamped).decode()
    those = f"FROM piece WHERE status = '{status}'"
    await raw.execute(
        "INSERT INTO resource (key, type, id, version, updated, deleted, log_id, patient, author, custodian)"
        f" OVERRIDING SYSTEM VALUE SELECT i, 'Task', task, 1, $1::bigint + i, 0, i, patient, $2, owner {those}",
        _AT, PRACTICE,
    )  # fmt: skip
    await raw.execute(
        "INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted, body)"
        " OVERRIDING SYSTEM VALUE SELECT i, 'seed-' || i, 'fhir.Task.create', 'Task', task, 1, $5::bigint + i, patient,"
        f" $6, 1, convert_to({_HERE.format('$7::text')}, 'UTF8') {those}",
        *_MODEL, _AT, PRACTICE, body,
    )  # fmt: skip
    index = extract("Task", model, resolved_patient=f"Patient/{_MODEL[0]}", base="http://127.0.0.1/fhir")
    for param, system, code in index.tokens:
        await raw.execute(
            "INSERT INTO search_token (key, param, system, code)"
            f" SELECT i, $5, $6, {_HERE.format('$7::text')} {those}", *_MODEL, param, system, code,
        )  # fmt: skip
    for table, columns, rows in (
        ("search_date", "low, high", index.dates), ("search_string", "folded, value", index.strings),
    ):  # fmt: skip
        for param, *values in rows:
            await raw.execute(
                f"INSERT INTO {table} (key, param, {columns}) SELECT i, $1, $2, $3 {those}", param, *values
            )
    await raw.execute(
        "INSERT INTO search_date (key, param, low, high) SELECT i, number, $1::bigint + i, $1::bigint + i"
        f" FROM piece NATURAL JOIN pair WHERE status = '{status}'", _AT,
    )  # fmt: skip
    owner = reference_code(model["owner"])
    made, due = _AT, due_of(model, _AT)
    await raw.execute(
        "INSERT INTO task_clock (task, patient, kind, owner, status, made, due, ended)"
        f" SELECT task, patient, $5, {_HERE.format('$6::text')}, status, $7::bigint,"
        f" $8::bigint + $9::bigint * (abs(hashint8(i)::bigint) % 60), CASE WHEN status = '{STATUS}' THEN NULL"
        f" ELSE $7::bigint + $9::bigint * (abs(hashint8(i)::bigint) % 30) END {those}",
        *_MODEL, kind_of(model), owner, made, due, _DAY,
    )  # fmt: skip
