"""Text as it stands in the search tables.

PostgreSQL refuses index entries over 2,704 bytes and NUL in text, so long codes are stored as a beginning and a digest
and long strings in overlapping pieces.
"""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST_CODE = 300
LONGEST_STRING = 500
OVERLAP = 250
"""The longest text that `:contains` can look for."""
CONTINUED = "\x01"
"""Begins every piece of a long string but the first. Folded text never has it, so no beginning matches it."""


def fold(text: str) -> str:
    """Without case, accents and needless space: what two strings share that are searched as equal."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(character for character in text if not unicodedata.combining(character))
    return " ".join(text.lower().replace("\x00", " ").replace(CONTINUED, " ").split())


def bounded(code: str) -> str:
    """A code or URI short enough for an index; equal codes stay equal and different ones different."""
    if len(code) > LONGEST_CODE:
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
        code = f"{code[: LONGEST_CODE - 100]}#{digest}"
    return code.replace("\x00", "\ufffd") if "\x00" in code else code


def pieces(folded: str) -> list[str]:
    """The folded string in pieces that overlap: any text up to OVERLAP characters lies whole in one of them."""
    if len(folded) <= LONGEST_STRING:
        return [folded]
    step = LONGEST_STRING - OVERLAP
    rest = [CONTINUED + folded[start : start + LONGEST_STRING] for start in range(step, len(folded) - OVERLAP, step)]
    return [folded[:LONGEST_STRING], *rest]
