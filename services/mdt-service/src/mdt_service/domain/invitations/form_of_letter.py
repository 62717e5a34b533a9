"""In which language, form and size somebody is written to, and what a person of the practice must see to first.

The needs are those of the Accessible Information Standard (DCB1605). Nobody gets a letter in a language or form that
they cannot read without this being said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mdt_service.domain.invitations.letter import EASY_READ_POINTS, LARGE_PRINT_POINTS, STANDARD_POINTS
from mdt_service.domain.invitations.template import Template

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Needs:
    """`language` is a BCP 47 code, None when none is recorded; `points` the least size of print, None for any.

    `other` are needs that no letter of ours meets, such as Braille, in the words of the record.
    """

    language: str | None = None
    language_name: str | None = None
    interpreter: bool = False
    easy_read: bool = False
    points: int | None = None
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attention:
    """What must be dealt with before the letter may go.

    `translation-needed`, `format-needed`, `name-not-printable` or `phone-missing`.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """The template to use, the size of print, and what must be seen to."""

    template: Template
    points: int
    attention: tuple[Attention, ...]


def needs_of(told: dict[str, Any]) -> Needs:
    """Needs as the request gives them: `language`, `languageName`, `interpreter`, `easyRead`, `points`, `other`."""
    return Needs(
        told.get("language"), told.get("languageName"), bool(told.get("interpreter")), bool(told.get("easyRead")),
        told.get("points"), tuple(told.get("other") or ()),
    )  # fmt: skip


def form_for(letter: str, templates: Sequence[Template], needs: Needs) -> Form | None:
    """The form of a letter for these needs; None when there is no such letter in any language of ours.

    A regional language such as `en-GB` is served by its language. Without a template in the person's language the
    letter is in English, for the translator, and says that it must be translated.
    """
    ours = [each for each in templates if each.letter == letter]
    attention = [
        Attention("format-needed", f"The record says: {each}. This letter does not meet it.") for each in needs.other
    ]
    asked = (needs.language or FALLBACK_LANGUAGE).lower()
    found = _in_language(ours, asked)
    if not found:
        name = f"{needs.language_name} ({asked})" if needs.language_name else asked
        attention.insert(0, Attention(
            "translation-needed", f"There is no letter in {name}. The text is in English: have it translated."
        ))  # fmt: skip
        found = _in_language(ours, FALLBACK_LANGUAGE)
    if not found:
        return None
    template = next((each for each in found if each.easy_read == needs.easy_read), found[0])
    if template.easy_read != needs.easy_read:
        text = "The record asks for easy read, and there is none of this letter in this language."
        attention.append(Attention("format-needed", text))
    return Form(template, _points(needs, template.easy_read), tuple(attention))


def _in_language(templates: Iterable[Template], asked: str) -> list[Template]:
    primary = asked.split("-")[0]
    return [each for each in templates if each.language.lower() in (asked, primary)]


def _points(needs: Needs, easy_read: bool) -> int:
    ordinary = EASY_READ_POINTS if easy_read else STANDARD_POINTS
    if needs.points is None or needs.points <= ordinary:
        return ordinary
    return next((size for size in LARGE_PRINT_POINTS if size >= needs.points), LARGE_PRINT_POINTS[-1])
