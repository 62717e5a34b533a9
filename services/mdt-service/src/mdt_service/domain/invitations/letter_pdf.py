"""A letter as a PDF that can be printed and posted: the same text as the page, with the fonts in it."""

from __future__ import annotations

from datetime import datetime

from mdt_service.domain.invitations.letter import Letter
from tandem.printing.blocks import Text
from tandem.printing.pdf import pdf_of


def letter_pdf(letter: Letter, created: datetime) -> bytes:
    """The document, on A4. `created` is what it says of when it was made."""
    blocks = [Text(block.element, block.text, block.lines) for block in letter.blocks]
    return pdf_of(letter.title, letter.language, blocks, letter.points, created)
