"""Blocks as HTML that is XHTML too, so that it may stand in a narrative; everything in it is escaped.

http://hl7.org/fhir/R4/narrative.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from tandem.printing.blocks import Block, Box, Facts, OnePage, PageBreak, Table, Text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A browser that opens the page asks nobody for anything."""


def html_page(title: str, language: str, style: str, body: str) -> str:
    """A whole page. `style` is CSS, `body` HTML; nothing is fetched from elsewhere."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def html_of(blocks: Sequence[Block]) -> str:
    """The elements of these blocks; items that follow each other are one list."""
    return "\n".join(_elements(blocks))


def _elements(blocks: Sequence[Block]) -> Iterator[str]:
    for listed, group in groupby(blocks, key=lambda block: isinstance(block, Text) and block.element == "li"):
        if listed:
            items = "\n".join(_text(block) for block in group if isinstance(block, Text))
            yield f"<ul>\n{items}\n</ul>"
        else:
            yield from map(_element, group)


def _element(block: Block) -> str:
    match block:
        case Text():
            return _text(block)
        case Facts():
            rows = [f"<dt>{escape(name)}</dt><dd{_kept(text)}>{escape(text)}</dd>" for name, text in block.rows]
            return f"<dl>{''.join(rows)}</dl>"
        case Table():
            return _table(block)
        case Box():
            return f'<div class="box {block.tone}">\n{html_of(block.blocks)}\n</div>'
        case OnePage():
            return f'<div class="one-page">\n{html_of(block.blocks)}\n</div>'
        case PageBreak():
            return '<div class="page-break"></div>'


def _text(block: Text) -> str:
    lines = ' class="lines"' if block.lines else ""
    return f"<{block.element}{lines}>{escape(block.text)}</{block.element}>"


def _table(table: Table) -> str:
    head = "".join([f'<th scope="col">{escape(name)}</th>' for name in table.columns])
    body = "\n".join([
        f'<tr><th scope="row"{_kept(row[0])}>{escape(row[0])}</th>'
        + "".join([f"<td{_kept(cell)}>{escape(cell)}</td>" for cell in row[1:]]) + "</tr>"
        for row in table.rows
    ])  # fmt: skip
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _kept(text: str) -> str:
    return ' class="lines"' if "\n" in text else ""
