"""What must hold after any fault, read from the databases themselves: every acknowledged version is there,
everything is there once and whole, in a log without gaps, and every consumer has taken every event once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from tandem.events.kinds import any_matches
from tandem.fhir.body import Resource, decode
from tandem.fhir.ownership import OWNER, SERVICES
from tandem.runtime.process import consumers
from tandem_tests.acknowledged_writes import SYSTEM, Ledger

_DISORDER = """
SELECT type, resource_id FROM log WHERE version IS NOT NULL GROUP BY type, resource_id
HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*) OR COUNT(DISTINCT version) <> COUNT(*)
"""
_TORN = """
SELECT l.type, l.resource_id FROM
  (SELECT type, resource_id, MAX(version) AS version FROM log WHERE version IS NOT NULL GROUP BY type, resource_id) l
FULL JOIN resource r ON r.type = l.type AND r.id = l.resource_id
WHERE r.version IS DISTINCT FROM l.version
"""
_IDENTIFIED = """
SELECT t.code, r.type, r.id FROM search_token t JOIN resource r ON r.key = t.key WHERE t.system = $1 AND r.deleted = 0
"""
_WRITTEN = """
SELECT type, resource_id, MAX(version) AS version FROM log WHERE version IS NOT NULL GROUP BY type, resource_id
"""
_POSITIONS = """
SELECT COUNT(*) AS given, COALESCE(MIN(position), 1) AS first, COALESCE(MAX(position), 0) AS last,
  (SELECT COUNT(*) FROM log) AS entries, (SELECT COUNT(*) FROM outbox) AS waiting,
  (SELECT COALESCE(MAX(position), 0) FROM cursor WHERE name = 'relay') AS relayed
