"""Write what would bring a service's database from its other migrations to its declared tables, as a migration.

`render_migration.py cohort-service 0002 "Facts, definitions and lists"` writes the file of that version anew. Only for
a version that is not released yet: a released one is never rendered again.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from tandem.database.migrate import migrate
from tandem.service import Service

_HEAD = '''"""{title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{previous}"
branch_labels = None
depends_on = None


def upgrade() -> None:
'''


def main() -> None:
    """Write the version's file, or say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service")
    parser.add_argument("revision")
    parser.add_argument("title")
    asked = parser.parse_args()
    service: Service = entry_points(group="tandem.services")[asked.service].load()
    package, _, folder = service.migrations.partition(":")
    versions = Path(str(files(package))) / folder / "versions"
    name = "_".join(asked.title.lower().replace(",", "").split())
    target = versions / f"{asked.revision}_{name}.py"
    if others := [path.name for path in versions.glob(f"{asked.revision}_*.py") if path != target]:
        sys.exit(f"{asked.revision} is {', '.join(others)}: take another number, or delete that first")
    previous = f"{int(asked.revision) - 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        _others(versions, Path(folder) / "versions", asked.revision, previous)
        body = asyncio.run(_operations(replace(service, migrations=folder), Path(folder) / "before.sqlite"))
    head = _HEAD.format(title=asked.title, revision=asked.revision, previous=previous)
    target.write_text(head + body)
    subprocess.run([Path(sys.executable).with_name("ruff"), "format", "--quiet", target], check=True)
    print(target)


def _others(versions: Path, target: Path, revision: str, previous: str) -> None:
    """Copy the service's other versions, those after the one to be written chained to the one before it."""
    target.mkdir()
    for path in versions.glob("[0-9]*.py"):
        if not path.name.startswith(f"{revision}_"):
            after, before = f'down_revision = "{revision}"', f'down_revision = "{previous}"'
            (target / path.name).write_text(path.read_text().replace(after, before))


async def _operations(service: Service, path: Path) -> str:
    await migrate(service, f"sqlite:///{path}")
    with create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection)
        script = produce_migrations(context, service.metadata)
        assert script.upgrade_ops is not None
        source = render_python_code(script.upgrade_ops, migration_context=context)
    lines = [line.rstrip() for line in source.splitlines() if not line.strip().startswith("# ###")]
    return "\n".join(f"    {line.strip()}" if line.strip() else "" for line in lines) + "\n"


if __name__ == "__main__":
    main()
