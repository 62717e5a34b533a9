"""The rows of facts. One statement takes in what an event says: any order and repetition ends in the same row."""

from __future__ import annotations

from metrics_service.domain.shared_care_facts import Said
from tandem.database.connection import Connection

_NEWEST = ("version", "deleted", "patient", "status", "category", "opened_on", "ended_on", "source", "position")
_FIRST = ("seen_on", "agreed_on", "closed_on")
_COLUMNS = ("kind", "id", *_NEWEST, *_FIRST)


def _newest(column: str) -> str:
    return f"{column} = CASE WHEN excluded.version > fact.version THEN excluded.{column} ELSE fact.{column} END"


def _first(column: str) -> str:
    # A comparison with NULL is not true: what is set stays, and what is not set takes the other.
    return (
        f"{column} = CASE WHEN fact.{column} IS NULL OR excluded.{column} < fact.{column}"
        f" THEN excluded.{column} ELSE fact.{column} END"
    )


_FOLD = (
    f"INSERT INTO fact ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, len(_COLUMNS) + 1))})"
    f" ON CONFLICT (kind, id) DO UPDATE SET {', '.join([*map(_newest, _NEWEST), *map(_first, _FIRST)])}"
)


async def fold(connection: Connection, said: Said, source: str, position: int | None) -> None:
    """Take in what the event at this position of a service's log says. Newest version wins; first days stay first."""
    await connection.execute(
        _FOLD, said.kind, said.id, said.version, int(said.deleted), said.patient, said.status, said.category,
        said.opened_on, said.ended_on, source, position, said.seen_on, said.agreed_on, said.closed_on,
    )  # fmt: skip
