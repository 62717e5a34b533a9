"""Files that were loaded already and have not changed since: loading them again changes nothing.

Without this, two files that hold different versions of one record would each write it back, load after load. A loader
names what it sends (`x-tandem-source`, any opaque text that stays the same for the same file); the gateway keeps the
digest of what it last took under that name. Only a load without rejects is kept, so that what was refused for want of
something else is tried again.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

from tandem.database.connection import Connection
from tandem.events.realtime import now_micros
from tandem.fhir.body import decode, encode

SOURCE_HEADER = "x-tandem-source"


def declare_loaded_source(metadata: MetaData) -> None:
    """Declare the table on `metadata`."""
    Table(
        "loaded_source", metadata,
        Column("organisation", Text, primary_key=True),
        Column("practice", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("digest", Text, nullable=False),
        Column("report", LargeBinary, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip


def digest_of(body: bytes) -> str:
    """What tells two contents apart."""
    return hashlib.sha256(body).hexdigest()


async def report_of_unchanged(
    connection: Connection, organisation: str, practice: str | None, source: str, digest: str
) -> dict[str, Any] | None:
    """The report for a source that was taken with just this content the last time; None when it was not."""
    kept = await connection.fetchval(
        "SELECT report FROM loaded_source WHERE organisation = $1 AND practice = $2 AND source = $3 AND digest = $4",
        organisation, practice or "", source, digest,
    )  # fmt: skip
    if kept is None:
        return None
    report: dict[str, Any] = decode(bytes(kept))
    for counts in report["types"].values():
        held = counts["created"] + counts["updated"] + counts["unchanged"]
        counts.update(created=0, updated=0, unchanged=held)
    return report


async def keep_source(
    connection: Connection, organisation: str, practice: str | None, source: str, digest: str, report: dict[str, Any]
) -> None:
    """Note that this content was taken; of one with rejects, only that the earlier content is no longer the last."""
    key = (organisation, practice or "", source)
    await connection.execute(
        "DELETE FROM loaded_source WHERE organisation = $1 AND practice = $2 AND source = $3", *key
    )
    if not report["rejects"]:
        await connection.execute(
            "INSERT INTO loaded_source (organisation, practice, source, digest, report, at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *key, digest, encode(report), now_micros(),
        )  # fmt: skip
