"""A letter as one HTML page: everything in it is escaped, and nothing is fetched from elsewhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from itertools import groupby

from mdt_service.domain.invitations.letter import Letter
from mdt_service.domain.invitations.template import Block


def letter_html(letter: Letter) -> str:
    """The page."""
    style = (files("mdt_service.letters") / "style.css").read_text(encoding="utf-8").replace("SIZE", str(letter.points))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(letter.language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(letter.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{_body(letter)}\n"
        "</body>\n</html>\n"
    )


def _body(letter: Letter) -> str:
    parts: list[str] = []
    for listed, blocks in groupby(letter.blocks, key=lambda block: block.element == "li"):
        elements = "\n".join(_element(block) for block in blocks)
        parts.append(f"<ul>\n{elements}\n</ul>" if listed else elements)
    return "\n".join(parts)


def _element(block: Block) -> str:
    lines = ' class="lines"' if block.lines else ""
    return f"<{block.element}{lines}>{escape(block.text)}</{block.element}>"
