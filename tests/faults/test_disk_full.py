"""The disk of PostgreSQL runs full: writes are refused as a whole, reading goes on, and writing once there is space.

PostgreSQL stands on a small file system in memory, which only root may mount.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.database.connection import DatabaseFull, open_database
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.private_postgresql import PrivatePostgresql, find_private_postgresql

SIZE, LOG_SIZE = 160, 64
"""Megabytes of the file system; of them for the write-ahead log, which must not be what runs full."""
BODY = "0123456789abcdef" * 65_536
GUARD = 120.0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A small file system, or a loud skip."""
    if os.geteuid() != 0:
        skip_loudly("a full disk", "only root may mount a small file system")
    # Not in the folder of the test, which the user that PostgreSQL runs as may not enter.
    place = Path(tempfile.mkdtemp(prefix="tandem-disk-"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "tmpfs", str(place)], capture_output=True, check=False
    )  # fmt: skip
    if made.returncode != 0:
        place.rmdir()
        skip_loudly("a full disk", "a small file system cannot be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def small_postgresql(small_disk: Path) -> Iterator[PrivatePostgresql]:
    """A server whose disk is small."""
    small_disk.chmod(0o755)
    server = find_private_postgresql(
        place=small_disk, settings=(f"max_wal_size={LOG_SIZE}MB", "min_wal_size=32MB", "wal_keep_size=0")
    )
    if isinstance(server, str):
        skip_loudly("PostgreSQL on a small disk", server, service=True)
    yield server
    server.remove()


async def test_writes_are_refused_as_a_whole_and_go_on_by_themselves(
    small_postgresql: PrivatePostgresql, small_disk: Path
) -> None:
    database = await open_database(small_postgresql.create_database("small"), pool_size=2)
    ballast = small_disk / "ballast"
    try:
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, part INTEGER, body TEXT)")
            # Kept as it is, so that it takes the space it has.
            await connection.execute("ALTER TABLE thing ALTER COLUMN body SET STORAGE EXTERNAL")
            await connection.execute("INSERT INTO thing VALUES (0, 0, 'here')")
        free = _free(small_disk)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - 2 * len(BODY))
        async with asyncio.timeout(GUARD):
            with pytest.raises(DatabaseFull):
                async with database.transaction() as connection:
                    for part in range(1, 9):
                        await connection.execute("INSERT INTO thing VALUES ($1, $1, $2)", part, BODY)
            async with database.read() as connection:
                assert [row["id"] for row in await connection.fetch("SELECT id FROM thing")] == [0]
            ballast.unlink()
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO thing VALUES (1, 1, $1)", BODY)
        async with database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM thing") == 2
    finally:
        ballast.unlink(missing_ok=True)
        await database.close()


def _free(place: Path) -> int:
    state = os.statvfs(place)
    return state.f_bavail * state.f_frsize
