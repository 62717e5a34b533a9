"""The rows of resources: reading the current one, reading a version, and writing the next version.

A version, its event and its place in the outbox are written with the resource's row and its search rows in one
transaction; on PostgreSQL in one statement (`store_postgresql.py`), because a round trip costs more than the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tandem.database.connection import Connection, Row
from tandem.identity.audit import AuditEntry
from tandem.identity.parts import FirstPart

if TYPE_CHECKING:
    from tandem.fhir.search.index_rows import IndexRows


@dataclass(frozen=True, slots=True)
class Stored:
    """The current state of a resource. `body` is None when it is deleted."""

    key: int
    type: str
    id: str
    version: int
    updated: int
    deleted: bool
    patient: str | None
    author: str | None
    custodian: str | None
    received_from: str | None
    body: bytes | None


@dataclass(slots=True)
class NextVersion:
    """One version to be written. `before` is what it follows; None for a resource that never was."""

    type: str
    id: str
    version: int
    action: str
    at: int
    event_id: str
    body: bytes | None
    patient: str | None
    author: str | None
    custodian: str | None
    granted: bool
    correlation: str | None
    before: Stored | None
    index: IndexRows | None
    audit: list[AuditEntry] = field(default_factory=list)
    practice: str | None = None
    """The registered practice named beside a Patient when it was loaded."""
    parts: list[FirstPart] = field(default_factory=list)
    """PostgreSQL, first versions only: the rows of `part` that are written with it. The patient is held already."""
    parts_matter: bool = False
    """Set by the writer: an agreement makes access of these parts, which has to be derived."""

    @property
    def kind(self) -> str:
        return f"fhir.{self.type}.{self.action}"

    @property
    def received_from(self) -> str | None:
        if self.before is not None:
            return self.before.received_from
        return None if self.granted else self.author


class VersionWriter(Protocol):
    """Writes a version. Answers False, with nothing written, when another write came first."""

    async def write(self, connection: Connection, version: NextVersion) -> bool: ...

    async def write_many(self, connection: Connection, versions: Sequence[NextVersion]) -> None:
        """Write versions of different resources in an open transaction in which those that are there are locked.

        Raises UniqueViolation when another write created one of them first; then the transaction must be rolled back.
        """
        ...


CURRENT_SELECT = """SELECT r.key, r.type, r.id, r.version, r.updated, r.deleted, r.patient, r.author, r.custodian,
 r.received_from, l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = $1 AND r.id = $2"""


def stored(row: Row) -> Stored:
    """The Stored of a result row with these columns."""
    return Stored(
        row["key"], row["type"], row["id"], row["version"], row["updated"], bool(row["deleted"]), row["patient"],
        row["author"], row["custodian"], row["received_from"], row["body"],
    )  # fmt: skip


async def load(connection: Connection, resource_type: str, resource_id: str) -> Stored | None:
    """The resource's current state, whoever may see it."""
    row = await connection.fetchrow(CURRENT_SELECT, resource_type, resource_id)
    return stored(row) if row is not None else None


async def lock(connection: Connection, resource_type: str, resource_id: str) -> Stored | None:
    """The same, held against other writers until the transaction ends (SQLite has one writer anyway)."""
    await hold(connection, [(resource_type, resource_id)])
    return await load(connection, resource_type, resource_id)


async def hold(connection: Connection, names: Sequence[tuple[str, str]]) -> None:
    """Hold the rows of these (type, id) against other writers until the transaction ends; in one order, whoever asks.

    A statement of its own: one that waited for a row sees it as it is now but joins it to the log as it was before, and
    so finds nothing.
    """
    if connection.dialect != "postgresql" or not names:
        return
    if len(names) == 1:
        await connection.execute("SELECT 1 FROM resource WHERE type = $1 AND id = $2 FOR UPDATE", *names[0])
    else:
        await connection.execute(
            "SELECT 1 FROM resource WHERE (type, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
            " ORDER BY type, id FOR UPDATE",
            [name[0] for name in names], [name[1] for name in names],
        )  # fmt: skip


async def hold_if_free(connection: Connection, resource_type: str, resource_id: str) -> bool:
    """Hold the row as `hold` does, without waiting; False when another transaction has it. One not there is free."""
    if connection.dialect != "postgresql":
        return True
    named = "FROM resource WHERE type = $1 AND id = $2"
    held = await connection.fetchval(f"SELECT 1 {named} FOR UPDATE SKIP LOCKED", resource_type, resource_id)
    return held is not None or await connection.fetchval(f"SELECT 1 {named}", resource_type, resource_id) is None


async def load_version(connection: Connection, resource_type: str, resource_id: str, version: int) -> Row | None:
    """A row of the log: body (None for a deletion), at, kind, version, patient."""
    return await connection.fetchrow(
        "SELECT body, at, kind, version, patient FROM log WHERE type = $1 AND resource_id = $2 AND version = $3",
        resource_type, resource_id, version,
    )  # fmt: skip


def version_writer(dialect: str) -> VersionWriter:
    """The writer for a database."""
    from tandem.fhir.store_postgresql import PostgresVersionWriter
    from tandem.fhir.store_sqlite import SqliteVersionWriter

    return PostgresVersionWriter() if dialect == "postgresql" else SqliteVersionWriter()
