"""Print the source of the kernel's first migration, rendered from the tables that `tandem.database.tables` declares.

For use until the first release; it goes into `shared/src/tandem/database/migrations/kernel_0001.py`. A released
migration is never rendered again: what changes afterwards is a new one, written by hand.
"""

from __future__ import annotations

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, create_engine

from tandem.database.tables import declare_kernel_tables

_KEY = 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
_HEAD = '''"""The kernel's tables as they were first released; each service's first version begins with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# SQLite gives only an INTEGER PRIMARY KEY its own numbers.
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables that every service has."""
    for create in (
{names}
    ):  # fmt: skip
        create()
'''


def rendered(metadata: MetaData) -> str:
    """The source: one function a table."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    names = _wrapped([f"_{table.name}" for table in tables])
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection)
        bodies = [_function(table, context) for table in tables]
    return _HEAD.format(names=names) + "".join(bodies)


def _function(table: Table, context: MigrationContext) -> str:
    created: list[ops.MigrateOperation] = [ops.CreateTableOp.from_table(table)]
    created += [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda one: str(one.name))]
    source = render_python_code(ops.UpgradeOps(created), migration_context=context)
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]
    body = "".join(f"    {'    ' if line.startswith('sa.') else ''}{line}\n" for line in lines)
    return f"\n\ndef _{table.name}() -> None:\n{body}".replace("'", '"').replace(_KEY, "_KEY")


def _wrapped(names: list[str]) -> str:
    rows: list[list[str]] = [[]]
    for name in names:
        if sum(len(each) + 2 for each in [*rows[-1], name]) > 108:
            rows.append([])
        rows[-1].append(name)
    return "\n".join(f"        {', '.join(row)}," for row in rows)


if __name__ == "__main__":
    declared = MetaData()
    declare_kernel_tables(declared)
    print(rendered(declared), end="")
