"""Migrating a database: in one go, once, and never backwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from tandem.database.connection import open_database
from tandem.database.migrate import NewerDatabase, migrate, pending
from tandem.service import Service

_FIRST = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "0001", None
def upgrade():
    op.create_table("thing", sa.Column("id", sa.Text(), primary_key=True))
"""
_FAILS = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "0002", "0001"
def upgrade():
    op.add_column("thing", sa.Column("name", sa.Text()))
    raise RuntimeError("half way")
"""


@pytest.fixture
def service(tmp_path: Path) -> Service:
    versions = tmp_path / "released" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(_FIRST)
    return Service("a-service", (), MetaData(), str(tmp_path / "released"))


async def test_it_is_done_once_however_many_start(service: Service, database_url: str) -> None:
    assert await pending(service, database_url)
    await asyncio.gather(*(migrate(service, database_url) for _ in range(5)))
    assert not await pending(service, database_url)


async def test_a_failing_version_leaves_nothing_behind(service: Service, database_url: str) -> None:
    await migrate(service, database_url)
    bad = Path(service.migrations) / "versions" / "0002_fails.py"
    bad.write_text(_FAILS)
    with pytest.raises(RuntimeError, match="half way"):
        await migrate(service, database_url)
    assert await pending(service, database_url)
    bad.write_text(_FAILS.replace('raise RuntimeError("half way")', "pass"))
    await migrate(service, database_url)
    database = await open_database(database_url, pool_size=1)
    async with database.read() as connection:
        assert await connection.fetch("SELECT id, name FROM thing") == []
    await database.close()


async def test_a_newer_database_is_left_alone(service: Service, database_url: str) -> None:
    newer = Path(service.migrations) / "versions" / "0002_newer.py"
    newer.write_text(_FAILS.replace('raise RuntimeError("half way")', "pass"))
    await migrate(service, database_url)
    newer.unlink()
    with pytest.raises(NewerDatabase, match="0002"):
        await migrate(service, database_url)


async def test_another_kind_of_url_is_refused(service: Service) -> None:
    with pytest.raises(ValueError, match="sqlite:/// or postgresql://"):
        await migrate(service, "mysql://root@localhost/x")
