"""Blocks as a PDF on A4 that can be printed and posted, with the fonts in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tandem.printing.blocks import Block


def pdf_of(
    title: str, language: str, blocks: Sequence[Block], points: int, created: datetime, *, margin: float = 22.0,
    foot: str = "",
) -> bytes:  # fmt: skip
    """The document. `points` is the size of the text, `created` what it says of when it was made, `margin` in mm."""
    # fpdf takes long to import and much room: a process does so when it makes its first PDF.
    from tandem.printing.paper import document_of

    return document_of(title, language, blocks, points, created, margin, foot)
