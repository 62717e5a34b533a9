"""A letter as one HTML page: everything in it is escaped, and nothing is fetched from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from mdt_service.domain.invitations.letter import Letter
from tandem.printing.blocks import Text
from tandem.printing.html import html_of, html_page


def letter_html(letter: Letter) -> str:
    """The page."""
    style = (files("mdt_service.letters") / "style.css").read_text(encoding="utf-8").replace("SIZE", str(letter.points))
    body = html_of([Text(block.element, block.text, block.lines) for block in letter.blocks])
    return html_page(letter.title, letter.language, style, body)
