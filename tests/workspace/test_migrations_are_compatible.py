"""While a release is rolled out, processes of the release before serve on the new schema: a migration only adds.

Nothing that a process of before names may go or change its type, and what it inserts must still be taken: a new
column of an old table is empty or has a default of the database, and no new key stands in the way
(docs/operations/upgrade.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from tandem.database.migrate import migrate, versions_of
from tandem.gateway.service import service as gateway
from tandem.service import Service

SERVICES = [gateway, *(point.load() for point in sorted(entry_points(group="tandem.services")))]
BREAKING = {
    # Written before the rule was: processes of careplan-service had to be stopped for it.
    ("careplan-service", "0006"): {
        "plan_clock.residency is gone", "plan_clock.cause is needed and has no default",
        "plan_clock has a new key of cause, kind",
    },
}  # fmt: skip

Schema = dict[str, dict[str, Any]]


def schema_of(path: Path) -> Schema:
    """By table: its columns with what they demand, and its keys."""
    inspector = inspect(create_engine(f"sqlite:///{path}", poolclass=NullPool))
    found: Schema = {}
    for table in inspector.get_table_names():
        columns = {column["name"]: column for column in inspector.get_columns(table)}
        keys = {tuple(inspector.get_pk_constraint(table)["constrained_columns"])}
        keys |= {tuple(each["column_names"]) for each in inspector.get_unique_constraints(table)}
        keys |= {tuple(map(str, each["column_names"])) for each in inspector.get_indexes(table) if each["unique"]}
        found[table] = {"columns": columns, "keys": {key for key in keys if key}}
    return found


def breaks(before: Schema, after: Schema) -> Iterator[str]:
    """What a process that knows the schema of before would stumble over."""
    for table, old in before.items():
        if table not in after:
            yield f"{table} is gone"
            continue
        new = after[table]
        for name, column in old["columns"].items():
            if name not in new["columns"]:
                yield f"{table}.{name} is gone"
            elif str(column["type"]) != str(new["columns"][name]["type"]):
                yield f"{table}.{name} is of another type"
            elif column["nullable"] and not new["columns"][name]["nullable"]:
                yield f"{table}.{name} may no longer be empty"
        for name in set(new["columns"]) - set(old["columns"]):
            column = new["columns"][name]
            if not column["nullable"] and column["default"] is None:
                yield f"{table}.{name} is needed and has no default"
        for key in sorted(new["keys"] - old["keys"]):
            yield f"{table} has a new key of {', '.join(key)}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_every_version_only_adds_to_the_one_before(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "versions.sqlite"
    before: Schema = {}
    found: dict[tuple[str, str], set[str]] = {}
    for version in versions_of(service):
        await migrate(service, f"sqlite:///{path}", to=version)
        after = schema_of(path)
        if faults := set(breaks(before, after)):
            found[service.name, version] = faults
        before = after
    assert found == {place: faults for place, faults in BREAKING.items() if place[0] == service.name}


def test_what_would_break_is_found() -> None:
    column = {"type": "TEXT", "nullable": True, "default": None}
    needed = column | {"nullable": False}
    before: Schema = {
        "kept": {"columns": {"a": column, "b": column, "c": column}, "keys": {("a",)}}, "dropped": {"columns": {}}
    }  # fmt: skip
    after: Schema = {
        "kept": {
            "columns": {"a": column | {"type": "BIGINT"}, "b": needed, "d": needed, "e": needed | {"default": "0"}},
            "keys": {("a",), ("a", "b")},
        }
    }
    assert set(breaks(before, after)) == {
        "dropped is gone", "kept.a is of another type", "kept.b may no longer be empty", "kept.c is gone",
        "kept.d is needed and has no default", "kept has a new key of a, b",
    }  # fmt: skip
