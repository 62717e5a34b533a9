"""A letter as a PDF that can be printed and posted: the same text as the page, with the fonts in it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from fpdf import FPDF
from fpdf.fonts import TTFFont

from mdt_service.domain.invitations.letter import Letter
from mdt_service.domain.invitations.template import Block

_FONT = "DejaVu"
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_MARGIN = 22.0
"""Millimetres at every side."""
_LEADING = 1.5 * 25.4 / 72
"""Millimetres of line height for each point."""
_SIZES = {"h1": 1.5, "h2": 1.2}


def letter_pdf(letter: Letter, created: datetime) -> bytes:
    """The document, on A4. `created` is what it says of when it was made."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(created)
    pdf.set_title(letter.title)
    pdf.set_lang(letter.language)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, margin=_MARGIN)
    _add_fonts(pdf)
    pdf.add_page()
    for block in letter.blocks:
        _write(pdf, block, letter.points)
    document = bytes(pdf.output())
    _close_fonts(pdf)
    return document


def unprintable(text: str) -> str:
    """The characters of a text that the fonts have no shape for, each once, in order."""
    return "".join(dict.fromkeys(each for each in text if not each.isspace() and ord(each) not in _shapes()))


def _write(pdf: FPDF, block: Block, points: int) -> None:
    size = points * _SIZES.get(block.element, 1)
    heading = block.element in _SIZES
    pdf.set_font(_FONT, "B" if heading else "", size)
    height = size * _LEADING
    if heading and pdf.will_page_break(height * 3):
        # a heading is not left alone at the foot of a page
        pdf.add_page()
    pdf.ln(height * (0.5 if heading else 0))
    if block.element == "li":
        pdf.cell(points * 0.5, height, "•")
    pdf.multi_cell(0, height, block.text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(height * 0.35)


@lru_cache(maxsize=1)
def _shapes() -> frozenset[int]:
    pdf = FPDF()
    _add_fonts(pdf)
    font = pdf.fonts[_FONT.lower()]
    assert isinstance(font, TTFFont), "the fonts are TrueType"
    known = frozenset(font.cmap)
    _close_fonts(pdf)
    return known


def _close_fonts(pdf: FPDF) -> None:
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()


def _add_fonts(pdf: FPDF) -> None:
    for style, name in _FILES.items():
        pdf.add_font(_FONT, style, str(files("mdt_service.letters") / "fonts" / name))
