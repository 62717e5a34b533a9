"""One process at a time in a folder of keys and secrets; whoever comes second waits, and then sees what was done."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock (flock(2)), which ends with the process. Raises OSError when there is no such folder, or
    its file system has no locks."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
