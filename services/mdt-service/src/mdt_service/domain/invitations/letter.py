"""A letter: the blocks of a template with the words of one person and practice filled in, and how large it is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mdt_service.domain.invitations.template import PLACEHOLDER, Block, Template

STANDARD_POINTS: Final = 14
"""Easy to read for most people; the NHS writes letters in 12 point or larger."""
EASY_READ_POINTS: Final = 16
LARGE_PRINT_POINTS: Final = (20, 24, 28)
"""The sizes of large print that the Accessible Information Standard (DCB1605) lets people ask for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`points` is the size of the text; `language` a BCP 47 code."""

    title: str
    language: str
    points: int
    blocks: tuple[Block, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """What the letter tells, each once, in order."""
        return tuple(dict.fromkeys(block.covers for block in self.blocks if block.covers is not None))


def fill(template: Template, words: Mapping[str, str], points: int) -> Letter:
    """The letter. A word that is not given is empty: its lines, and paragraphs under its condition, are left out."""
    blocks = [_filled(block, words) for block in template.blocks if _stays(block, words)]
    kept = tuple(block for block in blocks if block.text)
    title = next((block.text for block in kept if block.element == "h1"), "")
    return Letter(title, template.language, points, kept)


def _stays(block: Block, words: Mapping[str, str]) -> bool:
    if block.given is not None and not words.get(block.given):
        return False
    return block.missing is None or not words.get(block.missing)


def _filled(block: Block, words: Mapping[str, str]) -> Block:
    text = PLACEHOLDER.sub(lambda match: words.get(match[1], ""), block.text)
    if block.lines:
        text = "\n".join(line for line in text.splitlines() if line.strip())
    return replace(block, text=text)
