"""Whatever the driver makes of a connection that is lost while one begins or ends to listen, the relay goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from tandem.database.postgresql import PostgresDatabase
from tandem.events.wakeup import OutboxNotices, Waker

FAULTS = [asyncpg.InternalClientError("came apart"), asyncpg.InterfaceError("closed"), ConnectionResetError()]


class Connected:
    """A connection that is lost at its first question, and again when it is to end."""

    def __init__(self, fault: Exception, *, listens: bool) -> None:
        self._fault, self._listens = fault, listens
        self.terminated = 0

    async def add_listener(self, channel: str, heard: Any) -> None:
        if not self._listens:
            raise self._fault

    async def close(self, **_: Any) -> None:
        raise self._fault

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        self.terminated += 1


def notices() -> OutboxNotices:
    pool = SimpleNamespace(get_max_size=lambda: 1)
    return OutboxNotices(PostgresDatabase(pool, "postgresql://nobody@nowhere/none"), Waker())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_who_cannot_listen_goes_on(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    made: list[Connected] = []

    async def connect(*_: Any, **__: Any) -> Connected:
        if len(made) == 1:
            raise fault
        made.append(Connected(fault, listens=False))
        return made[-1]

    monkeypatch.setattr(asyncpg, "connect", connect)
    listening = notices()
    await listening.listen()
    await listening.listen()
    assert [each.terminated for each in made] == [1], "and leaves no connection behind"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_who_cannot_close_goes_on(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    made = Connected(fault, listens=True)

    async def connect(*_: Any, **__: Any) -> Connected:
        return made

    monkeypatch.setattr(asyncpg, "connect", connect)
    listening = notices()
    await listening.listen()
    await listening.close()
    assert made.terminated == 1
