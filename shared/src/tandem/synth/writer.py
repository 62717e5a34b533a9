"""NDJSON files, one a type, written as the resources come so that no size of network fills the memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from tandem.fhir.body import encode
from tandem.synth.datatypes import Json

_BUFFER = 1 << 18


class NdjsonWriter:
    """Writes `<Type>.ndjson` files into a folder; a context manager.

    Files of an earlier run are taken away on entry, because a loader takes every `*.ndjson` of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._stack = ExitStack()
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> NdjsonWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        for stale in self._folder.glob("*.ndjson"):
            stale.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, resources: Iterable[Json]) -> None:
        """Append each resource to the file of its type."""
        for resource in resources:
            resource_type = resource["resourceType"]
            file = self._files.get(resource_type) or self._open(resource_type)
            file.write(encode(resource))
            file.write(b"\n")
            self.counts[resource_type] += 1

    def _open(self, resource_type: str) -> BinaryIO:
        path = self._folder / f"{resource_type}.ndjson"
        file = self._stack.enter_context(path.open("wb", buffering=_BUFFER))
        self._files[resource_type] = file
        return file
