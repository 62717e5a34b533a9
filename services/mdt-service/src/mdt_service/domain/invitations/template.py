"""The template of a letter: a small part of HTML with placeholders, checked when it is read.

Elements: h1, h2, p, ul, li and section (`data-covers` says what it tells). `{{name}}` stands for a word of the letter;
`data-if="name"` and `data-unless="name"` leave a paragraph out. There are no scripts, images or links, so nothing is
ever fetched from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from mdt_service.domain.invitations.codes import SUBJECTS

WORDS: Final = (
    "practice-name", "practice-address", "practice-phone", "person-name", "person-address", "date", "interpreter",
    "adjustments",
)  # fmt: skip
"""What a letter can say of the practice and the person."""
PLACEHOLDER: Final = re.compile(r"\{\{([a-z-]*)\}\}")

_TEXT_ELEMENTS = ("h1", "h2", "p", "li")
_FRAMES = ("ul", "section")
_ATTRIBUTES = ("class", "data-covers", "data-if", "data-unless")


class TemplateError(ValueError):
    """What is wrong with a template, in words."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of text. `covers` is what its section tells; `lines` keeps line breaks as they are."""

    element: str
    text: str
    covers: str | None = None
    lines: bool = False
    given: str | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A letter before it is addressed. `language` is a BCP 47 code, `easy_read` whether it is in easy read."""

    letter: str
    language: str
    easy_read: bool
    blocks: tuple[Block, ...]


def parse_template(letter: str, language: str, easy_read: bool, html: str) -> Template:
    """Raises TemplateError for what a letter cannot have, and for a subject that it does not tell."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blocks = tuple(reader.blocks)
    untold = [subject for subject in SUBJECTS if subject not in {block.covers for block in blocks}]
    if untold:
        raise TemplateError(f"the letter does not tell: {', '.join(untold)}")
    return Template(letter, language, easy_read, blocks)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._covers: str | None = None
        self._open: tuple[str, dict[str, str]] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        _known("element", [tag], (*_TEXT_ELEMENTS, *_FRAMES))
        _known("attribute", told, _ATTRIBUTES)
        _known("placeholder", [told[name] for name in ("data-if", "data-unless") if name in told], WORDS)
        if self._open is not None:
            raise TemplateError(f"<{tag}> stands inside <{self._open[0]}>")
        if tag == "section":
            self._covers = told.get("data-covers", "")
            _known("subject", [self._covers], SUBJECTS)
        elif tag != "ul":
            self._open, self._text = (tag, told), []

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._covers = None
        elif self._open is not None and tag == self._open[0]:
            self._end(*self._open)
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._text.append(data)
        elif data.strip():
            raise TemplateError("text stands outside a paragraph, heading or list")

    def _end(self, tag: str, told: dict[str, str]) -> None:
        lines = told.get("class") == "lines"
        text = "".join(self._text)
        _known("placeholder", PLACEHOLDER.findall(text), WORDS)
        text = text.strip() if lines else " ".join(text.split())
        self.blocks.append(Block(tag, text, self._covers, lines, told.get("data-if"), told.get("data-unless")))


def _known(what: str, found: Iterable[str], allowed: tuple[str, ...]) -> None:
    for each in found:
        if each not in allowed:
            raise TemplateError(f"there is no {what} {each[:40]!r} in a letter; allowed: {', '.join(allowed)}")
