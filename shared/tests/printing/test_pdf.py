"""Blocks as a PDF: one page when they fit, whole when they do not."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from tandem.printing.blocks import Block, Box, Facts, OnePage, PageBreak, Table, Text, texts
from tandem.printing.html import html_of
from tandem.printing.pdf import pdf_of

NOW = datetime(2020, 7, 1, tzinfo=UTC)


def pages(*blocks: Block) -> list[str]:
    reader = PdfReader(io.BytesIO(pdf_of("Title", "en", blocks, 14, NOW, margin=16, foot="At the foot")))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize(("lines", "count"), [(5, 1), (48, 1), (150, 4)])
def test_one_page_is_one_as_long_as_the_smallest_type_fits_and_loses_nothing(lines: int, count: int) -> None:
    front = OnePage(tuple(Text("p", f"Line {number}.") for number in range(lines)))
    found = pages(front, PageBreak(), Text("p", "The rest"))
    assert len(found) == count + 1
    assert "The rest" in found[-1]
    assert all(f"Line {number}." in " ".join(found) for number in range(lines))
    assert all("At the foot" in page for page in found)


def test_page_and_pdf_say_the_same() -> None:
    blocks: list[Block] = [
        Text("h1", "A <heading>"), Box((Facts((("Label", "What it is"),)), Text("li", "An item")), "urgent"),
        Table(("What", "Who"), (("Walk", "Ann & Joe"), ("Sing", "All"))),
    ]  # fmt: skip
    printed, page = " ".join(pages(*blocks)), html_of(blocks)
    for text in texts(blocks):
        assert text in printed
        assert text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page
