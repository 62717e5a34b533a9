"""How blocks are set on A4 paper by fpdf. `tandem.printing.pdf` is what others call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, VAlign

from tandem.printing.blocks import Block, Box, Facts, OnePage, PageBreak, Table, Text
from tandem.printing.fonts import FONT, add_fonts, close_fonts

_LEADING = 1.5 * 25.4 / 72
"""Millimetres of line height for each point."""
_TIGHT = 1.25 * 25.4 / 72
_SIZES = {"h1": 1.5, "h2": 1.2, "h3": 1.05}
_TONES = {"calm": (0, 94, 184), "urgent": (213, 40, 27)}
_LIGHT = (232, 237, 238)
_SMALL = 9
_LEAST = 10
"""Points below which nothing is set, to bring it onto one page."""
_WIDTHS = {1: (1,), 2: (45, 55), 3: (42, 33, 25), 4: (34, 24, 22, 20)}


class _Paper(FPDF):
    """`foot` stands at the foot of every page, before its number; nothing when it is empty.

    `leading` is the height of a line for each point, `gap` how much of a line is left below a paragraph.
    """

    foot = ""
    leading = _LEADING
    gap = 0.35

    def footer(self) -> None:
        if self.foot:
            self.set_y(-17)
            self.set_font(FONT, "", _SMALL)
            self.multi_cell(0, _SMALL * _TIGHT, f"{self.foot}\nPage {self.page_no()} of {{nb}}", align="C")


def document_of(
    title: str, language: str, blocks: Sequence[Block], points: int, created: datetime, margin: float, foot: str
) -> bytes:
    """The document; see `tandem.printing.pdf.pdf_of`."""
    pdf = _paper(margin)
    pdf.foot = foot
    pdf.set_creation_date(created)
    pdf.set_title(title)
    pdf.set_lang(language)
    for block in blocks:
        _write(pdf, block, points)
    document = bytes(pdf.output())
    close_fonts(pdf)
    return document


def _paper(margin: float) -> _Paper:
    pdf = _Paper(format="A4")
    pdf.set_margin(margin)
    pdf.set_auto_page_break(True, margin=max(margin, 22.0))
    add_fonts(pdf)
    pdf.add_page()
    return pdf


def _write(pdf: _Paper, block: Block, points: float) -> None:
    match block:
        case Text():
            _text(pdf, block, points)
        case Facts():
            _facts(pdf, block, points)
        case Table():
            _table(pdf, block, points)
        case Box():
            with _bar(pdf, block.tone):
                for each in block.blocks:
                    _write(pdf, each, points)
        case OnePage():
            _one_page(pdf, block, points)
        case PageBreak():
            pdf.add_page()


def _text(pdf: _Paper, block: Text, points: float) -> None:
    size = points * _SIZES.get(block.element, 1)
    heading = block.element in _SIZES
    pdf.set_font(FONT, "B" if heading else "", size)
    height = size * pdf.leading
    if heading and pdf.will_page_break(height * 3):
        # a heading is not left alone at the foot of a page
        pdf.add_page()
    pdf.ln(height * (pdf.gap + 0.15 if heading else 0))
    if block.element == "li":
        pdf.cell(points * 0.5, height, "•")
    pdf.multi_cell(0, height, block.text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(height * pdf.gap)


def _facts(pdf: _Paper, facts: Facts, points: float) -> None:
    if not facts.rows:
        return
    pdf.set_font(FONT, "", points)
    with pdf.table(
        borders_layout=TableBordersLayout.NONE, first_row_as_headings=False, col_widths=(32, 68), text_align="L",
        line_height=points * _TIGHT, padding=(0.4, 1, 0.4, 0), width=pdf.epw, align="L", v_align=VAlign.T,
    ) as table:  # fmt: skip
        for label, text in facts.rows:
            row = table.row()
            row.cell(label, style=FontFace(emphasis="BOLD"))
            row.cell(text)
    pdf.ln(points * _TIGHT * pdf.gap)


def _table(pdf: _Paper, block: Table, points: float) -> None:
    # the columns beside each other leave less room for each
    size = points - 2
    pdf.set_font(FONT, "", size)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES, headings_style=FontFace(emphasis="BOLD", fill_color=_LIGHT),
        col_widths=_WIDTHS.get(len(block.columns)), text_align="L", line_height=size * _TIGHT, padding=1.2,
        width=pdf.epw, align="L", v_align=VAlign.T,
    ) as table:  # fmt: skip
        for row in (block.columns, *block.rows):
            table.row(row)
    pdf.ln(points * _TIGHT * 0.6)


def _one_page(pdf: _Paper, page: OnePage, points: float) -> None:
    """Set it as large as fits onto the page; what does not fit even in the least size runs on."""
    leading, gap = pdf.leading, pdf.gap
    pdf.leading, pdf.gap = _TIGHT, 0.2
    for size in range(int(points), _LEAST - 1, -1):
        if size == _LEAST or _fits(pdf, page, size):
            for block in page.blocks:
                _write(pdf, block, size)
            break
    pdf.leading, pdf.gap = leading, gap


def _fits(pdf: _Paper, page: OnePage, size: int) -> bool:
    trial = _paper(pdf.l_margin)
    trial.leading, trial.gap = pdf.leading, pdf.gap
    trial.set_y(pdf.get_y())
    for block in page.blocks:
        _write(trial, block, size)
    close_fonts(trial)
    return int(trial.page_no()) == 1


@contextmanager
def _bar(pdf: _Paper, tone: str) -> Iterator[None]:
    """A thick line at the left of what is written meanwhile, over as many pages as it takes."""
    left, page, top = pdf.l_margin, pdf.page, pdf.get_y()
    pdf.set_left_margin(left + 5)
    pdf.set_x(left + 5)
    yield
    pdf.set_left_margin(left)
    pdf.set_x(left)
    last, bottom = pdf.page, pdf.get_y()
    pdf.set_draw_color(*_TONES[tone])
    pdf.set_line_width(1.4)
    for each in range(page, last + 1):
        pdf.page = each
        start = top if each == page else pdf.t_margin
        pdf.line(left + 1, start, left + 1, bottom if each == last else pdf.h - pdf.b_margin)
    pdf.page = last
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)
    pdf.set_y(bottom + 1)
