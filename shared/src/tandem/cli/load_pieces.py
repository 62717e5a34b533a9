"""Files of records, cut into pieces that are sent one by one, those first on which others depend.

NDJSON is cut into pieces of lines; a JSON file is one piece. What cannot be understood here is sent all the same: the
server says what is wrong with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import msgspec

PIECE_BYTES = 5 * 1024 * 1024
SUFFIXES = (".json", ".ndjson")
_ORGANISATIONS = frozenset(("Organization",))
_PLACES = frozenset(("OrganizationAffiliation", "Location", "Practitioner", "PractitionerRole", "HealthcareService"))
_PEOPLE = frozenset(("Patient",))


class Phase(IntEnum):
    """What is sent before what: each phase begins when the one before it has been stored."""

    ORGANISATIONS = 0
    PLACES = 1
    PEOPLE = 2
    RECORDS = 3


class _Resource(msgspec.Struct):
    resourceType: str = ""


class _Entry(msgspec.Struct):
    resource: _Resource | None = None


class _Peek(msgspec.Struct):
    resourceType: str = ""
    entry: list[_Entry] = []


_peek = msgspec.json.Decoder(_Peek)
_peek_many = msgspec.json.Decoder(list[_Peek])


@dataclass(slots=True)
class Piece:
    """What one request carries. `lines` are the line numbers in the file, of NDJSON only."""

    file: Path
    body: bytes
    entries: int
    lines: list[int] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The same opaque name for the same place in the same file, which tells nothing of this machine."""
        place = f"{self.file.resolve()}#{self.lines[0] if self.lines else 0}"
        return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()


def files_below(paths: Sequence[Path]) -> list[Path]:
    """The files that are named, and those in the folders that are, by name; other files in folders are left out."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = (each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())
            found.update(dict.fromkeys(sorted(below)))
        else:
            found[path] = None
    return list(found)


def pieces(files: Sequence[Path], phase: Phase) -> Iterator[Piece]:
    """The pieces of one phase, file by file."""
    for file in files:
        if file.suffix.lower() == ".ndjson":
            yield from _of_lines(file, phase)
        else:
            body = file.read_bytes()
            own, entries = _look(body)
            if own is phase:
                yield Piece(file, body, entries)


def count_entries(files: Sequence[Path]) -> int:
    """How many records the files hold, as far as that can be told."""
    total = 0
    for file in files:
        if file.suffix.lower() == ".ndjson":
            with file.open("rb") as lines:
                total += sum(_look(line)[1] for line in lines if line.strip())
        else:
            total += _look(file.read_bytes())[1]
    return total


def _of_lines(file: Path, phase: Phase) -> Iterator[Piece]:
    piece = Piece(file, b"", 0)
    parts: list[bytes] = []
    size = 0
    with file.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            line = raw.strip()
            if not line:
                continue
            own, entries = _look(line)
            if own is not phase:
                continue
            if parts and size + len(line) > PIECE_BYTES:
                piece.body = b"\n".join(parts)
                yield piece
                piece, parts, size = Piece(file, b"", 0), [], 0
            parts.append(line)
            size += len(line) + 1
            piece.lines.append(number)
            piece.entries += entries
    if parts:
        piece.body = b"\n".join(parts)
        yield piece


def _look(raw: bytes) -> tuple[Phase, int]:
    """The phase of a JSON text, and how many records it holds."""
    try:
        found = _peek_many.decode(raw) if raw.lstrip()[:1] == b"[" else [_peek.decode(raw)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Phase.RECORDS, 1
    kinds = [kind for one in found for kind in _kinds(one)]
    if kinds and all(kind in _ORGANISATIONS for kind in kinds):
        return Phase.ORGANISATIONS, len(kinds)
    if kinds and all(kind in _PLACES or kind in _ORGANISATIONS for kind in kinds):
        return Phase.PLACES, len(kinds)
    if any(kind in _PEOPLE for kind in kinds):
        return Phase.PEOPLE, len(kinds)
    return Phase.RECORDS, max(1, len(kinds))


def _kinds(one: _Peek) -> list[str]:
    if one.resourceType != "Bundle":
        return [one.resourceType]
    return [entry.resource.resourceType for entry in one.entry if entry.resource is not None]