FROM event_position
"""
_UNFIRED = "SELECT COUNT(*) FROM due WHERE fired_at IS NULL AND kind LIKE 'mdt.task.%'"


@dataclass(frozen=True, slots=True)
class Found:
    """What the databases hold: ids by type, versions, events taken by all consumers together."""

    resources: Counter[str]
    versions: int
    taken: int


async def check_everything_once(databases: Mapping[str, str], ledger: Ledger) -> Found:
    """Assert all of it, of a system that is caught up; `databases` are URLs by service. Answers what is there."""
    logs: dict[str, list[tuple[str, str]]] = {}
    versions: dict[str, int] = {}
    identified: dict[str, list[str]] = {}
    for service in SERVICES:
        async with _connected(databases[service]) as connection:
            await _check_log(service, connection)
            logs[service] = [tuple(row) for row in await connection.fetch("SELECT event_id, kind FROM log")]
            for row in await connection.fetch(_WRITTEN):
                versions[f"{row['type']}/{row['resource_id']}"] = row["version"]
            for row in await connection.fetch(_IDENTIFIED, SYSTEM):
                assert OWNER[row["type"]] == service
                identified.setdefault(row["code"], []).append(f"{row['type']}/{row['id']}")
    _check_ledger(ledger, versions, identified)
    taken = 0
    for service in SERVICES:
        async with _connected(databases[service]) as connection:
            taken += await _check_inbox(service, connection, logs)
    return Found(Counter(name.partition("/")[0] for name in versions), sum(versions.values()), taken)


def _check_ledger(ledger: Ledger, versions: Mapping[str, int], identified: Mapping[str, list[str]]) -> None:
    twice = {value: names for value, names in identified.items() if len(names) > 1}
    assert not twice, "one write, two resources"
    lost = {value: name for value, name in ledger.created.items() if identified.get(value) != [name]}
    assert not lost, "acknowledged creates that are not there, or not to be found by their identifier"
    assert set(identified) <= set(ledger.sent), "something that nobody sent"
    behind = {name: version for name, version in ledger.versions.items() if versions.get(name, 0) < version}
    assert not behind, "acknowledged versions that are not there"


async def _check_log(service: str, connection: asyncpg.Connection) -> None:
    assert not await connection.fetch(_DISORDER), f"{service}: versions are missing or there twice"
    assert not await connection.fetch(_TORN), f"{service}: the log and the resources tell different versions"
    [places] = await connection.fetch(_POSITIONS)
    assert places["waiting"] == 0
    assert places["given"] == places["entries"] == places["last"], f"{service}: positions have gaps"
    assert places["first"] == 1
    assert places["relayed"] == places["last"], f"{service}: not all is published"
    assert not await connection.fetchval("SELECT COUNT(*) FROM parked"), f"{service}: parked events"


async def _check_inbox(service: str, connection: asyncpg.Connection, logs: Mapping[str, list[tuple[str, str]]]) -> int:
    kinds = consumers()[service]
    expected = {
        event for source, entries in logs.items() if source != service for event, kind in entries
        if any_matches(kinds, kind)
    }  # fmt: skip
    own = {event for event, _ in logs[service]}
    rows = await connection.fetch("SELECT event_id FROM inbox WHERE consumer = $1", service)
    taken = {row["event_id"] for row in rows}
    assert expected <= taken, f"{service} lacks {len(expected - taken)} events"
    assert taken <= expected | own | {each for entries in logs.values() for each, _ in entries}
    return len(taken)


async def check_task_story(databases: Mapping[str, str], due: str) -> Counter[str]:
    """Assert that each referral made one Task, and that each Task with a day is told of and chased once if it was not
    done, and not at all if it was; for a clock that has passed both times. Answers how many of each there were."""
    async with _connected(databases["mdt-service"]) as connection:
        tasks = await _current(connection, "Task")
        told = await connection.fetch("SELECT kind, body FROM log WHERE kind LIKE 'tandem.task.%' ORDER BY id")
        waiting = await connection.fetchval(_UNFIRED)
    async with _connected(databases["referral-service"]) as connection:
        requests = await _current(connection, "ServiceRequest")
    asked = Counter(
        str(task["focus"]["reference"]) for task in tasks.values()
        if str((task.get("focus") or {}).get("reference", "")).startswith("ServiceRequest/") and not _is_chase(task)
    )  # fmt: skip
    made = {f"ServiceRequest/{identity}" for identity, request in requests.items() if _marked(request)}
    assert made <= set(asked), "a referral without its Task"
    assert set(asked.values()) <= {1}, "a referral with two Tasks"
    overdue = {
        f"Task/{identity}" for identity, task in tasks.items()
        if _marked(task) and task.get("restriction", {}).get("period", {}).get("end") == due
        and task["status"] != "completed"
    }  # fmt: skip
    ours = {f"Task/{identity}" for identity, task in tasks.items() if _marked(task)}
    counted = Counter((row["kind"], decode(row["body"])["task"]) for row in told if "task" in decode(row["body"]))
    for kind in ("tandem.task.overdue", "tandem.task.chased"):
        each = {task: many for (named, task), many in counted.items() if named == kind and task in ours}
        assert each == dict.fromkeys(overdue, 1), f"{kind} is not told of each overdue Task once"
    chases = Counter(
        task["focus"]["reference"] for task in tasks.values() if _is_chase(task) and task["focus"]["reference"] in ours
    )  # fmt: skip
    assert chases == dict.fromkeys(overdue, 1)
    assert waiting == 0
    return Counter({"overdue": len(overdue), "referrals": len(made), "tasks": len(tasks)})


def _is_chase(task: Resource) -> bool:
    return any(each.get("code") == "chase" for each in (task.get("code") or {}).get("coding", ()))


def _marked(resource: Resource) -> bool:
    identifiers = resource.get("identifier")
    return isinstance(identifiers, list) and any(each.get("system") == SYSTEM for each in identifiers)


async def _current(connection: asyncpg.Connection, kind: str) -> dict[str, Resource]:
    rows = await connection.fetch(
        "SELECT r.id, l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = $1 AND r.deleted = 0", kind
    )
    return {row["id"]: decode(row["body"]) for row in rows}


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()
