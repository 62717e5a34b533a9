"""What a database holds, counted in one snapshot of it; and whether it is that of the service it is named for."""

from __future__ import annotations

from tandem.backup.manifest import DatabaseState
from tandem.backup.refusal import Refused
from tandem.database.connection import Connection
from tandem.database.migrate import versions
from tandem.service import Service

_TABLES = {
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
}


async def tables_in(connection: Connection) -> set[str]:
    """The names of the tables that are there."""
    return {row["name"] for row in await connection.fetch(_TABLES[connection.dialect])}


async def state_of(connection: Connection, service: Service) -> DatabaseState:
    """What the database holds. Raises Refused when it was never migrated, or is that of another service."""
    there, migration = await checked_tables(connection, service)
    cursors = await connection.fetch("SELECT name, position FROM cursor WHERE name LIKE 'from:%' ORDER BY name")
    return DatabaseState(
        migration=migration,
        position=await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position"),
        unsequenced=await connection.fetchval("SELECT COUNT(*) FROM outbox"),
        read={row["name"].removeprefix("from:"): row["position"] for row in cursors},
        tables={name: await connection.fetchval(f'SELECT COUNT(*) FROM "{name}"') for name in sorted(there)},
    )


async def checked_tables(connection: Connection, service: Service) -> tuple[set[str], list[str]]:
    """The names of the tables and the versions of the schema. Raises Refused when the database was never migrated, or
    is that of another service."""
    there = await tables_in(connection)
    if "alembic_version" not in there:
        raise Refused(f"the database named for {service.name} has no tables: `tandem migrate` has not run on it")
    heads = await connection.fetch("SELECT version_num FROM alembic_version ORDER BY version_num")
    migration = [row["version_num"] for row in heads]
    _check_tables(service, there - {"alembic_version"}, migration)
    return there, migration


def _check_tables(service: Service, there: set[str], migration: list[str]) -> None:
    declared, known = set(service.metadata.tables), versions(service)
    if unknown := sorted(set(migration) - known.known):
        raise Refused(f"this release of {service.name} does not know the database's version {', '.join(unknown)}")
    if strange := there - declared:
        raise _another(service, f"{service.name} has no table {min(strange)}")
    if set(migration) == known.newest and (missing := declared - there):
        raise _another(service, f"it lacks the table {min(missing)}")


def _another(service: Service, why: str) -> Refused:
    return Refused(f"the database named for {service.name} is that of another service: {why}")
