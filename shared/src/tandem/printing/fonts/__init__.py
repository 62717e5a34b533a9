"""The fonts that are set into every PDF, and which characters they have a shape for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "DejaVu"
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}


def add_fonts(pdf: FPDF) -> None:
    """Give a document the fonts, plain and bold."""
    for style, name in _FILES.items():
        pdf.add_font(FONT, style, str(files("tandem.printing.fonts") / name))


def close_fonts(pdf: FPDF) -> None:
    """Close the files of the fonts of a document that is written."""
    from fpdf.fonts import TTFFont

    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()


def unprintable(text: str) -> str:
    """The characters of a text that the fonts have no shape for, each once, in order."""
    return "".join(dict.fromkeys(each for each in text if not each.isspace() and ord(each) not in _shapes()))


@lru_cache(maxsize=1)
def _shapes() -> frozenset[int]:
    # Not at the start of every process: see `tandem.printing.pdf`.
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    pdf = FPDF()
    add_fonts(pdf)
    font = pdf.fonts[FONT.lower()]
    assert isinstance(font, TTFFont), "the fonts are TrueType"
    known = frozenset(font.cmap)
    close_fonts(pdf)
    return known
