"""What a document is made of. The page and the PDF are made of the same blocks, so that they say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Text:
    """A heading (h1 to h3), a paragraph (p) or an item of a list (li). `lines` keeps the lines of the text."""

    element: str
    text: str
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they are: `(("Born", "12 April 1934"),)`."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the names of their columns; the first cell of a row is what it is about."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Box:
    """Blocks that are set apart with a bar; `urgent` is what must not be overlooked."""

    blocks: tuple[Text | Facts | Table, ...]
    tone: Literal["calm", "urgent"] = "calm"


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a page of its own, in print."""


@dataclass(frozen=True, slots=True)
class OnePage:
    """Blocks that are set closer, and smaller if need be, so that they stand on one page of their own, in print."""

    blocks: tuple[Block, ...]


Block = Text | Facts | Table | Box | PageBreak | OnePage


def texts(blocks: Sequence[Block]) -> Iterator[str]:
    """Every text of these blocks, in reading order."""
    for block in blocks:
        match block:
            case Text():
                yield block.text
            case Facts():
                yield from (text for row in block.rows for text in row)
            case Table():
                yield from block.columns
                yield from (text for row in block.rows for text in row)
            case Box() | OnePage():
                yield from texts(block.blocks)
