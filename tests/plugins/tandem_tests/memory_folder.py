"""The temporary folders of a run lie in memory, where the machine has room for them.

What tests write to SQLite is synchronised to the disk at each commit, as in production; on a folder in memory that
costs nothing. A process that is killed loses as little there as on a disk: only a power cut would. `--basetemp`
names another folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

TEMPORARY_FOLDERS = "PYTEST_DEBUG_TEMPROOT"
"""The environment variable that tells pytest where temporary folders are made."""

_MEMORY = Path("/dev/shm")
_ROOM = 6 * 1024**3
"""Bytes: more than a whole run leaves there."""


def pytest_configure(config: pytest.Config) -> None:
    if config.option.basetemp or hasattr(config, "workerinput"):
        return  # a worker's folder lies within its controller's
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault(TEMPORARY_FOLDERS, str(_MEMORY))
