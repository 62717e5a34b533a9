"""A section of the document: a heading, what stands below it, and the records it is made of.

Headings are those of the Personalised Care and Support Plan standard (DAPB4022), in the person's voice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careplan_service.domain.plan_document.known import Known, Said
from careplan_service.domain.plan_document.plain_words import day_in_words
from tandem.printing.blocks import Block, Text

_DRAFT = "not finished yet"


@dataclass(frozen=True, slots=True)
class Section:
    """`name` is ours; `heading` a code of UKCore-RecordStandardHeadings, where one is known; `entries` references."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    entries: tuple[str, ...] = ()
    heading: str | None = None


def paragraph(text: str) -> Text:
    """A paragraph that keeps its lines."""
    return Text("p", text, lines="\n" in text)


def item(text: str) -> Text:
    """An item of a list that keeps its lines."""
    return Text("li", text, lines="\n" in text)


def signed(said: Said) -> str:
    """What was said, with who said it and when."""
    parts = [said.who, day_in_words(said.day), *([] if said.finished else [_DRAFT])]
    return f"{said.text} ({', '.join(parts)})"


def answered(known: Known, parts: Iterable[tuple[str, Sequence[str]]]) -> tuple[list[Block], list[str]]:
    """A small heading and the answers below it, for each of these (heading, items) that anybody answered."""
    blocks: list[Block] = []
    entries: list[str] = []
    for heading, links in parts:
        said = known.answers(*links)
        if said:
            blocks.append(Text("h3", heading))
            blocks += [paragraph(signed(each)) for each in said] if len(said) == 1 else [item(signed(e)) for e in said]
            entries += [response_of(each) for each in said]
    return blocks, unique(entries)


def response_of(said: Said) -> str:
    """The reference of the response that an answer stands in."""
    return f"QuestionnaireResponse/{said.response}"


def reference_of(record: dict[str, object]) -> str:
    """`Type/id`; `#id` for a record without a life of its own is not in the Bundle and never asked for."""
    return f"{record['resourceType']}/{record['id']}"


def unique(references: Iterable[str]) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(references))


def absent(known: Known, kind: str, none: str) -> str:
    """What is said where there is nothing: that it is missing here, or that there is none on record."""
    why = known.away.get(kind)
    return none if why is None else f"This part is {why}. Ask the practice."
