"""A list of values as one parameter of a statement: an array on PostgreSQL, JSON text on SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from tandem.database.connection import Dialect


def array(dialect: Dialect, values: Iterable[int | str]) -> Any:
    """The parameter."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def among(dialect: Dialect, parameter: str, kind: Literal["bigint", "text"]) -> str:
    """The condition that what stands before it is one of the values of `parameter` (such as `$1`)."""
    if dialect == "postgresql":
        return f"= ANY({parameter}::{kind}[])"
    return f"IN (SELECT value FROM json_each({parameter}))"
