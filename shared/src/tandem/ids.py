"""The injected source of ids."""

from __future__ import annotations

import uuid
from typing import Protocol


class IdSource(Protocol):
    """Gives a new id: a UUID in its 36-character text form."""

    def new(self) -> str: ...


class RandomIds:
    """Random UUIDs, version 4."""

    def new(self) -> str:
        return str(uuid.uuid4())


class CountingIds:
    """Predictable UUIDs, for tests."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return str(uuid.UUID(int=self._count, version=4))


def deterministic_id(*parts: str) -> str:
    """The same id for the same parts, always: what makes a repeated effect the same resource."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\x1f".join(parts)))
