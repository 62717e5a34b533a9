"""A key or secret in a file, with the next and the previous one beside it, read again when they change.

Of `service-key.pem` the next is `service-key.next.pem` and the previous `service-key.previous.pem`. Only the file
itself is used to sign; what any of the three has signed is accepted. So a key is rotated while processes run, and while
some of them have the new file and others have not yet.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0
_Seen = tuple[tuple[int, int, int] | None, ...]


def beside(path: Path, which: str) -> Path:
    """Where the `next` or the `previous` of a file is."""
    return path.with_name(f"{path.stem}.{which}{path.suffix}")


class RotatedFile:
    """What is in the file, then in the next and the previous as far as they are there. Raises OSError when the file
    cannot be read at the beginning; later, what was read last goes on to count."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.monotonic) -> None:
        self._paths = (path, beside(path, "next"), beside(path, "previous"))
        self._now = now
        self._looked = now()
        self._seen = self._signature()
        self._contents = self._read()

    def contents(self, *, anew: bool = False) -> tuple[bytes, ...]:
        """The contents, at most a second old, or as they are now; the same tuple as long as nothing has changed."""
        now = self._now()
        if anew or now - self._looked >= _LOOK_AGAIN:
            self._looked = now
            try:
                seen = self._signature()
                if seen != self._seen:
                    self._contents = self._read()
                    self._seen = seen
            except OSError as error:
                _log.warning("a key file cannot be read again: %s", type(error).__name__)
        return self._contents

    def _signature(self) -> _Seen:
        return tuple(_signature_of(path) for path in self._paths)

    def _read(self) -> tuple[bytes, ...]:
        path, *others = self._paths
        return (path.read_bytes(), *(other.read_bytes() for other in others if other.exists()))


def _signature_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
