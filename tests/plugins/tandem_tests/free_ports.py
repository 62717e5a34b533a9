"""Loopback ports for the servers of tests.

A port that the system chooses (bind to 0) is one of those it also gives to connections going out, and tests open
hundreds of these: between the choice and the start of the server it may be taken. So ports come from below that range,
and each test process has a block of them that no other takes while it lives.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import IO

_FIRST, _END = 10_000, 15_600
"""Below what Linux gives to connections (`ip_local_port_range`: from 32768, in gVisor from 16000)."""
_BLOCK = 100


class NoFreePort(Exception):
    """Every block is claimed, or every port of the block is in use."""


def free_port() -> int:
    """A loopback port that nobody listens on and nobody else is given.

    It is given again after as many calls as the block has ports, should nobody listen on it then. Raises NoFreePort.
    """
    block = _block()
    for _ in range(_BLOCK):
        port = next(block.ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoFreePort(f"all ports from {block.first} to {block.first + _BLOCK - 1} are in use")


class _Block:
    """Ports that are this process's as long as it holds the lock on the file."""

    def __init__(self, first: int, lock: IO[bytes]) -> None:
        self.first = first
        self.ports = cycle(range(first, first + _BLOCK))
        self._lock = lock


def _block() -> _Block:
    # by process, for a fork shares the lock of its parent
    return _block_of(os.getpid())


@cache
def _block_of(_process: int) -> _Block:
    folder = Path(tempfile.gettempdir()) / f"tandem-test-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for first in range(_FIRST, _END, _BLOCK):
        lock = (folder / str(first)).open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return _Block(first, lock)
    raise NoFreePort("other test processes hold every block of ports")
