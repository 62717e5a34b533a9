"""Erasing a person in one service's database, in one transaction: bodies, versions, search rows, facts, lists, events.

Nothing is begun that is not finished: it commits as a whole or not at all, and done again it finds nothing left. What
writes in the background (relay, followers, timers) is held off until it has committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import LargeBinary, Table

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Connection, Row
from tandem.database.places import placed
from tandem.events.envelope import UnreadableEnvelope
from tandem.events.envelope import decode as decode_event
from tandem.fhir.body import Resource, decode
from tandem.retention.redaction import Traces, redacted, telling
from tandem.service import Service

_KEPT: Final = frozenset({
    "resource", "log", "audit", "parked", "due", "job", "inbox_version", "search_token", "search_date", "search_string",
    "search_number", "shared_with",
})  # fmt: skip
"""Tables of the kernel that are treated by a rule of their own below."""
_HERS: Final = "(patient = $1 OR (type = 'Patient' AND id = $1))"


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went, or were changed so that they name the person no more, by table."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


async def erase(connection: Connection, service: Service, patient: str) -> Erased:
    """Erase everything this service holds of the Patient of this id. Answers what went."""
    # Before anything is read: who holds a lease waits, and a retry of a parked event has committed or finds it gone.
    await connection.execute("UPDATE lease SET until = until")
    traces = await _traces(connection, patient)
    rows: Counter[str] = Counter()
    rows["parked"] += await _parked(connection, traces)
    for name, condition in service.erases.items():
        rows[name] += await connection.execute(f"DELETE FROM {name} WHERE {condition}", patient)
    rows["audit"] += await _audit_without_them(connection, patient)
    rows["due"] += await _timers(connection, patient, traces)
    rows["job"] += await _delete_naming(connection, "job", "id", ("request", "result", "checkpoint", "caller"), traces)
    rows.update(await _records(connection, patient))
    for table in service.metadata.sorted_tables:
        if "patient" in table.columns and table.name not in _KEPT and table.name != "patient":
            rows[table.name] += await connection.execute(f"DELETE FROM {table.name} WHERE patient = $1", patient)
    rows["patient"] += await connection.execute("DELETE FROM patient WHERE id = $1", patient)
    rows["inbox_version"] += await connection.execute(
        "DELETE FROM inbox_version WHERE subject = $1", f"Patient/{patient}"
    )
    rows["search_token"] += await _references_of_others(connection, traces)
    rows.update(await _redact(connection, service.metadata.sorted_tables, traces))
    return Erased({str(table): number for table, number in sorted(rows.items()) if number})


async def _traces(connection: Connection, patient: str) -> Traces:
    numbers = {
        row["nhs_number"]
        for row in await connection.fetch("SELECT nhs_number FROM patient WHERE id = $1", patient) if row["nhs_number"]
    }  # fmt: skip
    versions = await connection.fetch(
        "SELECT body FROM log WHERE type = 'Patient' AND resource_id = $1 AND body IS NOT NULL", patient
    )
    for row in versions:
        numbers |= set(_nhs_numbers(decode(row["body"])))
    return Traces(patient, tuple(sorted(numbers)))


def _nhs_numbers(person: Resource) -> Iterable[str]:
    for identifier in person.get("identifier") or ():
        if identifier.get("system") == NHS_NUMBER and isinstance(identifier.get("value"), str):
            yield identifier["value"]


async def _records(connection: Connection, patient: str) -> Counter[str]:
    """Resources with all their versions, what finds them, and the events that speak of the person."""
    rows: Counter[str] = Counter()
    for table in ("search_token", "search_date", "search_string", "search_number"):
        rows[table] += await connection.execute(
            f"DELETE FROM {table} WHERE key IN (SELECT key FROM resource WHERE {_HERS})", patient
        )
    rows["shared_with"] += await connection.execute(
        f"DELETE FROM shared_with WHERE (type, id) IN (SELECT type, id FROM resource WHERE {_HERS})", patient
    )
    chosen = (
        "patient = $1 OR (type = 'Patient' AND resource_id = $1)"
        f" OR (type, resource_id) IN (SELECT type, id FROM resource WHERE {_HERS})"
    )
    await connection.execute(f"DELETE FROM outbox WHERE log_id IN (SELECT id FROM log WHERE {chosen})", patient)
    # Positions stay: one that was given must never be given again. They let go of the number of their row, which SQLite
    # gives again when it was the last: the new row would stand at the old position, and could be given no other.
    await connection.execute(
        f"UPDATE event_position SET log_id = -position WHERE log_id IN (SELECT id FROM log WHERE {chosen})", patient
    )
    kinds = await connection.fetch(f"SELECT DISTINCT kind FROM log WHERE {chosen}", patient)
    rows["log"] += await connection.execute(f"DELETE FROM log WHERE {chosen}", patient)
    rows["resource"] += await connection.execute(f"DELETE FROM resource WHERE {_HERS}", patient)
    await _lower_heads(connection, [row["kind"] for row in kinds])
    return rows


async def _lower_heads(connection: Connection, kinds: Sequence[str]) -> None:
    """Let the last position of each kind be that of an event that is there, or consumers would wait for it for ever."""
    for kind in kinds:
        last = await connection.fetchval(
            "SELECT p.position FROM event_position p JOIN log l ON l.id = p.log_id WHERE l.kind = $1"
            " ORDER BY p.position DESC LIMIT 1", kind,
        )  # fmt: skip
        if last is None:
            await connection.execute("DELETE FROM cursor WHERE name = $1", f"kind:{kind}")
        else:
            await connection.execute("UPDATE cursor SET position = $2 WHERE name = $1", f"kind:{kind}", last)


async def _audit_without_them(connection: Connection, patient: str) -> int:
    """Who did what and when stays; to whom, and which record it was, goes."""
    changed = await connection.execute(
        "UPDATE audit SET patient = NULL, resource_id = NULL WHERE patient = $1"
        " OR (type = 'Patient' AND resource_id = $1)"
        f" OR (type, resource_id) IN (SELECT type, id FROM resource WHERE {_HERS})", patient,
    )  # fmt: skip
    own = await connection.execute("UPDATE audit SET fhir_user = NULL WHERE fhir_user = $1", f"Patient/{patient}")
    return changed + own


async def _timers(connection: Connection, patient: str, traces: Traces) -> int:
    """Timed events about the person, or about a record of theirs.

    A short id that a client chose may be that of somebody else's record of another type, or any number: a timer by such
    an id stays, and finds nothing when its time comes.
    """
    ids = [row["id"] for row in await connection.fetch(f"SELECT id FROM resource WHERE {_HERS}", patient)]
    words = telling(ids) | traces.alone
    gone = 0
    for row in await connection.fetch("SELECT kind, key, payload FROM due"):
        said = decode(row["payload"]) if row["payload"] else {}
        if words & _words(row["key"]) or words & _words_of(said):
            gone += await connection.execute("DELETE FROM due WHERE kind = $1 AND key = $2", row["kind"], row["key"])
    return gone


def _words(text: str) -> set[str]:
    return {text, *text.replace("|", "/").split("/")}


def _words_of(value: object) -> set[str]:
    if isinstance(value, str):
        return _words(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*map(_words_of, value))
    return set()


async def _references_of_others(connection: Connection, traces: Traces) -> int:
    """By what the records of others are found that refer to the person."""
    params: list[object] = []
    codes = placed(params, [f"Patient/{traces.patient}", *sorted(traces.alone)])
    return await connection.execute(f"DELETE FROM search_token WHERE code IN ({codes})", *params)


async def _parked(connection: Connection, traces: Traces) -> int:
    """Events about the person that wait or are dead. One about somebody else that names them too has not had its effect
    yet: it stays, and is changed with all that names them among others."""
    found = [
        row["id"]
        for row in await _naming(connection, "parked", ("id", "envelope"), "envelope", traces)
        if _is_about(row["envelope"], traces)
    ]
    for each in found:
        await connection.execute("DELETE FROM parked WHERE id = $1", each)
    return len(found)


def _is_about(envelope: bytes, traces: Traces) -> bool:
    try:
        event = decode_event(envelope)
    except UnreadableEnvelope:
        return True
    return traces.patient in (event.patient, event.resource_id if event.type == "Patient" else None)


async def _delete_naming(
    connection: Connection, table: str, key: str, columns: Sequence[str], traces: Traces
) -> int:  # fmt: skip
    found = {row[key] for column in columns for row in await _naming(connection, table, (key, column), column, traces)}
    for each in sorted(found):
        await connection.execute(f"DELETE FROM {table} WHERE {key} = $1", each)
    return len(found)


async def _naming(
    connection: Connection, table: str, columns: Sequence[str], column: str, traces: Traces, *, text: bool = False
) -> Sequence[Row]:
    """The rows whose column holds a trace of the person, found by the database."""
    contains = {
        ("postgresql", False): "position({} IN {}) > 0", ("sqlite", False): "instr({1}, {0}) > 0",
        ("postgresql", True): "position({} IN {}) > 0", ("sqlite", True): "instr({1}, {0}) > 0",
    }[connection.dialect, text]  # fmt: skip
    needles = traces.needles
    params = [each.decode() for each in needles] if text else needles
    condition = " OR ".join(contains.format(f"${number}", column) for number in range(1, len(params) + 1))
    return await connection.fetch(f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}", *params)


async def _redact(connection: Connection, tables: Sequence[Table], traces: Traces) -> Counter[str]:
    """Change what names the person among others, wherever JSON is kept: in bytes, or in a column of text."""
    rows: Counter[str] = Counter()
    for table in tables:
        if table.name in ("job", "due"):
            continue
        for column in table.columns:
            if column.primary_key or not _holds_json(column.name, isinstance(column.type, LargeBinary)):
                continue
            rows[table.name] += await _redact_column(connection, table, column.name, traces)
    return rows


def _holds_json(name: str, is_bytes: bool) -> bool:
    return is_bytes or name.endswith("_json") or name in ("content", "answer", "statement", "known", "detail")


async def _redact_column(connection: Connection, table: Table, column: str, traces: Traces) -> int:
    text = not isinstance(table.columns[column].type, LargeBinary)
    keys = [each.name for each in table.primary_key.columns]
    changed = 0
    for row in await _naming(connection, table.name, [*keys, column], column, traces, text=text):
        raw = row[column].encode() if text else row[column]
        after = redacted(raw, traces)
        if after is None:
            continue
        where = " AND ".join(f"{key} = ${number}" for number, key in enumerate(keys, 2))
        changed += await connection.execute(
            f"UPDATE {table.name} SET {column} = $1 WHERE {where}", after.decode() if text else after,
            *(row[key] for key in keys),
        )  # fmt: skip
    return changed
