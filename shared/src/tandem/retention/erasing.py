"""Erasing a person in one service's database, in one transaction: bodies, versions, search rows, facts, lists.

Nothing is begun that is not finished: it commits as a whole or not at all, and done again it finds nothing left. What
writes in the background (relay, followers, timers) is held off until it has committed. What else names the person in
the log is gone through afterwards (`log_sweep`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from tandem.database.connection import Connection
from tandem.database.places import placed
from tandem.events.envelope import UnreadableEnvelope
from tandem.events.envelope import decode as decode_event
from tandem.fhir.body import decode
from tandem.retention.holding_off import hold_others_off
from tandem.retention.known_traces import traces_of
from tandem.retention.log_entries import entries_of, forget_entries
from tandem.retention.log_heads import lower_heads
from tandem.retention.log_sweep import SWEEP
from tandem.retention.naming_rows import naming, redact_rows
from tandem.retention.redaction import Traces, telling
from tandem.service import Service

_KEPT: Final = frozenset({
    "resource", "log", "audit", "parked", "due", "job", "inbox_version", "search_token", "search_date", "search_string",
    "search_number", "shared_with",
})  # fmt: skip
"""Tables of the kernel that are treated by a rule of their own below."""
_HERS: Final = "(patient = $1 OR (type = 'Patient' AND id = $1))"


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went, or were changed so that they name the person no more, by table; and by what they were known
    here."""

    rows: dict[str, int]
    traces: Traces

    @property
    def total(self) -> int:
        return sum(self.rows.values())


async def erase(connection: Connection, service: Service, patient: str, *, for_good: bool = True) -> Erased:
    """Erase what this service holds of the Patient of this id, but for what else names them in the log. Answers what
    went. One that is only tried, to be rolled back, is not `for_good` and holds nobody off."""
    if for_good:
        await hold_others_off(connection, patient)
    traces = await traces_of(connection, patient)
    rows: Counter[str] = Counter()
    rows["parked"] += await _parked(connection, traces)
    for name, condition in service.erases.items():
        rows[name] += await connection.execute(f"DELETE FROM {name} WHERE {condition}", patient)
    rows["audit"] += await _audit_without_them(connection, patient)
    rows["due"] += await _timers(connection, patient, traces)
    rows["job"] += await _jobs(connection, traces)
    rows.update(await _records(connection, patient))
    for table in service.metadata.sorted_tables:
        if "patient" in table.columns and table.name not in _KEPT and table.name != "patient":
            rows[table.name] += await connection.execute(f"DELETE FROM {table.name} WHERE patient = $1", patient)
    rows["patient"] += await connection.execute("DELETE FROM patient WHERE id = $1", patient)
    rows["inbox_version"] += await connection.execute(
        "DELETE FROM inbox_version WHERE subject = $1", f"Patient/{patient}"
    )
    rows["search_token"] += await _references_of_others(connection, traces)
    if for_good:
        await lower_heads(connection)
    rows.update(await redact_rows(connection, service.metadata.sorted_tables, traces))
    return Erased({str(table): number for table, number in sorted(rows.items()) if number}, traces)


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
    rows["log"] += await forget_entries(connection, await entries_of(connection, patient))
    rows["resource"] += await connection.execute(f"DELETE FROM resource WHERE {_HERS}", patient)
    return rows


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
    for row in await connection.fetch("SELECT kind, key, payload FROM due WHERE kind <> $1", SWEEP):
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
        for row in await naming(connection, "parked", ("id", "envelope"), "envelope", traces)
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


async def _jobs(connection: Connection, traces: Traces) -> int:
    """Jobs in whose request, result, checkpoint or caller the person is named."""
    found = {
        row["id"]
        for column in ("request", "result", "checkpoint", "caller")
        for row in await naming(connection, "job", ("id", column), column, traces)
        if traces.named_in(row[column])
    }
    found |= {
        row["job"]
        for row in await naming(connection, "job_request", ("job", "request"), "request", traces)
        if traces.named_in(row["request"])
    }
    for each in sorted(found):
        await connection.execute("DELETE FROM job WHERE id = $1", each)
        await connection.execute("DELETE FROM job_request WHERE job = $1", each)
    return len(found)
