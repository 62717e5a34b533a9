"""Versions of definitions, value sets and policies: which of two is the later one."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,31}")
_PIECES = re.compile(r"[0-9]+|[A-Za-z]+")

VERSION_FORM = "a version is 1 to 32 letters, digits, dots and hyphens, such as 1.2 or 2023-24"


def is_version(text: str) -> bool:
    """Whether the text has the form of a version."""
    return _VERSION.fullmatch(text) is not None


def later(version: str) -> tuple[tuple[int, int, str], ...]:
    """A key that orders versions as people read them: 1.9 before 1.10, 2020-07 before 2021-04, 1.0 before 1.0.1.

    Numbers stand before words, so a version that ends in a word comes after the one without it.
    """
    pieces = _PIECES.findall(version)
    return tuple((0, int(piece), "") if piece.isdigit() else (1, 0, piece.lower()) for piece in pieces)


def newest(versions: Iterable[str]) -> str:
    """The latest of these versions, of which there is at least one."""
    return max(versions, key=lambda version: (later(version), version))
